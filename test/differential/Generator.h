//===- Generator.h - Random modules -----------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_GENERATOR_H
#define ORCINUS_TEST_DIFFERENTIAL_GENERATOR_H

#include "Draw.h"
#include "Specification.h"

namespace orcinus::differential {

/// Module number `number` of the seed `seed`, without schedules.
Specification generateModule(uint64_t seed, uint64_t number);

/// Parts of it. Each appends ops over new dimensions and buffers.
void generateContraction(Specification &specification, Draw &draw);
void generateNamedOp(Specification &specification, Draw &draw);
void generateChain(Specification &specification, Draw &draw);

/// An extent: 1, often a little more or less than whole vectors and tiles,
/// seldom 0.
int64_t drawExtent(const Specification &specification, Draw &draw);

/// A new dimension, its number.
unsigned addDimension(Specification &specification, Draw &draw);

/// A new buffer of `shape`, its number.
unsigned addBuffer(Specification &specification, ElementType type,
                   IndexList shape, bool argument);

/// Fills buffer number `buffer` with `constant`.
void addFill(Specification &specification, unsigned buffer, double constant);

/// Whether elementary functions are tested in `type`.
bool hasFunctions(ElementType type);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_GENERATOR_H
