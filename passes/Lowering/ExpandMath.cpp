//===- ExpandMath.cpp - Transcendental functions to polynomials -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function reduces its argument to a short interval, evaluates a
// polynomial there, and undoes the reduction, so that the same code serves a
// scalar and a vector. Only sine and cosine branch: the reduction of a large
// angle costs as much as all the rest. The polynomials are fitted to the
// least relative error of the function on the interval.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_EXPANDMATH
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

/// Adding this to a float of less than 2^22 rounds it to an integer, which
/// then stands in the sum's lowest bits. Unlike a conversion it is defined
/// for every input.
constexpr double roundingFloat = 0x1.8p23;
constexpr double roundingDouble = 0x1.8p52;

/// Arithmetic on floats of one shape: a scalar's or a vector's.
class FloatBuilder {
public:
  FloatBuilder(OpBuilder &builder, Location location, Type shape)
      : builder(builder), location(location), shape(shape) {}

  Type typeOf(Type element) const {
    auto vector = dyn_cast<VectorType>(shape);
    return vector ? Type(vector.clone(element)) : element;
  }
  Type f32() { return typeOf(builder.getF32Type()); }
  Type f64() { return typeOf(builder.getF64Type()); }
  Type i32() { return typeOf(builder.getI32Type()); }
  Type i64() { return typeOf(builder.getI64Type()); }

  Value number(double value) { return constant(f32(), value); }
  Value number64(double value) { return constant(f64(), value); }
  Value integer(int64_t value) {
    return arith::ConstantOp::create(
        builder, location,
        splat(i32(), builder.getI32IntegerAttr(static_cast<int32_t>(value))));
  }

  Value add(Value a, Value b) { return make<arith::AddFOp>(a, b); }
  Value subtract(Value a, Value b) { return make<arith::SubFOp>(a, b); }
  Value multiply(Value a, Value b) { return make<arith::MulFOp>(a, b); }
  Value divide(Value a, Value b) { return make<arith::DivFOp>(a, b); }
  /// a · b + c, rounded once.
  Value fma(Value a, Value b, Value c) { return make<math::FmaOp>(a, b, c); }
  Value addInt(Value a, Value b) { return make<arith::AddIOp>(a, b); }
  Value subtractInt(Value a, Value b) { return make<arith::SubIOp>(a, b); }
  Value shiftLeft(Value a, int64_t by) {
    return make<arith::ShLIOp>(a, integer(by));
  }
  Value shiftRight(Value a, int64_t by) {
    return make<arith::ShRSIOp>(a, integer(by));
  }
  Value andInt(Value a, int64_t bits) {
    return make<arith::AndIOp>(a, integer(bits));
  }
  Value xorInt(Value a, Value b) { return make<arith::XOrIOp>(a, b); }
  Value bits(Value a) {
    return arith::BitcastOp::create(builder, location, i32(), a);
  }
  Value fromBits(Value a) {
    return arith::BitcastOp::create(builder, location, f32(), a);
  }
  Value absolute(Value a) { return make<math::AbsFOp>(a); }
  Value select(Value condition, Value a, Value b) {
    return make<arith::SelectOp>(condition, a, b);
  }
  /// An ordered comparison: false where an operand is no number.
  Value less(Value a, Value b) {
    return make<arith::CmpFOp>(arith::CmpFPredicate::OLT, a, b);
  }
  Value equal(Value a, Value b) {
    return make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, a, b);
  }
  /// `value` within [low, high]; what is no number stays so.
  Value clamp(Value value, Value low, Value high) {
    value = select(less(value, low), low, value);
    return select(less(high, value), high, value);
  }
  /// Σ coefficients[i] · x^i.
  Value polynomial(Value x, ArrayRef<double> coefficients) {
    Value sum = number(coefficients.back());
    for (double coefficient : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, number(coefficient));
    return sum;
  }
  /// The pair of values that one of the two functions makes.
  template <typename Then, typename Else>
  auto branch(Value condition, Then makeThen, Else makeElse) {
    auto yield = [&](auto pair) {
      auto [first, second] = pair;
      scf::YieldOp::create(builder, location, ValueRange{first, second});
    };
    auto branch =
        scf::IfOp::create(builder, location, TypeRange{f32(), i32()}, condition,
                          /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    yield(makeThen());
    builder.setInsertionPointToStart(branch.elseBlock());
    yield(makeElse());
    return std::pair<Value, Value>(branch.getResult(0), branch.getResult(1));
  }
  template <typename OpTy, typename... Args>
  Value make(Args... arguments) {
    return OpTy::create(builder, location, arguments...);
  }
  template <typename OpTy>
  Value convert(Type type, Value value) {
    return OpTy::create(builder, location, type, value);
  }

private:
  Value constant(Type type, double value) {
    Type element = getElementTypeOrSelf(type);
    return arith::ConstantOp::create(
        builder, location, splat(type, builder.getFloatAttr(element, value)));
  }
  TypedAttr splat(Type type, TypedAttr value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return DenseElementsAttr::get(vector, value);
    return value;
  }

  OpBuilder &builder;
  Location location;
  Type shape;
};

