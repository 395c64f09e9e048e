//===- Number.h - A value and how wrong it may be ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a right program computes is not one number: sums are made in any order,
// products and sums in one rounding or in two. A Number is the value in double
// precision with a bound of how far a right program's value may be from it,
// whatever the order. The bound follows each operation as in the analysis of
// rounding errors: an operation in a type of p bits adds 2^-p of the magnitude
// of its result, where that of a sum is the sum of its terms' magnitudes, so
// that it bounds every partial sum. Integers that the type holds exactly have
// no error at all: most contractions are tested with them, and then each wrong,
// missing or doubled term shows.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_NUMBER_H
#define ORCINUS_TEST_DIFFERENTIAL_NUMBER_H

#include "ElementType.h"

namespace orcinus::differential {

struct Number {
  double value = 0;
  /// At least the magnitude of all that was added up to make the value.
  double magnitude = 0;
  /// How far a right program's value may be from `value`.
  double error = 0;

  /// A value that is known exactly.
  static Number exactly(double value);

  /// Whether `actual`, of type `type`, is what a right program could have.
  bool admits(double actual, ElementType type) const;
};

Number add(Number left, Number right, ElementType type);
Number subtract(Number left, Number right, ElementType type);
Number multiply(Number left, Number right, ElementType type);
Number divide(Number left, Number right, ElementType type);
Number maximum(Number left, Number right);
Number minimum(Number left, Number right);
Number negate(Number operand);
Number absolute(Number operand);

/// `operand` in `type`, rounded where that is narrower.
Number convert(Number operand, ElementType type);

/// A function that is monotone where it is used, by an approximation that is a
/// few units in the last place of `type` from it.
Number apply(double (*function)(double), Number operand, ElementType type);

/// What is chosen by a comparison whose outcome is `condition`, or not sure
/// where `isSure` is false.
Number choose(bool condition, bool isSure, Number whenTrue, Number whenFalse);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_NUMBER_H
