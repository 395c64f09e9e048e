//===- NetworkTuner.h - Tune a network, not its operators alone -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_NETWORKTUNER_H
#define TOOLS_ORCINUS_NETWORKTUNER_H

#include "orcinus/Tuning/TuningSession.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

struct NetworkTuningOptions {
  /// The module, and the file for what becomes of it.
  std::string network, output;
  /// The function whose latency counts; empty for the only one.
  std::string function;
  /// What open extents are tuned for, and are in the calls that are timed, each
  /// by itself; ascending.
  std::vector<int64_t> openExtents = {1};
  /// Seconds for all; 0 for as many as the trials take.
  double budget = 0;
};

/// Tunes the operators of a network, those first that its time goes into, and
/// writes the network with the programs that make it faster as a whole: each is
/// tried in the network and kept where its latency falls. `observer` is told
/// how far all of it is.
StatusOr<TuningReport> tuneNetwork(const NetworkTuningOptions &network,
                                   const TargetDescription &target,
                                   CandidateRunner &runner,
                                   TuningDatabase &database,
                                   const TuningOptions &options,
                                   TuningObserver &observer);

} // namespace orcinus

#endif // TOOLS_ORCINUS_NETWORKTUNER_H
