//===- Heuristics.cpp - Models without parameters -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Heuristics.h"

#include "orcinus/Evaluation/EdgeBank.h"
#include "orcinus/Evaluation/PopTrack.h"
#include "orcinus/Evaluation/RecencyRule.h"

#include <fmt/format.h>

#include <utility>

using namespace orcinus;

static StatusOr<EdgeBankMode> parseMode(const std::string &name) {
  constexpr std::pair<const char *, EdgeBankMode> names[] = {
      {"unlimited", EdgeBankMode::Unlimited},
      {"window-fixed", EdgeBankMode::WindowFixed},
      {"window-repeat", EdgeBankMode::WindowRepeat},
      {"window-span", EdgeBankMode::WindowSpan},
      {"threshold", EdgeBankMode::Threshold}};
  for (const auto &[known, mode] : names)
    if (name == known)
      return mode;
  return Status::error(
      fmt::format("there is no mode '{}' of edgebank; use unlimited, "
                  "window-fixed, window-repeat, window-span or threshold",
                  name));
}

StatusOr<std::unique_ptr<PairScorer>>
orcinus::makeHeuristic(const EventStream &stream, const Split &split,
                       const HeuristicOptions &options) {
  if (options.model == "poptrack") {
    if (!(options.popTrackDecay >= 0 && options.popTrackDecay <= 1))
      return Status::error(fmt::format("the decay of poptrack is {}, not "
                                       "within 0 and 1",
                                       options.popTrackDecay));
    return makePopTrack(stream, options.popTrackDecay);
  }
  if (options.model == "recency") {
    auto order = parseRecencyOrder(options.recencyOrder);
    if (!order.ok())
      return order.status();
    return makeRecencyRule(stream, *order);
  }
  if (options.model != "edgebank")
    return Status::error(
        fmt::format("there is no model '{}' without parameters; use edgebank, "
                    "poptrack or recency",
                    options.model));
  StatusOr<EdgeBankMode> mode = parseMode(options.edgeBankMode);
  if (!mode.ok())
    return mode.status();
  EdgeBankOptions bank;
  bank.mode = *mode;
  bank.trainingSpan = stream.timeScale.difference(
      stream.time[split.train.back()], stream.time[split.train.front()]);
  return makeEdgeBank(stream, bank);
}
