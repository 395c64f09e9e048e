//===- Number.cpp - A value and how wrong it may be -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Number.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;
using namespace orcinus::differential;

/// Units in the last place that an elementary function may be off.
static constexpr double functionUnits = 8;

static double unitOf(ElementType type) {
  return std::ldexp(1.0, -precisionOf(type));
}

static bool isExactInteger(Number number) {
  return number.error == 0 && number.value == std::trunc(number.value);
}

/// What rounding to `type` adds to the error of a result of `magnitude`.
static double rounding(ElementType type, double magnitude, double units = 1) {
  if (!isFloat(type))
    return 0;
  return units * unitOf(type) * magnitude + smallestOf(type);
}

/// Whether no order of these operations rounds.
static bool staysExact(Number left, Number right, double magnitude,
                       ElementType type) {
  return isExactInteger(left) && isExactInteger(right) &&
         magnitude <= std::ldexp(1.0, precisionOf(type));
}

Number Number::exactly(double value) { return {value, std::abs(value), 0}; }

bool Number::admits(double actual, ElementType type) const {
  if (std::isnan(value))
    return std::isnan(actual);
  if (std::isinf(value))
    return actual == value;
  if (error == 0)
    return actual == value;
  // Nothing can be told of it.
  if (!std::isfinite(error))
    return true;
  // The bound is of first order and the oracle rounds, too. What is smaller
  // than a normal number the compiled exp takes for zero.
  double allowed = 2 * error + rounding(type, std::abs(value));
  if (type == ElementType::F32 || type == ElementType::F64)
    allowed += std::ldexp(smallestOf(type), precisionOf(type) - 1);
  // Written so that NaN fails.
  return std::abs(actual - value) <= allowed;
}

Number differential::add(Number left, Number right, ElementType type) {
  Number sum{left.value + right.value, left.magnitude + right.magnitude,
             left.error + right.error};
  if (!staysExact(left, right, sum.magnitude, type))
    sum.error += rounding(type, sum.magnitude + sum.error);
  return sum;
}

Number differential::subtract(Number left, Number right, ElementType type) {
  return add(left, negate(right), type);
}

Number differential::multiply(Number left, Number right, ElementType type) {
  Number product{left.value * right.value, left.magnitude * right.magnitude,
                 left.error * right.magnitude + right.error * left.magnitude +
                     left.error * right.error};
  if (!staysExact(left, right, product.magnitude, type))
    product.error += rounding(type, product.magnitude + product.error);
  return product;
}

Number differential::divide(Number left, Number right, ElementType type) {
  Number quotient;
  quotient.value = left.value / right.value;
  double divisor = std::abs(right.value) - right.error;
  if (divisor <= 0)
    return {quotient.value, INFINITY, INFINITY};
  quotient.magnitude = left.magnitude / divisor;
  quotient.error =
      (left.error + std::abs(quotient.value) * right.error) / divisor;
  // A quotient may be made by an approximate reciprocal that is refined.
  quotient.error += rounding(type, std::abs(quotient.value), functionUnits);
  return quotient;
}

Number differential::maximum(Number left, Number right) {
  return {std::isnan(left.value) || std::isnan(right.value)
              ? std::nan("")
              : std::max(left.value, right.value),
          std::max(left.magnitude, right.magnitude),
          std::max(left.error, right.error)};
}

Number differential::minimum(Number left, Number right) {
  return negate(maximum(negate(left), negate(right)));
}

Number differential::negate(Number operand) {
  operand.value = -operand.value;
  return operand;
}

Number differential::absolute(Number operand) {
  operand.value = std::abs(operand.value);
  return operand;
}

Number differential::convert(Number operand, ElementType type) {
  if (isFloat(type) && roundTo(type, operand.value) != operand.value)
    operand.error += rounding(type, std::abs(operand.value) + operand.error);
  else if (isFloat(type) && operand.error > 0)
    operand.error += rounding(type, std::abs(operand.value) + operand.error);
  return operand;
}

Number differential::apply(double (*function)(double), Number operand,
                           ElementType type) {
  Number result;
  result.value = function(operand.value);
  double above = function(operand.value + operand.error);
  double below = function(operand.value - operand.error);
  result.error =
      std::max(std::abs(above - result.value), std::abs(below - result.value));
  if (std::isnan(result.error))
    result.error = INFINITY;
  result.magnitude = std::abs(result.value) + result.error;
  result.error += rounding(type, result.magnitude, functionUnits);
  return result;
}

Number differential::choose(bool condition, bool isSure, Number whenTrue,
                            Number whenFalse) {
  Number chosen = condition ? whenTrue : whenFalse;
  const Number &other = condition ? whenFalse : whenTrue;
  if (!isSure)
    chosen.error = std::max(chosen.error,
                            std::abs(chosen.value - other.value) + other.error);
  chosen.magnitude = std::max(chosen.magnitude, other.magnitude);
  return chosen;
}
