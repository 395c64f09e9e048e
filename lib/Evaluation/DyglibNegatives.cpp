//===- DyglibNegatives.cpp - DyGLib's negatives ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NumpyRandom.h"
#include "orcinus/Evaluation/Negatives.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

using namespace orcinus;

static uint64_t pairKey(int32_t source, int32_t destination) {
  return static_cast<uint64_t>(source) << 32 |
         static_cast<uint32_t>(destination);
}

/// The distinct ends of events of `stream`, ascending: by the ids of the file,
/// which is the order that DyGLib draws in.
static std::vector<int32_t> distinctOf(const EventStream &stream,
                                       const Column<int32_t> &ends,
                                       std::span<const int32_t> events) {
  std::vector<int32_t> result;
  for (int32_t event : events)
    result.push_back(ends[event]);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  if (!stream.externalIds.empty())
    std::ranges::sort(result, {},
                      [&](int32_t node) { return stream.externalIds[node]; });
  return result;
}

namespace {

class DyglibNegatives : public NegativeDraws {
public:
  DyglibNegatives(const EventStream &stream, DyglibSampler sampler)
      : stream(stream), sampler(std::move(sampler)), random(this->sampler.seed),
        sources(distinctOf(stream, stream.source, this->sampler.events)),
        destinations(
            distinctOf(stream, stream.destination, this->sampler.events)) {}

protected:
  const EventStream &stream;
  DyglibSampler sampler;
  NumpyRandom random;
  std::vector<int32_t> sources;
  std::vector<int32_t> destinations;
};

class RandomNegatives : public DyglibNegatives {
public:
  using DyglibNegatives::DyglibNegatives;

  Status draw(std::span<const int32_t> events, NegativeBatch &result) override {
    result.clear();
    // DyGLib draws sources first, which it does not use.
    std::vector<uint32_t> chosen(events.size());
    random.fillBelow(static_cast<uint32_t>(sources.size()), chosen);
    random.fillBelow(static_cast<uint32_t>(destinations.size()), chosen);
    for (uint32_t place : chosen) {
      result.destinations.push_back(destinations[place]);
      result.endEvent();
    }
    return Status();
  }
};

/// Pairs that were met before, but are not met during the batch; without those
/// that were observed up to `lastObserved`, where only inductive ones count.
class EarlierPairs : public DyglibNegatives {
public:
  EarlierPairs(const EventStream &stream, DyglibSampler sampler,
               bool inductive);

  Status draw(std::span<const int32_t> events, NegativeBatch &result) override;

private:
  struct Pair {
    int32_t source;
    int32_t destination;
    Timestamp firstTime;
  };

  std::vector<Pair> findPool(std::span<const int32_t> events) const;
  Status drawOthers(std::span<const int32_t> events, size_t count,
                    NegativeBatch &result);
  void append(int32_t source, int32_t destination, NegativeBatch &result);

  bool inductive;
  /// All pairs of the sampler's events, in the order of their first ones.
  std::vector<Pair> pairs;
};

} // namespace

EarlierPairs::EarlierPairs(const EventStream &stream, DyglibSampler given,
                           bool inductive)
    : DyglibNegatives(stream, std::move(given)), inductive(inductive) {
  std::unordered_set<uint64_t> seen;
  for (int32_t event : sampler.events) {
    Pair pair{stream.source[event], stream.destination[event],
              stream.time[event]};
    if (seen.insert(pairKey(pair.source, pair.destination)).second)
      pairs.push_back(pair);
  }
}

std::vector<EarlierPairs::Pair>
EarlierPairs::findPool(std::span<const int32_t> events) const {
  Timestamp begin = stream.time[events.front()];
  Timestamp end = stream.time[events.back()];
  std::unordered_set<uint64_t> current;
  auto isBefore = [&](int32_t event, Timestamp time) {
    return stream.time[event] < time;
  };
  for (auto event = std::lower_bound(sampler.events.begin(),
                                     sampler.events.end(), begin, isBefore);
       event != sampler.events.end() && stream.time[*event] <= end; ++event)
    current.insert(pairKey(stream.source[*event], stream.destination[*event]));
  std::vector<Pair> pool;
  for (const Pair &pair : pairs) {
    if (pair.firstTime > begin)
      break;
    if (inductive && pair.firstTime <= sampler.lastObserved)
      continue;
    if (!current.contains(pairKey(pair.source, pair.destination)))
      pool.push_back(pair);
  }
  return pool;
}

void EarlierPairs::append(int32_t source, int32_t destination,
                          NegativeBatch &result) {
  result.sources.push_back(source);
  result.destinations.push_back(destination);
  result.endEvent();
}

/// Draws pairs of any source and any destination but those of `events`: each
/// once, if there are so many.
Status EarlierPairs::drawOthers(std::span<const int32_t> events, size_t count,
                                NegativeBatch &result) {
  std::unordered_set<uint64_t> taken;
  for (int32_t event : events)
    taken.insert(pairKey(stream.source[event], stream.destination[event]));
  size_t possible = sources.size() * destinations.size() - taken.size();
  if (possible == 0)
    return Status::error(
        "every pair of a source and a destination occurs within one batch, so "
        "that no negative can be drawn; use random negatives or a smaller "
        "batch");
  bool repeats = possible < count;
  while (count != 0) {
    int32_t source = sources[random.below(sources.size())];
    int32_t destination = destinations[random.below(destinations.size())];
    uint64_t key = pairKey(source, destination);
    if (taken.contains(key))
      continue;
    if (!repeats)
      taken.insert(key);
    append(source, destination, result);
    --count;
  }
  return Status();
}

Status EarlierPairs::draw(std::span<const int32_t> events,
                          NegativeBatch &result) {
  result.clear();
  if (events.empty())
    return Status();
  std::vector<Pair> pool = findPool(events);
  if (pool.size() < events.size()) {
    Status status = drawOthers(events, events.size() - pool.size(), result);
    for (const Pair &pair : pool)
      append(pair.source, pair.destination, result);
    return status;
  }
  for (uint32_t place : random.choose(pool.size(), events.size()))
    append(pool[place].source, pool[place].destination, result);
  return Status();
}

std::unique_ptr<NegativeDraws>
orcinus::makeDyglibNegatives(const EventStream &stream,
                             NegativeStrategy strategy, DyglibSampler sampler) {
  if (strategy == NegativeStrategy::Random)
    return std::make_unique<RandomNegatives>(stream, std::move(sampler));
  return std::make_unique<EarlierPairs>(
      stream, std::move(sampler), strategy == NegativeStrategy::Inductive);
}
