//===- SpecializeOperator.cpp - An operator at other extents --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/SpecializeOperator.h"

#include "passes/Lowering/Weights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

namespace {

/// Gives the values of a copy of an operator the types that fit its extents.
class ExtentRewriter {
public:
  ExtentRewriter(const OperatorAnalysis &analysis, ArrayRef<int64_t> extents)
      : analysis(analysis), extents(extents),
        copy(analysis.getOperator().clone()) {}

  eto::OperatorOp run() {
    for (auto [original, cloned] :
         llvm::zip(analysis.getOperator().getBody().front(), body()))
      if (auto op = dyn_cast<linalg::LinalgOp>(original))
        retype(op, cast<linalg::LinalgOp>(cloned));
    makeStatic();
    copy.setFunctionType(
        FunctionType::get(copy.getContext(), body().getArgumentTypes(),
                          body().getTerminator()->getOperandTypes()));
    copy.removeBucketsAttr();
    copy.removeProgramsAttr();
    return copy;
  }

private:
  Block &body() { return copy.getBody().front(); }

  void retype(linalg::LinalgOp original, linalg::LinalgOp cloned) {
    for (auto [operand, target] :
         llvm::zip(original->getOpOperands(), cloned->getOperands())) {
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (!type)
        continue;
      AffineMap map = original.getMatchingIndexingMap(&operand);
      SmallVector<int64_t> shape;
      for (auto [index, extent] : llvm::zip(map.getResults(), type.getShape()))
        shape.push_back(extentOf(original, index, extent));
      target.setType(RankedTensorType::get(shape, type.getElementType()));
    }
    for (auto [init, result] :
         llvm::zip(cloned.getDpsInits(), cloned->getResults()))
      result.setType(init.getType());
  }

  /// The extent of a dimension that `op` indexes by `index`; `before` where no
  /// loop of it has another extent than before, as a tensor may be larger than
  /// what is read.
  int64_t extentOf(linalg::LinalgOp op, AffineExpr index,
                   int64_t before) const {
    bool changed = ShapedType::isDynamic(before);
    SmallVector<AffineExpr> last;
    for (unsigned dimension = 0; dimension < op.getNumLoops(); ++dimension) {
      unsigned loop = analysis.loopOf(op, dimension);
      changed |= index.isFunctionOfDim(dimension) &&
                 extents[loop] != analysis.loops()[loop].extent;
      last.push_back(
          getAffineConstantExpr(extents[loop] - 1, op->getContext()));
    }
    if (!changed)
      return before;
    AffineExpr reached = index.replaceDims(last);
    return cast<AffineConstantExpr>(reached).getValue() + 1;
  }

  /// Replaces empty tensors and extents by static ones.
  void makeStatic() {
    for (Operation &op : llvm::make_early_inc_range(body())) {
      OpBuilder builder(&op);
      Value replacement;
      if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
        RankedTensorType type = empty.getType();
        replacement = tensor::EmptyOp::create(
            builder, op.getLoc(), type.getShape(), type.getElementType());
      } else if (auto extent = dyn_cast<tensor::DimOp>(op)) {
        auto type = cast<RankedTensorType>(extent.getSource().getType());
        if (std::optional<int64_t> index = extent.getConstantIndex())
          replacement = arith::ConstantIndexOp::create(builder, op.getLoc(),
                                                       type.getDimSize(*index));
      }
      if (replacement) {
        op.replaceAllUsesWith(ValueRange{replacement});
        op.erase();
      }
    }
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  const OperatorAnalysis &analysis;
  ArrayRef<int64_t> extents;
  eto::OperatorOp copy;
};

} // namespace

eto::OperatorOp orcinus::specializeOperator(const OperatorAnalysis &analysis,
                                            ArrayRef<int64_t> extents) {
  return ExtentRewriter(analysis, extents).run();
}

/// The body of `op`, which is erased, as the only function of a module.
static std::string printAsFunction(eto::OperatorOp op) {
  OpBuilder builder(op.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(op.getLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto function = func::FuncOp::create(builder, op.getLoc(), "operator",
                                       op.getFunctionType());
  for (int64_t weight : op.getWeights())
    function.setArgAttr(weight, weightArgumentName, builder.getUnitAttr());
  function.getBody().takeBody(op.getBody());
  Operation *yield = function.getBody().front().getTerminator();
  builder.setInsertionPoint(yield);
  func::ReturnOp::create(builder, yield->getLoc(), yield->getOperands());
  yield->erase();
  op->erase();
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}

TunableOperator orcinus::makeTunable(const OperatorAnalysis &analysis,
                                     int64_t bucket) {
  TunableOperator tunable;
  tunable.description = analysis.describe(bucket);
  tunable.module =
      printAsFunction(specializeOperator(analysis, analysis.extents(bucket)));
  return tunable;
}
