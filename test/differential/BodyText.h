//===- BodyText.h - What iterations compute, as text ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_BODYTEXT_H
#define ORCINUS_TEST_DIFFERENTIAL_BODYTEXT_H

#include "ElementType.h"

#include <string>
#include <vector>

namespace orcinus::differential {

/// The block of a generic op whose operands have elements of `types`, the last
/// of them the result. Bodies of one input: copy, relu, relu_select, exp, tanh,
/// sigmoid, gelu, square, rsqrt (of the absolute value and `constant`), scale
/// and shift (by `constant`), negate. Of two: add, subtract, multiply, divide
/// (by the absolute value and one), maximum. That reduce: sum, sum_squares,
/// largest, smallest, product_sum, whose operands are extended to the result's
/// type, and product_sum_swapped, the same in another order.
std::string bodyText(const std::string &body,
                     const std::vector<ElementType> &types, double constant);

/// `value` as a constant of `type`.
std::string constantText(double value, ElementType type);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_BODYTEXT_H