/// e^x = 2^n · e^r with n = round(x / ln 2), |r| ≤ ln 2 / 2.
Value expandExp(FloatBuilder &b, Value x) {
  // Beyond these the result is infinite or zero, and n would not fit.
  x = b.clamp(x, b.number(-104), b.number(89));
  Value rounding = b.number(roundingFloat);
  Value shifted = b.fma(x, b.number(0x1.715476p0), rounding);
  Value n = b.subtract(shifted, rounding);
  Value r = b.fma(n, b.number(-0x1.62e43p-1), x);
  r = b.fma(n, b.number(0x1.05c61p-29), r);
  Value p = b.polynomial(
      r, {0.499999934, 0.1666652, 0.0416683958, 0.0083687967, 0.0013814433});
  p = b.add(b.fma(b.multiply(r, r), p, r), b.number(1));

  // 2^n in two factors, neither of which overflows or is denormal.
  Value exponent = b.subtractInt(b.bits(shifted), b.bits(rounding));
  Value half = b.shiftRight(exponent, 1);
  auto power = [&](Value of) {
    return b.fromBits(b.shiftLeft(b.addInt(of, b.integer(127)), 23));
  };
  p = b.multiply(p, power(half));
  return b.multiply(p, power(b.subtractInt(exponent, half)));
}

/// log x = e · ln 2 + log m with x = 2^e · m, m in [√½, √2).
Value expandLog(FloatBuilder &b, Value x) {
  Value denormal = b.less(x, b.number(0x1p-126));
  Value normal = b.select(denormal, b.multiply(x, b.number(0x1p23)), x);
  Value bits = b.bits(normal);
  Value exponent =
      b.shiftRight(b.subtractInt(bits, b.integer(/*√½*/ 0x3f3504f3)), 23);
  Value mantissa = b.fromBits(b.subtractInt(bits, b.shiftLeft(exponent, 23)));
  Value e = b.add(b.convert<arith::SIToFPOp>(b.f32(), exponent),
                  b.select(denormal, b.number(-23), b.number(0)));

  Value f = b.subtract(mantissa, b.number(1));
  Value square = b.multiply(f, f);
  Value y = b.polynomial(f, {0.33333313, -0.2500001, 0.20002119, -0.16667996,
                             0.14219552, -0.12405589, 0.11888163, -0.11675651,
                             0.067466386});
  y = b.multiply(b.multiply(f, square), y);
  // ln 2 in two parts, the first short enough for e · ln 2 to be exact.
  y = b.fma(e, b.number(-2.12194440e-4), y);
  y = b.fma(b.number(-0.5), square, y);
  Value result = b.fma(e, b.number(0.693359375), b.add(f, y));

  constexpr double infinity = std::numeric_limits<double>::infinity();
  result = b.select(b.less(x, b.number(infinity)), result, x);
  result = b.select(b.less(x, b.number(0)),
                    b.number(std::numeric_limits<double>::quiet_NaN()), result);
  return b.select(b.equal(x, b.number(0)), b.number(-infinity), result);
}

