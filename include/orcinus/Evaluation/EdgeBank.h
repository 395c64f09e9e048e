//===- EdgeBank.h - Links that were seen before -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_EDGEBANK_H
#define ORCINUS_EVALUATION_EDGEBANK_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Graph/EventStream.h"

#include <memory>

namespace orcinus {

/// Which pairs with an event the bank holds.
enum class EdgeBankMode : uint8_t {
  /// All.
  Unlimited,
  /// Those with an event at or after the quantile 1 - `windowFraction` of the
  /// times of all events given (DyGLib's fixed_proportion).
  WindowFixed,
  /// Those with an event in a window up to the newest time, as long as the mean
  /// over all pairs of the mean time between a pair's events, which is 0 for a
  /// pair of one event (DyGLib's repeat_interval).
  WindowRepeat,
  /// Those with an event in a window up to the newest time, as long as
  /// `windowFraction` of the span of the training events (TGB's
  /// fixed_time_window).
  WindowSpan,
  /// Those with at least as many events as the pairs have on average (DyGLib's
  /// repeat_threshold).
  Threshold,
};

struct EdgeBankOptions {
  EdgeBankMode mode = EdgeBankMode::Unlimited;
  /// Within (0, 1).
  double windowFraction = 0.15;
  /// The span of the training events in seconds, for `WindowSpan`.
  double trainingSpan = 0;
};

/// EdgeBank (Poursafaei et al., "Towards better evaluation for dynamic link
/// prediction", NeurIPS 2022): a directed pair scores 1 where it is in the
/// bank, else 0. `stream` must outlive the scorer.
std::unique_ptr<PairScorer> makeEdgeBank(const EventStream &stream,
                                         const EdgeBankOptions &options);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_EDGEBANK_H
