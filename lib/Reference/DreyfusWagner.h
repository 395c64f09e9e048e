//===- DreyfusWagner.h - The least cost of a Steiner tree -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_REFERENCE_DREYFUSWAGNER_H
#define ORCINUS_LIB_REFERENCE_DREYFUSWAGNER_H

#include "lib/Tuning/SteinerTree.h"

namespace orcinus {

/// The least cost of a tree from the root to all terminals, in time that is
/// exponential in the terminals: the oracle of `steinerTree`.
///
/// S. E. Dreyfus, R. A. Wagner, "The Steiner problem in graphs", 1971.
double dreyfusWagnerCost(const SteinerProblem &problem);

} // namespace orcinus

#endif // ORCINUS_LIB_REFERENCE_DREYFUSWAGNER_H