/// log(1 + x) = log u + (what rounding 1 + x to u lost) / u.
Value expandLog1p(FloatBuilder &b, Value x) {
  Value one = b.number(1);
  Value infinite = b.number(std::numeric_limits<double>::infinity());
  Value u = b.add(x, one);
  Value lost = b.subtract(x, b.subtract(u, one));
  Value logarithm = expandLog(b, u);
  Value result = b.add(logarithm, b.divide(lost, u));
  Value exact = b.select(b.equal(u, b.number(0)), logarithm, result);
  return b.select(b.equal(x, infinite), x, exact);
}

/// A polynomial near zero, 1 - 2 / (e^2|x| + 1) elsewhere.
Value expandTanh(FloatBuilder &b, Value x) {
  Value magnitude = b.absolute(x);
  Value square = b.multiply(x, x);
  Value p = b.polynomial(square, {-0.3333328, 0.13331442, -0.053739715,
                                  0.020639086, -0.0057049864});
  Value near = b.fma(b.multiply(x, square), p, x);

  Value one = b.number(1), two = b.number(2);
  Value bounded = b.clamp(magnitude, b.number(0), b.number(10));
  Value power = expandExp(b, b.multiply(two, bounded));
  Value far = b.subtract(one, b.divide(two, b.add(power, one)));
  far = b.make<math::CopySignOp>(far, x);
  return b.select(b.less(magnitude, b.number(0.625)), near, far);
}

/// A polynomial near zero; elsewhere one minus erfc |x|, the exponential of a
/// polynomial that reaches as far as erfc matters.
Value expandErf(FloatBuilder &b, Value x) {
  Value magnitude = b.absolute(x);
  Value square = b.multiply(x, x);
  Value p = b.polynomial(square, {0.128379154, -0.376125233, 0.112821408,
                                  -0.026778909, 0.0050119629, -0.000609036039});
  Value near = b.fma(x, p, x);

  Value bounded = b.clamp(magnitude, b.number(0), b.number(4));
  Value logarithm = b.polynomial(
      bounded, {-0.000166448055, -1.12779724, -0.636976086, -0.104113676,
                0.0223152117, -0.00306548995, 0.000198219618});
  Value far = b.subtract(b.number(1), expandExp(b, logarithm));
  far = b.make<math::CopySignOp>(far, x);
  return b.select(b.less(magnitude, b.number(0.9)), near, far);
}

/// x less a multiple of π/2, within about π/4 of zero, and the multiple.
struct ReducedAngle {
  Value rest, quadrant;
};

/// In f32, with π/2 in three parts: for |x| below `shortAngle`, where the
/// nearest multiple is found and the first difference is exact. Up to 2^15
/// that still holds, but the error of the later parts grows with the multiple.
constexpr double shortAngle = 0x1p7;
ReducedAngle reduceShortAngle(FloatBuilder &b, Value x) {
  Value rounding = b.number(roundingFloat);
  Value shifted = b.fma(x, b.number(0x1.45f306p-1), rounding);
  Value n = b.subtract(shifted, rounding);
  Value rest = b.fma(n, b.number(-0x1.921fb6p0), x);
  rest = b.fma(n, b.number(0x1.777a5cp-25), rest);
  rest = b.fma(n, b.number(0x1.ee59dap-50), rest);
  return {rest, b.bits(shifted)};
}

