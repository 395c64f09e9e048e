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
    // All of them take what is around them before the first becomes a call,
    // which says less of what it reads.
    SmallVector<Work, 0> works;
    llvm::DenseSet<Operation *> taken;
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      prepare(op, works, taken);
    for (Work &work : works)
      if (failed(lower(work)))
        return signalPassFailure();
  }

private:
  /// A contraction, the op that it is, the one that starts its result, null
  /// where none does, and those that its epilogue takes up. All of them are
  /// there until it is lowered, so that others see what they read.
  struct Work {
    linalg::LinalgOp op;
    Contraction contraction;
    Operation *initialisation;
    SmallVector<linalg::GenericOp> readers;

    /// Where it is computed.
    Operation *place() { return readers.empty() ? op : readers.back(); }
  };

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
              linalg::LinalgOp op) {
    Location location = op.getLoc();
    ContractionExtents extents = contraction.summary();
    extents.rightIsPrepared = prepareWeights && isWeight(contraction.right);
    int64_t lanes = target.lanes(contraction.elementType());
    SmallVector<ContractionSchedule> schedules;
    for (const Schedule &spelled : dispatch.schedules()) {
      if (spelled.empty()) {
        schedules.push_back(ContractionSchedule::byDefault(
            extents, target, contraction.elementType(),
            threadsAt(op, threads)));
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

  /// Puts `op` among the `works` where it is a contraction that is lowered.
  static void prepare(linalg::LinalgOp op, SmallVector<Work, 0> &works,
                      llvm::DenseSet<Operation *> &taken) {
    // On tensors it is the tuner's description that asks what this matches.
    if (!op.hasPureBufferSemantics())
      return;
    FailureOr<Contraction> contraction = Contraction::match(op);
    // The host's vectors extend nothing.
    if (failed(contraction) ||
        contraction->operandType() != contraction->elementType() ||
        (!contraction->pays && !asksForTiles(ScheduleDispatch::of(op))))
      return;
    Contraction started = *contraction;
    Operation *initialisation = started.absorbInitialisation(op);
    if (taken.contains(initialisation))
      initialisation = nullptr;
    if (initialisation)
      contraction = std::move(started);
    SmallVector<linalg::GenericOp> readers =
        contraction->absorbReaders(op, initialisation, taken);
    taken.insert(readers.begin(), readers.end());
    works.push_back(
        {op, std::move(*contraction), initialisation, std::move(readers)});
  }

  LogicalResult lower(Work &work) {
    Contraction &contraction = work.contraction;
    linalg::LinalgOp op = work.op;
    OpBuilder builder(work.place());
    if (work.initialisation)
      work.initialisation->erase();
    Value sums = contraction.result;
    contraction.storeInPlace();
    contraction.collapse(builder, /*mayDivide=*/true);
    ScheduleDispatch dispatch = ScheduleDispatch::of(op);
    FailureOr<SmallVector<ContractionSchedule>> schedules =
        schedulesOf(dispatch, contraction, op);
    if (failed(schedules))
      return failure();

    dispatch.emit(builder, op, [&](OpBuilder &nested, size_t number) {
      call(contraction, (*schedules)[number], nested, op.getLoc());
    });
    absorbedOps += work.readers.size();
    for (linalg::GenericOp reader : work.readers)
      reader.erase();
    op->erase();
    if (auto allocation = sums.getDefiningOp<memref::AllocOp>();
        allocation && allocation->use_empty())
      allocation.erase();
    ++loweredContractions;
    return success();
  }

  /// Calls the function that computes `contraction` by `schedule`.
  void call(Contraction contraction, ContractionSchedule schedule,
            OpBuilder &builder, Location location) {
    if (prepareWeights)
      packing->apply(contraction, schedule, builder);
    SmallVector<Value> arguments;
    for (Value *operand : contraction.arguments())
      arguments.push_back(*operand = withAnyOffset(builder, *operand));
    func::FuncOp callee = functionFor(contraction, schedule, location);
    func::CallOp::create(builder, location, callee, arguments);
  }

  /// The one function that computes contractions like this one.
  func::FuncOp functionFor(Contraction &contraction,
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
