//===- LowerContractions.cpp - Contractions to register-tiled loops -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionEmitter.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"

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

  void runOnOperation() override {
    target = VectorTarget::fromOptions(vectorBits, vectorRegisters);
    functions.clear();
    SymbolTable moduleSymbols(getOperation());
    symbols = &moduleSymbols;
    SmallVector<linalg::LinalgOp> contractions;
    getOperation().walk(
        [&](linalg::LinalgOp op) { contractions.push_back(op); });
    for (linalg::LinalgOp op : contractions)
      if (failed(lower(op)))
        return signalPassFailure();
  }

private:
  FailureOr<ContractionSchedule> scheduleOf(linalg::LinalgOp op,
                                            const Contraction &contraction) {
    ContractionExtents extents = contraction.summary();
    auto attribute =
        op->getAttrOfType<DictionaryAttr>(ContractionSchedule::attributeName);
    if (!attribute)
      return ContractionSchedule::byDefault(extents, target,
                                            contraction.elementType(), threads);
    FailureOr<ContractionSchedule> schedule =
        ContractionSchedule::fromAttribute(attribute, op.getLoc());
    if (failed(schedule) ||
        failed(schedule->verify(
            extents, target.lanes(contraction.elementType()), op.getLoc())))
      return failure();
    return schedule;
  }

  LogicalResult lower(linalg::LinalgOp op) {
    FailureOr<Contraction> contraction = Contraction::match(op);
    if (failed(contraction))
      return success();
    if (Operation *initialisation = contraction->absorbInitialisation(op))
      initialisation->erase();
    OpBuilder builder(op);
    contraction->collapse(builder);
    FailureOr<ContractionSchedule> schedule = scheduleOf(op, *contraction);
    if (failed(schedule))
      return failure();

    SmallVector<Value> arguments;
    for (Value *operand : {&contraction->left, &contraction->right,
                           &contraction->result, &contraction->bias})
      if (*operand)
        arguments.push_back(*operand = withAnyOffset(builder, *operand));
    func::FuncOp callee = functionFor(*contraction, *schedule, op.getLoc());
    func::CallOp::create(builder, op.getLoc(), callee, arguments);
    op->erase();
    ++loweredContractions;
    return success();
  }

  /// The one function that computes contractions like this one.
  func::FuncOp functionFor(const Contraction &contraction,
                           const ContractionSchedule &schedule,
                           Location location) {
    std::string key = contraction.signature();
    llvm::raw_string_ostream(key) << schedule.toAttribute(&getContext());
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
  llvm::StringMap<func::FuncOp> functions;
};

} // namespace