/// In f64, whose error is below f32's for |x| < 2^50; beyond, where
/// neighbouring floats are many periods apart, the rest is some value.
ReducedAngle reduceAnyAngle(FloatBuilder &b, Value x) {
  Value wide = b.convert<arith::ExtFOp>(b.f64(), x);
  Value rounding = b.number64(roundingDouble);
  Value shifted = b.fma(wide, b.number64(0x1.45f306dc9c883p-1), rounding);
  Value n = b.subtract(shifted, rounding);
  Value r = b.fma(n, b.number64(-0x1.921fb54442d18p0), wide);
  r = b.fma(n, b.number64(-0x1.1a62633145c07p-54), r);
  Value narrow = b.convert<arith::TruncFOp>(b.f32(), r);
  return {b.clamp(narrow, b.number(-0.7854), b.number(0.7854)),
          b.convert<arith::TruncIOp>(
              b.i32(), b.convert<arith::BitcastOp>(b.i64(), shifted))};
}

/// The cheap way where all lanes allow it: they nearly always do.
ReducedAngle reduceAngle(FloatBuilder &b, Value x) {
  auto vector = dyn_cast<VectorType>(x.getType());
  if (vector && vector.getRank() != 1)
    return reduceAnyAngle(b, x);
  Value isShort = b.less(b.absolute(x), b.number(shortAngle));
  if (vector)
    isShort = b.make<vector::ReductionOp>(vector::CombiningKind::AND, isShort);
  auto [rest, quadrant] = b.branch(
      isShort, [&] { return reduceShortAngle(b, x); },
      [&] { return reduceAnyAngle(b, x); });
  return {rest, quadrant};
}

/// The sine of x + shift · π/2, in [-1, 1] for all that is a number.
Value expandSine(FloatBuilder &b, Value x, int64_t shift) {
  auto [narrow, quadrant] = reduceAngle(b, x);
  quadrant = b.addInt(quadrant, b.integer(shift));

  Value z = b.multiply(narrow, narrow);
  Value sine =
      b.fma(b.multiply(narrow, z),
            b.polynomial(z, {-0.16666655, 0.00833216, -0.000195152}), narrow);
  Value cosine =
      b.fma(b.multiply(z, z),
            b.polynomial(z, {0.041666646, -0.0013887315, 2.4433062e-05}),
            b.fma(z, b.number(-0.5), b.number(1)));
  Value odd = b.make<arith::CmpIOp>(arith::CmpIPredicate::ne,
                                    b.andInt(quadrant, 1), b.integer(0));
  Value sign = b.shiftLeft(b.andInt(quadrant, 2), 30);
  return b.fromBits(b.xorInt(b.bits(b.select(odd, cosine, sine)), sign));
}

Value expandRsqrt(FloatBuilder &b, Value x) {
  return b.divide(b.number(1), b.make<math::SqrtOp>(x));
}

class ExpandMathPass : public orcinus::impl::ExpandMathBase<ExpandMathPass> {
public:
  void runOnOperation() override {
    SmallVector<Operation *> functions;
    getOperation()->walk([&](Operation *op) {
      if (isa<math::MathDialect>(op->getDialect()) &&
          getElementTypeOrSelf(op->getResult(0)).isF32())
        functions.push_back(op);
    });
    for (Operation *op : functions)
      expand(op);
  }

private:
  void expand(Operation *op) {
    OpBuilder builder(op);
    FloatBuilder b(builder, op->getLoc(), op->getResult(0).getType());
    Value x = op->getOperand(0);
    Value result = llvm::TypeSwitch<Operation *, Value>(op)
                       .Case([&](math::ExpOp) { return expandExp(b, x); })
                       .Case([&](math::LogOp) { return expandLog(b, x); })
                       .Case([&](math::Log1pOp) { return expandLog1p(b, x); })
                       .Case([&](math::TanhOp) { return expandTanh(b, x); })
                       .Case([&](math::ErfOp) { return expandErf(b, x); })
                       .Case([&](math::SinOp) { return expandSine(b, x, 0); })
                       .Case([&](math::CosOp) { return expandSine(b, x, 1); })
                       .Case([&](math::RsqrtOp) { return expandRsqrt(b, x); })
                       .Default([](Operation *) { return Value(); });
    if (!result)
      return;
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
    ++expandedFunctions;
  }
};

} // namespace
