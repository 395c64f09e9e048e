//===- DividedScorer.h - Scoring by several processes -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_DIVIDEDSCORER_H
#define ORCINUS_RUNTIME_DIVIDEDSCORER_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Runtime/Communicator.h"

#include <memory>

namespace orcinus {

/// A scorer that divides the pairs that it is asked about among processes, of
/// which each has such a scorer over an equal one and asks it for its own:
/// groups of consecutive pairs, the same for any number of processes, so that
/// scores have the same bits. All processes ask for the same and get all
/// scores; events are given to all. `processes` may be null for one alone.
std::unique_ptr<PairScorer>
makeDividedScorer(std::unique_ptr<PairScorer> scorer,
                  std::shared_ptr<Communicator> processes);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_DIVIDEDSCORER_H
