//===- TgbNegatives.cpp - Candidates of TGB's rankings --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairHistory.h"
#include "orcinus/Evaluation/Negatives.h"
#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <limits>

using namespace orcinus;

namespace {

class TgbNegatives : public NegativeDraws {
public:
  TgbNegatives(const EventStream &stream, NegativeStrategy strategy,
               std::span<const int32_t> training, uint64_t seed,
               int64_t perEvent);

  Status draw(std::span<const int32_t> events, NegativeBatch &result) override;

private:
  void gatherMoment(Timestamp time);
  std::span<const std::pair<int32_t, int32_t>> momentOf(int32_t source) const;
  void mark(std::span<const std::pair<int32_t, int32_t>> pairs, uint8_t value);
  void appendUnmarked(std::vector<int32_t> &candidates) const;
  void drawFrom(std::vector<int32_t> &candidates, size_t count, int32_t event,
                uint64_t firstDraw, NegativeBatch &result) const;

  const EventStream &stream;
  NegativeStrategy strategy;
  uint64_t seed;
  size_t perEvent;
  PairHistory training;
  /// What is drawn from.
  std::vector<int32_t> destinations;
  /// The pairs (source, destination) of the events at `momentTime`, ascending.
  std::vector<std::pair<int32_t, int32_t>> moment;
  Timestamp momentTime;
  /// One flag a node: no negative of the event at hand.
  std::vector<uint8_t> excluded;
  std::vector<int32_t> historical;
  std::vector<int32_t> others;
};

} // namespace

/// The destinations that negatives are among. Where ids are integers, TGB takes
/// their range, in which are nodes that are no destination if a source has an
/// id within it; the numbers that names get mean nothing.
static std::vector<int32_t> destinationsOf(const EventStream &stream) {
  std::vector<int32_t> result;
  bool hasNames = !stream.externalNames.empty();
  auto idOf = [&](int32_t node) -> int64_t {
    return stream.externalIds.empty() ? node : stream.externalIds[node];
  };
  std::vector<uint8_t> occurs(static_cast<size_t>(stream.nodeCount), 0);
  int64_t first = std::numeric_limits<int64_t>::max(), last = -1;
  for (int32_t node : stream.destination) {
    occurs[node] = 1;
    first = std::min(first, idOf(node));
    last = std::max(last, idOf(node));
  }
  for (int32_t node = 0; node != stream.nodeCount; ++node)
    if (hasNames ? occurs[node] != 0
                 : idOf(node) >= first && idOf(node) <= last)
      result.push_back(node);
  std::ranges::stable_sort(result, {}, idOf);
  return result;
}

TgbNegatives::TgbNegatives(const EventStream &stream, NegativeStrategy strategy,
                           std::span<const int32_t> trainingEvents,
                           uint64_t seed, int64_t perEvent)
    : stream(stream), strategy(strategy), seed(seed),
      perEvent(static_cast<size_t>(perEvent)), training(stream.nodeCount),
      destinations(destinationsOf(stream)),
      excluded(static_cast<size_t>(stream.nodeCount), 0) {
  if (strategy == NegativeStrategy::Historical)
    for (int32_t event : trainingEvents)
      training.add(stream.source[event], stream.destination[event],
                   stream.time[event]);
}

void TgbNegatives::gatherMoment(Timestamp time) {
  if (!moment.empty() && momentTime == time)
    return;
  momentTime = time;
  moment.clear();
  auto [begin, end] =
      std::equal_range(stream.time.begin(), stream.time.end(), time);
  for (auto each = begin; each != end; ++each) {
    auto event = each - stream.time.begin();
    moment.emplace_back(stream.source[event], stream.destination[event]);
  }
  std::sort(moment.begin(), moment.end());
}

std::span<const std::pair<int32_t, int32_t>>
TgbNegatives::momentOf(int32_t source) const {
  auto bySource = [](const auto &pair, int32_t value) {
    return pair.first < value;
  };
  auto begin = std::lower_bound(moment.begin(), moment.end(), source, bySource);
  auto end = begin;
  while (end != moment.end() && end->first == source)
    ++end;
  return {begin, end};
}

void TgbNegatives::mark(std::span<const std::pair<int32_t, int32_t>> pairs,
                        uint8_t value) {
  for (const auto &[source, destination] : pairs)
    excluded[destination] = value;
}

void TgbNegatives::appendUnmarked(std::vector<int32_t> &candidates) const {
  for (int32_t node : destinations)
    if (!excluded[node])
      candidates.push_back(node);
}

/// Moves `count` candidates, or all if there are fewer, to the result: the
/// first steps of a Fisher-Yates shuffle.
void TgbNegatives::drawFrom(std::vector<int32_t> &candidates, size_t count,
                            int32_t event, uint64_t firstDraw,
                            NegativeBatch &result) const {
  count = std::min(count, candidates.size());
  for (size_t i = 0; i != count; ++i) {
    uint64_t counter = static_cast<uint64_t>(event) << 32 | (firstDraw + i);
    size_t chosen = i + randomBelow(seed, randomStream("tgb negatives"),
                                    counter, candidates.size() - i);
    std::swap(candidates[i], candidates[chosen]);
    result.destinations.push_back(candidates[i]);
  }
}

Status TgbNegatives::draw(std::span<const int32_t> events,
                          NegativeBatch &result) {
  result.clear();
  for (int32_t event : events) {
    gatherMoment(stream.time[event]);
    int32_t source = stream.source[event];
    std::span<const std::pair<int32_t, int32_t>> met = momentOf(source);
    mark(met, 1);
    if (strategy == NegativeStrategy::AllOthers) {
      appendUnmarked(result.destinations);
      mark(met, 0);
      result.endEvent();
      continue;
    }
    // Empty unless historical negatives were asked for.
    std::span<const PairRecord> known = training.recordsOf(source);
    historical.clear();
    others.clear();
    for (const PairRecord &record : known)
      if (!excluded[record.destination])
        historical.push_back(record.destination);
    for (const PairRecord &record : known)
      excluded[record.destination] = 1;
    appendUnmarked(others);
    size_t before = result.destinations.size();
    drawFrom(historical, perEvent / 2, event, 0, result);
    size_t drawn = result.destinations.size() - before;
    drawFrom(others, perEvent - drawn, event, drawn, result);
    for (const PairRecord &record : known)
      excluded[record.destination] = 0;
    mark(met, 0);
    result.endEvent();
  }
  return Status();
}

std::unique_ptr<NegativeDraws>
orcinus::makeTgbNegatives(const EventStream &stream, NegativeStrategy strategy,
                          std::span<const int32_t> training, uint64_t seed,
                          int64_t perEvent) {
  return std::make_unique<TgbNegatives>(stream, strategy, training, seed,
                                        perEvent);
}
