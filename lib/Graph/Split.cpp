//===- Split.cpp - Train, validation and test by time ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Split.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <cassert>

using namespace orcinus;

namespace {

/// Where the q-quantile of `count` sorted values lies: between two neighbours,
/// `weight` of the way from the first to the second.
struct QuantilePosition {
  QuantilePosition(size_t count, double q) {
    assert(count > 0 && "a quantile needs a value");
    assert(q >= 0 && q <= 1 && "a quantile is taken at 0 <= q <= 1");
    double position = q * static_cast<double>(count - 1);
    below = std::min(static_cast<size_t>(position), count - 1);
    above = std::min(below + 1, count - 1);
    weight = position - static_cast<double>(below);
  }

  size_t below;
  size_t above;
  double weight;
};

} // namespace

double orcinus::quantileOfSorted(std::span<const double> sorted, double q) {
  QuantilePosition position(sorted.size(), q);
  double low = sorted[position.below], high = sorted[position.above];
  // Interpolating from the nearer end, as numpy does, is exact at both.
  return position.weight < 0.5 ? low + (high - low) * position.weight
                               : high - (high - low) * (1 - position.weight);
}

size_t orcinus::countUpToQuantile(const EventStream &stream, double q) {
  QuantilePosition position(stream.time.size(), q);
  Timestamp low = stream.time[position.below];
  Timestamp high = stream.time[position.above];
  // Between two neighbours there is no event: only whether the quantile is the
  // upper one matters. Doubles may round it there, as numpy's do.
  Timestamp cut = low;
  if (stream.timeScale.ticksPerSecond() == 0) {
    double ends[] = {stream.timeScale.seconds(low),
                     stream.timeScale.seconds(high)};
    cut = stream.timeScale.at(quantileOfSorted(ends, position.weight));
  }
  return static_cast<size_t>(
      std::upper_bound(stream.time.begin(), stream.time.end(), cut) -
      stream.time.begin());
}

static Status checkOptions(const EventStream &stream,
                           const SplitOptions &options) {
  auto isFraction = [](double value) { return value >= 0 && value <= 1; };
  // 0.7 + 0.3 may round to a little above one.
  constexpr double rounding = 1e-9;
  if (stream.eventCount() == 0)
    return Status::error("cannot split a stream without events; load one");
  if (!isFraction(options.trainFraction) ||
      !isFraction(options.validationFraction) ||
      options.trainFraction + options.validationFraction > 1 + rounding)
    return Status::error("the train and validation fractions are " +
                         std::to_string(options.trainFraction) + " and " +
                         std::to_string(options.validationFraction) +
                         "; choose each within [0, 1] and their sum at most 1");
  if (!isFraction(options.maskedNodeFraction))
    return Status::error("the fraction of masked nodes is " +
                         std::to_string(options.maskedNodeFraction) +
                         "; choose it within [0, 1]");
  return Status();
}

/// One flag a node: whether it is an endpoint of an event of [first, last).
static std::vector<uint8_t> nodesOfEvents(const EventStream &stream,
                                          size_t first, size_t last) {
  std::vector<uint8_t> seen(static_cast<size_t>(stream.nodeCount), 0);
  for (size_t event = first; event < last; ++event) {
    seen[static_cast<size_t>(stream.source[event])] = 1;
    seen[static_cast<size_t>(stream.destination[event])] = 1;
  }
  return seen;
}

