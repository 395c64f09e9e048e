//===- Heuristics.h - Models without parameters -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_HEURISTICS_H
#define ORCINUS_EVALUATION_HEURISTICS_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Support/Status.h"

#include <memory>
#include <string>

namespace orcinus {

/// A model that needs no checkpoint, by its name, and its settings.
struct HeuristicOptions {
  /// "edgebank", "poptrack" or "recency".
  std::string model;
  /// "unlimited", "window-fixed", "window-repeat", "window-span" or
  /// "threshold": EdgeBankMode.
  std::string edgeBankMode = "unlimited";
  /// As of parseRecencyOrder().
  std::string recencyOrder = "lr,gr";
  double popTrackDecay = 0.9;
};

/// The model, for events of `stream`, which must outlive it; `split` says what
/// it counts as training. Errors: an unknown model or setting.
StatusOr<std::unique_ptr<PairScorer>>
makeHeuristic(const EventStream &stream, const Split &split,
              const HeuristicOptions &options);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_HEURISTICS_H
