//===- CheckExtents.cpp - Checks that extents agree at run time -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <optional>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_CHECKEXTENTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

/// A dimension of an operand.
struct OperandDimension {
  OpOperand *operand = nullptr;
  unsigned dimension = 0;

  bool isDynamic() const {
    return cast<ShapedType>(operand->get().getType()).isDynamicDim(dimension);
  }
  std::string toString() const {
    return ("dimension " + Twine(dimension) + " of operand " +
            Twine(operand->getOperandNumber()))
        .str();
  }
};

/// Puts the checks of one op before it.
class ExtentChecker {
public:
  explicit ExtentChecker(linalg::LinalgOp op)
      : op(op), builder(op), loops(op.getNumLoops()) {}

  /// Returns how many there are.
  int64_t check() {
    forEachExpression([&](OperandDimension place, AffineExpr expression) {
      auto loop = dyn_cast<AffineDimExpr>(expression);
      if (!loop)
        return;
      std::optional<OperandDimension> &first = loops[loop.getPosition()];
      if (!first)
        first = place;
      else if (first->isDynamic() || place.isDynamic())
        checkEqual(*first, place);
    });
    forEachExpression([&](OperandDimension place, AffineExpr expression) {
      if (!isa<AffineDimExpr>(expression))
        checkReach(place, expression);
    });
    return checks;
  }

private:
  template <typename Body>
  void forEachExpression(Body body) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<ShapedType>(operand.get().getType()))
        continue;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [dimension, expression] : llvm::enumerate(map.getResults()))
        body(OperandDimension{&operand, static_cast<unsigned>(dimension)},
             expression);
    }
  }

  Value extentOf(OperandDimension place) {
    return tensor::DimOp::create(builder, op.getLoc(), place.operand->get(),
                                 place.dimension);
  }

  void checkEqual(OperandDimension one, OperandDimension other) {
    Value equal =
        arith::CmpIOp::create(builder, op.getLoc(), arith::CmpIPredicate::eq,
                              extentOf(one), extentOf(other));
    require(equal, other.toString() + " differs from " + one.toString());
  }

  /// That the windows which `expression` slides over a dimension end within it.
  /// Only sums of loops by factors that are not negative are looked at.
  void checkReach(OperandDimension place, AffineExpr expression) {
    Location location = op.getLoc();
    Value last = number(0);
    bool isDynamic = place.isDynamic(), isKnown = true;
    for (auto [loop, first] : llvm::enumerate(loops)) {
      std::optional<int64_t> factor = factorOf(expression, loop);
      isKnown &= factor && *factor >= 0;
      if (!isKnown || *factor == 0)
        continue;
      if (!first)
        return;
      isDynamic |= first->isDynamic();
      Value turns =
          arith::SubIOp::create(builder, location, extentOf(*first), number(1));
      Value reach =
          arith::MulIOp::create(builder, location, turns, number(*factor));
      last = arith::AddIOp::create(builder, location, last, reach);
    }
    if (!isKnown || !isDynamic)
      return;
    Value within = arith::CmpIOp::create(
        builder, location, arith::CmpIPredicate::slt, last, extentOf(place));
    require(within, "the windows over " + place.toString() + " pass its end");
  }

  /// What `loop` is multiplied by in `expression`, a sum of such products;
  /// nothing where it is none.
  std::optional<int64_t> factorOf(AffineExpr expression, unsigned loop) const {
    if (auto dimension = dyn_cast<AffineDimExpr>(expression))
      return dimension.getPosition() == loop ? 1 : 0;
    if (auto constant = dyn_cast<AffineConstantExpr>(expression))
      return constant.getValue() == 0 ? std::optional<int64_t>(0)
                                      : std::nullopt;
    auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
    if (!binary)
      return std::nullopt;
    std::optional<int64_t> left = factorOf(binary.getLHS(), loop);
    if (expression.getKind() == AffineExprKind::Mul) {
      auto by = dyn_cast<AffineConstantExpr>(binary.getRHS());
      return left && by ? std::optional(*left * by.getValue()) : std::nullopt;
    }
    std::optional<int64_t> right = factorOf(binary.getRHS(), loop);
    if (expression.getKind() != AffineExprKind::Add || !left || !right)
      return std::nullopt;
    return *left + *right;
  }

  Value number(int64_t value) {
    return arith::ConstantIndexOp::create(builder, op.getLoc(), value);
  }

  void require(Value condition, const std::string &what) {
    std::string text = "in " + op->getName().getStringRef().str();
    if (auto place = op.getLoc()->findInstanceOf<FileLineColLoc>())
      text += (" (" + place.getFilename().getValue() + ":" +
               Twine(place.getLine()) + ":" + Twine(place.getColumn()) + ")")
                  .str();
    cf::AssertOp::create(builder, op.getLoc(), condition, text + ", " + what);
    ++checks;
  }

  linalg::LinalgOp op;
  OpBuilder builder;
  /// Of each loop, a dimension that it goes through.
  SmallVector<std::optional<OperandDimension>> loops;
  int64_t checks = 0;
};

class CheckExtentsPass
    : public orcinus::impl::CheckExtentsBase<CheckExtentsPass> {
public:
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics() && op.hasDynamicShape())
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      addedChecks += ExtentChecker(op).check();
  }
};

} // namespace