/// Draws the masked nodes among those with an event at `trainEnd` or later.
static std::vector<uint8_t> drawAmongLate(const EventStream &stream,
                                          size_t trainEnd,
                                          const SplitOptions &options) {
  std::vector<uint8_t> late =
      nodesOfEvents(stream, trainEnd, stream.time.size());
  std::vector<int32_t> candidates;
  for (int32_t node = 0; node < stream.nodeCount; ++node)
    if (late[static_cast<size_t>(node)])
      candidates.push_back(node);
  size_t wanted = std::min(
      candidates.size(),
      static_cast<size_t>(options.maskedNodeFraction * stream.nodeCount));
  std::vector<uint8_t> masked(static_cast<size_t>(stream.nodeCount), 0);
  // The first steps of a Fisher-Yates shuffle draw without replacement.
  for (size_t i = 0; i < wanted; ++i) {
    size_t chosen = i + randomBelow(options.seed, randomStream("masked nodes"),
                                    i, candidates.size() - i);
    std::swap(candidates[i], candidates[chosen]);
    masked[static_cast<size_t>(candidates[i])] = 1;
  }
  return masked;
}

/// The places in the stream where training and validation end.
static std::pair<size_t, size_t> findCuts(const EventStream &stream,
                                          const SplitOptions &options) {
  double validationEnd =
      std::min(options.trainFraction + options.validationFraction, 1.0);
  return {countUpToQuantile(stream, options.trainFraction),
          countUpToQuantile(stream, validationEnd)};
}

StatusOr<std::vector<uint8_t>>
orcinus::drawMaskedNodes(const EventStream &stream,
                         const SplitOptions &options) {
  if (Status status = checkOptions(stream, options); !status.ok())
    return status;
  return drawAmongLate(stream, findCuts(stream, options).first, options);
}

StatusOr<Split> orcinus::splitByTime(const EventStream &stream,
                                     const SplitOptions &options) {
  StatusOr<std::vector<uint8_t>> masked = drawMaskedNodes(stream, options);
  if (!masked.ok())
    return masked.status();
  return splitByTime(stream, options, std::move(*masked));
}

StatusOr<Split> orcinus::splitByTime(const EventStream &stream,
                                     const SplitOptions &options,
                                     std::vector<uint8_t> maskedNodes) {
  if (Status status = checkOptions(stream, options); !status.ok())
    return status;
  assert(maskedNodes.size() == static_cast<size_t>(stream.nodeCount) &&
         "one flag a node");
  auto [trainEnd, validationEnd] = findCuts(stream, options);
  Split split;
  split.maskedNodes = std::move(maskedNodes);
  std::vector<uint8_t> trained(static_cast<size_t>(stream.nodeCount), 0);
  for (size_t event = 0; event < trainEnd; ++event) {
    size_t source = static_cast<size_t>(stream.source[event]);
    size_t destination = static_cast<size_t>(stream.destination[event]);
    if (split.maskedNodes[source] || split.maskedNodes[destination])
      continue;
    split.train.push_back(static_cast<int32_t>(event));
    trained[source] = trained[destination] = 1;
  }
  if (split.train.empty())
    return Status::error("no event is left to train on; use a longer stream, a "
                         "larger train fraction or fewer masked nodes");

  for (size_t event = trainEnd; event < stream.time.size(); ++event) {
    bool validation = event < validationEnd;
    bool inductive = !trained[static_cast<size_t>(stream.source[event])] ||
                     !trained[static_cast<size_t>(stream.destination[event])];
    int32_t index = static_cast<int32_t>(event);
    (validation ? split.validation : split.test).push_back(index);
    if (inductive)
      (validation ? split.inductiveValidation : split.inductiveTest)
          .push_back(index);
  }
  return split;
}

Status orcinus::checkEvaluationSplits(const Split &split,
                                      const EventStream &stream) {
  if (!split.validation.empty() && !split.test.empty())
    return Status();
  std::string message = "the split by time leaves ";
  message += std::to_string(split.train.size()) + " events to train on, " +
             std::to_string(split.validation.size()) + " to validate and " +
             std::to_string(split.test.size()) + " to test on; ";
  if (stream.time.front() == stream.time.back())
    return Status::error(message +
                         (stream.eventCount() == 1
                              ? "a stream of one event cannot be split"
                              : "all events have the same time: check which "
                                "column is the time (--columns)"));
  return Status::error(message +
                       "use a longer stream, or times that are told apart "
                       "more finely");
}
