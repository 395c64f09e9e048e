//===- MapToGpu.cpp - Ops on memrefs to launches of kernels ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Lowering/ScheduleDispatch.h"
#include "passes/Support/OptionChecks.h"
#include "passes/Target/ContractionKernels.h"
#include "passes/Target/ElementKernels.h"
#include "passes/Target/GpuKernelEmitter.h"
#include "passes/Target/Passes.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_MAPTOGPU
#include "passes/Target/Passes.h.inc"
} // namespace orcinus

namespace {

/// A contraction, and how it will be executed: by one of several schedules.
struct PlannedContraction {
  Contraction contraction;
  ScheduleDispatch dispatch;
  SmallVector<GpuContractionSchedule> schedules;
};

class MapToGpuPass : public orcinus::impl::MapToGpuBase<MapToGpuPass> {
public:
  using MapToGpuBase::MapToGpuBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(subgroupSize, 32, 64)
        .zeroOrPowerOfTwo(subgroupSize, 32, 64)
        .inRange(workgroupBytes, 1 << 10, 1 << 20)
        .result();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Operation *> ops;
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      function.walk([&](Operation *op) {
        if (isa<linalg::LinalgOp>(op) || isKernel(op))
          ops.push_back(op);
      });
    GpuTarget target;
    target.subgroupSize = subgroupSize;
    target.workgroupBytes = workgroupBytes;
    target.matrixInstructions = matrixInstructions;
    if (failed(checkSubgroups(target)))
      return signalPassFailure();
    for (Operation *op : ops)
      if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>)) {
        op->emitError("'") << op->getName()
                           << "' is on tensors: bufferize before kernels are "
                              "made of it";
        return signalPassFailure();
      }
    // Before there are launches, it is plain what each op reads and writes.
    llvm::DenseMap<Operation *, PlannedContraction> contractions;
    llvm::DenseSet<Operation *> absorbed;
    for (Operation *op : ops)
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
        if (failed(plan(linalgOp, target, contractions, absorbed)))
          return signalPassFailure();

    KernelModule kernels(module, target);
    GpuKernelEmitter emitter(kernels, &getContext());
    for (Operation *op : ops) {
      if (absorbed.contains(op))
        continue;
      if (failed(map(op, kernels, emitter, contractions)))
        return signalPassFailure();
      ++mappedOps;
    }
    gpuKernels += kernels.numKernels();
    kernels.finish();
  }

private:
  /// An error where the matrix instructions are not for such subgroups.
  LogicalResult checkSubgroups(const GpuTarget &target) {
    const MatrixInstruction *instruction = MatrixInstruction::find(
        target.matrixInstructions, Float32Type::get(&getContext()));
    if (!instruction || instruction->lanes == target.subgroupSize)
      return success();
    return getOperation().emitError("matrix instructions of ")
           << instruction->lanes << " threads are not for subgroups of "
           << target.subgroupSize;
  }

  static LogicalResult
  plan(linalg::LinalgOp op, const GpuTarget &target,
       llvm::DenseMap<Operation *, PlannedContraction> &contractions,
       llvm::DenseSet<Operation *> &absorbed) {
    // On tensors it is the tuner's description that asks what this matches.
    if (!op.hasPureBufferSemantics())
      return success();
    FailureOr<Contraction> found = Contraction::match(op);
    // Tiles are read at the last index where there is no further one: there
    // must be one.
    if (failed(found) || !hasTiledKernel(*found) ||
        llvm::is_contained(found->extents, 0))
      return success();
    ScheduleDispatch dispatch = ScheduleDispatch::of(op);
    if (!found->pays &&
        llvm::all_of(dispatch.schedules(),
                     [](const Schedule &schedule) { return schedule.empty(); }))
      return success();
    FailureOr<SmallVector<GpuContractionSchedule>> schedules =
        schedulesOf(dispatch, *found, target, op.getLoc());
    if (failed(schedules))
      return failure();
    // Parts are added to what is there.
    bool startsAnew =
        llvm::all_of(*schedules, [](const GpuContractionSchedule &schedule) {
          return schedule.reductionParts == 1;
        });
    if (startsAnew)
      if (Operation *start = found->absorbInitialisation(op)) {
        absorbed.insert(start);
        start->erase();
      }
    OpBuilder builder(op);
    // A kernel's indices are linear.
    found->collapse(builder, /*mayDivide=*/false);
    contractions[op] = {*found, std::move(dispatch), std::move(*schedules)};
    return success();
  }

  /// Those of `dispatch`, the default in the place of empty ones; an error
  /// where one of them does not fit.
  static FailureOr<SmallVector<GpuContractionSchedule>>
  schedulesOf(const ScheduleDispatch &dispatch, const Contraction &contraction,
              const GpuTarget &target, Location location) {
    Type operandType = contraction.operandType();
    SmallVector<GpuContractionSchedule> schedules;
    for (const Schedule &each : dispatch.schedules()) {
      FailureOr<GpuContractionSchedule> schedule =
          each.empty() ? GpuContractionSchedule::byDefault(
                             contraction.summary(), target, operandType)
                       : GpuContractionSchedule::fromSchedule(each, location);
      if (failed(schedule) ||
          failed(schedule->verify(target, operandType, location)))
        return failure();
      schedules.push_back(*schedule);
    }
    return schedules;
  }

  static LogicalResult
  map(Operation *op, KernelModule &kernels, GpuKernelEmitter &emitter,
      const llvm::DenseMap<Operation *, PlannedContraction> &contractions) {
    if (isKernel(op))
      return lowerAnyKernel(op, emitter);
    auto planned = contractions.find(op);
    if (planned == contractions.end())
      return mapElements(cast<linalg::LinalgOp>(op), kernels);
    mapPlanned(cast<linalg::LinalgOp>(op), planned->second, kernels);
    op->erase();
    return success();
  }

  /// Of several schedules the kernels of all are launched, those that do not
  /// count over no blocks.
  static void mapPlanned(linalg::LinalgOp op, const PlannedContraction &planned,
                         KernelModule &kernels) {
    OpBuilder builder(op);
    SmallVector<Value> conditions =
        planned.dispatch.emitConditions(builder, op);
    conditions.resize(planned.schedules.size());
    for (auto [schedule, condition] :
         llvm::zip_equal(planned.schedules, conditions)) {
      KernelModule::Condition scope(kernels, condition);
      mapContraction(op, planned.contraction, schedule, kernels);
    }
  }
};

} // namespace
