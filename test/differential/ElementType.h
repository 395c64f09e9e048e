//===- ElementType.h - The types that are tested ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_ELEMENTTYPE_H
#define ORCINUS_TEST_DIFFERENTIAL_ELEMENTTYPE_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace orcinus::differential {

enum class ElementType { F64, F32, F16, BF16, I8, I32 };

/// As MLIR spells it: `f32`.
std::string_view nameOf(ElementType type);

int64_t bytesOf(ElementType type);

bool isFloat(ElementType type);

/// Bits of the significand, the implicit one counted: every integer up to two
/// to that power has a value of its own. 63 for integers.
int precisionOf(ElementType type);

/// The smallest positive number of a float type.
double smallestOf(ElementType type);

/// The element at `memory`.
double readElement(ElementType type, const std::byte *memory);

/// Stores `value`, rounded to nearest, at `memory`.
void writeElement(ElementType type, double value, std::byte *memory);

/// `value` as an element of `type` holds it.
double roundTo(ElementType type, double value);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_ELEMENTTYPE_H
