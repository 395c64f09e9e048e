//===- LowerContractions.cpp - Contractions to register-tiled loops -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionEmitter.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/ScheduleDispatch.h"
#include "passes/Lowering/WeightPacking.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_LOWERCONTRACTIONS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class LowerContractionsPass
    : public orcinus::impl::LowerContractionsBase<LowerContractionsPass> {
public:
  using LowerContractionsBase::LowerContractionsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .vectorUnit(vectorBits, vectorRegisters, threads)
        .result();
  }

  void runOnOperation() override {
    target = VectorTarget::fromOptions(vectorBits, vectorRegisters);
    functions.clear();
    SymbolTable moduleSymbols(getOperation());
    symbols = &moduleSymbols;
    WeightPacking modulePacking(moduleSymbols, target, threads);
    packing = &modulePacking;
    SmallVector<linalg::LinalgOp> contractions;
    getOperation().walk(
        [&](linalg::LinalgOp op) { contractions.push_back(op); });
    for (linalg::LinalgOp op : contractions)
      if (failed(lower(op)))
        return signalPassFailure();
  }

private:
  /// Whether a schedule of `dispatch` is one of tiles, not of rows.
  static bool asksForTiles(const ScheduleDispatch &dispatch) {
    return llvm::any_of(dispatch.schedules(), [](const Schedule &schedule) {
      return schedule.find("tile_rows").has_value();
    });
  }

  /// The schedules that `dispatch` has, the default in the place of empty ones;
  /// an error where one of them does not fit.
  FailureOr<SmallVector<ContractionSchedule>>
  schedulesOf(const ScheduleDispatch &dispatch, const Contraction &contraction,
              Location location) {
    ContractionExtents extents = contraction.summary();
    extents.rightIsPrepared = prepareWeights && isWeight(contraction.right);
    int64_t lanes = target.lanes(contraction.elementType());
    SmallVector<ContractionSchedule> schedules;
    for (const Schedule &spelled : dispatch.schedules()) {
      if (spelled.empty()) {
        schedules.push_back(ContractionSchedule::byDefault(
            extents, target, contraction.elementType(), threads));
        continue;
      }
      FailureOr<ContractionSchedule> schedule =
          ContractionSchedule::fromSchedule(spelled, location);
      if (failed(schedule) ||
          failed(schedule->verify(extents, lanes, location)))
        return failure();
      schedules.push_back(*schedule);
    }
    return schedules;
  }

  LogicalResult lower(linalg::LinalgOp op) {
    // On tensors it is the tuner's description that asks what this matches.
    if (!op.hasPureBufferSemantics())
      return success();
    FailureOr<Contraction> contraction = Contraction::match(op);
    // The host's vectors extend nothing.
    if (failed(contraction) ||
        contraction->operandType() != contraction->elementType())
      return success();
    ScheduleDispatch dispatch = ScheduleDispatch::of(op);
    if (!contraction->pays && !asksForTiles(dispatch))
      return success();
    if (Operation *initialisation = contraction->absorbInitialisation(op))
      initialisation->erase();
    OpBuilder builder(op);
    contraction->collapse(builder);
    FailureOr<SmallVector<ContractionSchedule>> schedules =
        schedulesOf(dispatch, *contraction, op.getLoc());
    if (failed(schedules))
      return failure();

    dispatch.emit(builder, op, [&](OpBuilder &nested, size_t number) {
      call(*contraction, (*schedules)[number], nested, op.getLoc());
    });
    op->erase();
    ++loweredContractions;
    return success();
  }

  /// Calls the function that computes `contraction` by `schedule`.
  void call(Contraction contraction, ContractionSchedule schedule,
            OpBuilder &builder, Location location) {
    if (prepareWeights)
      packing->apply(contraction, schedule, builder);
    SmallVector<Value> arguments;
    for (Value *operand : {&contraction.left, &contraction.right,
                           &contraction.result, &contraction.bias})
      if (*operand)
        arguments.push_back(*operand = withAnyOffset(builder, *operand));
    func::FuncOp callee = functionFor(contraction, schedule, location);
    func::CallOp::create(builder, location, callee, arguments);
  }

  /// The one function that computes contractions like this one.
  func::FuncOp functionFor(const Contraction &contraction,
                           const ContractionSchedule &schedule,
                           Location location) {
    std::string key = contraction.signature();
    key += schedule.toSchedule().toString();
    func::FuncOp &function = functions[key];
    if (!function) {
      function = emitContraction(contraction, schedule, target, location);
      symbols->insert(function);
      ++outlinedFunctions;
    }
    return function;
  }

  VectorTarget target;
  SymbolTable *symbols = nullptr;
  WeightPacking *packing = nullptr;
  llvm::StringMap<func::FuncOp> functions;
};

} // namespace
