//===- EdgeBank.cpp - Links that were seen before -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/EdgeBank.h"

#include "PairHistory.h"
#include "orcinus/Graph/Split.h"

using namespace orcinus;

namespace {

class EdgeBank : public PairScorer {
public:
  EdgeBank(const EventStream &stream, const EdgeBankOptions &options)
      : stream(stream), options(options), pairs(stream.nodeCount) {}

  Status score(const PairQueries &queries, std::span<double> scores) override;
  Status advance(std::span<const int32_t> events) override;
  std::unique_ptr<PairScorer> clone() const override {
    return std::make_unique<EdgeBank>(*this);
  }

private:
  double windowStart() const;

  const EventStream &stream;
  EdgeBankOptions options;
  PairHistory pairs;
  /// Of the events given, in their order.
  std::vector<double> seconds;
  /// The sum over the pairs of the mean time between a pair's events.
  double meanGaps = 0;
};

} // namespace

Status EdgeBank::advance(std::span<const int32_t> events) {
  for (int32_t event : events) {
    auto [record, previous] = pairs.add(
        stream.source[event], stream.destination[event], stream.time[event]);
    seconds.push_back(stream.seconds(event));
    // The mean gap of n events is (last - first) / (n - 1).
    auto meanGap = [&](Timestamp last, int32_t count) {
      return count > 1
                 ? stream.timeScale.difference(last, record.first) / (count - 1)
                 : 0.0;
    };
    meanGaps += meanGap(record.last, record.count) -
                meanGap(previous, record.count - 1);
  }
  return Status();
}

/// Where the window begins; there is an event.
double EdgeBank::windowStart() const {
  switch (options.mode) {
  case EdgeBankMode::Unlimited:
  case EdgeBankMode::Threshold:
    break;
  case EdgeBankMode::WindowFixed:
    return quantileOfSorted(seconds, 1 - options.windowFraction);
  case EdgeBankMode::WindowRepeat:
    return seconds.back() - meanGaps / static_cast<double>(pairs.pairCount());
  case EdgeBankMode::WindowSpan:
    return seconds.back() - options.windowFraction * options.trainingSpan;
  }
  return seconds.front();
}

Status EdgeBank::score(const PairQueries &queries, std::span<double> scores) {
  std::fill(scores.begin(), scores.end(), 0.0);
  if (seconds.empty())
    return Status();
  double start = windowStart();
  int64_t eventCount = static_cast<int64_t>(seconds.size());
  auto holds = [&](const PairRecord &record) {
    return options.mode == EdgeBankMode::Threshold
               ? record.count * pairs.pairCount() >= eventCount
               : stream.timeScale.seconds(record.last) >= start;
  };
  for (int64_t query = 0; query != queries.queryCount(); ++query) {
    std::span<double> result = scores.subspan(queries.offsets[query]);
    pairs.visit(queries.sources[query], queries.candidates(query),
                [&](size_t i, const PairRecord *record) {
                  result[i] = record && holds(*record);
                });
  }
  return Status();
}

std::unique_ptr<PairScorer>
orcinus::makeEdgeBank(const EventStream &stream,
                      const EdgeBankOptions &options) {
  return std::make_unique<EdgeBank>(stream, options);
}
