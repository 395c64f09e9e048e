//===- RecencyRule.cpp - Candidates by recency and popularity -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/RecencyRule.h"

#include "PairHistory.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

using namespace orcinus;

namespace {

/// A key, and what its values are multiplied by so that a difference in it
/// outweighs all that follow.
struct Digit {
  RecencyKey key;
  double weight;
};

/// Scores are numbers whose digits are the keys. Times count by their rank
/// among the stream's distinct times, from 1; 0 is never.
class RecencyRule : public PairScorer {
public:
  explicit RecencyRule(const EventStream &stream);

  /// Sets the order; false where a double does not hold all scores.
  bool setOrder(std::span<const RecencyKey> order);

  Status score(const PairQueries &queries, std::span<double> scores) override;
  Status advance(std::span<const int32_t> events) override;
  std::unique_ptr<PairScorer> clone() const override {
    return std::make_unique<RecencyRule>(*this);
  }

private:
  struct Destination {
    int32_t lastTime = 0;
    int32_t events = 0;
  };

  /// One more than the largest value of `key` on this stream.
  double valuesOf(RecencyKey key) const;
  double value(RecencyKey key, int32_t destination,
               const PairRecord *record) const;

  const EventStream &stream;
  /// The rank of each event's time; shared by copies.
  std::shared_ptr<const std::vector<int32_t>> timeRanks;
  std::vector<Digit> digits;
  PairHistory pairs;
  std::vector<Destination> destinations;
};

} // namespace

RecencyRule::RecencyRule(const EventStream &stream)
    : stream(stream), pairs(stream.nodeCount),
      destinations(static_cast<size_t>(stream.nodeCount)) {
  std::vector<int32_t> ranks;
  ranks.reserve(stream.time.size());
  for (size_t event = 0; event != stream.time.size(); ++event) {
    bool isNew = event == 0 || stream.time[event] != stream.time[event - 1];
    ranks.push_back((event ? ranks.back() : 0) + isNew);
  }
  timeRanks = std::make_shared<const std::vector<int32_t>>(std::move(ranks));
}

double RecencyRule::valuesOf(RecencyKey key) const {
  if (key == RecencyKey::LocalRecency || key == RecencyKey::GlobalRecency)
    return timeRanks->empty() ? 1.0 : timeRanks->back() + 1.0;
  int32_t most = 0;
  PairHistory counted(stream.nodeCount);
  std::vector<int32_t> events(static_cast<size_t>(stream.nodeCount), 0);
  for (size_t event = 0; event != stream.time.size(); ++event) {
    int32_t destination = stream.destination[event];
    int32_t count =
        key == RecencyKey::GlobalPopularity
            ? ++events[destination]
            : counted.add(stream.source[event], destination, Timestamp())
                  .record.count;
    most = std::max(most, count);
  }
  return most + 1.0;
}

bool RecencyRule::setOrder(std::span<const RecencyKey> order) {
  constexpr double exact = 0x1p53;
  double weight = 1;
  for (auto key = order.rbegin(); key != order.rend(); ++key) {
    digits.insert(digits.begin(), {*key, weight});
    weight *= valuesOf(*key);
  }
  return weight <= exact;
}

Status RecencyRule::advance(std::span<const int32_t> events) {
  for (int32_t event : events) {
    int32_t time = (*timeRanks)[event];
    pairs.add(stream.source[event], stream.destination[event],
              Timestamp::fromKey(time));
    Destination &destination = destinations[stream.destination[event]];
    destination.lastTime = time;
    ++destination.events;
  }
  return Status();
}

double RecencyRule::value(RecencyKey key, int32_t destination,
                          const PairRecord *record) const {
  switch (key) {
  case RecencyKey::LocalRecency:
    return record ? static_cast<double>(record->last.key()) : 0;
  case RecencyKey::GlobalRecency:
    return destinations[destination].lastTime;
  case RecencyKey::LocalPopularity:
    return record ? record->count : 0;
  case RecencyKey::GlobalPopularity:
    return destinations[destination].events;
  }
  return 0;
}

Status RecencyRule::score(const PairQueries &queries,
                          std::span<double> scores) {
  for (int64_t query = 0; query != queries.queryCount(); ++query) {
    std::span<const int32_t> candidates = queries.candidates(query);
    std::span<double> result = scores.subspan(queries.offsets[query]);
    pairs.visit(queries.sources[query], candidates,
                [&](size_t i, const PairRecord *record) {
                  double sum = 0;
                  for (const Digit &digit : digits)
                    sum +=
                        digit.weight * value(digit.key, candidates[i], record);
                  result[i] = sum;
                });
  }
  return Status();
}

StatusOr<std::unique_ptr<PairScorer>>
orcinus::makeRecencyRule(const EventStream &stream,
                         std::span<const RecencyKey> order) {
  if (order.empty())
    return Status::error("a recency rule needs a key; say lr,gr");
  for (auto key = order.begin(); key != order.end(); ++key)
    if (std::find(order.begin(), key, *key) != key)
      return Status::error("a key of a recency rule stands twice; its first "
                           "place decides, leave the other out");
  auto rule = std::make_unique<RecencyRule>(stream);
  if (!rule->setOrder(order))
    return Status::error(fmt::format(
        "on a stream of {} events, {} keys of a recency rule do not go into "
        "one exact score; use fewer",
        stream.eventCount(), order.size()));
  return std::unique_ptr<PairScorer>(std::move(rule));
}

StatusOr<std::vector<RecencyKey>>
orcinus::parseRecencyOrder(std::string_view text) {
  constexpr std::pair<std::string_view, RecencyKey> names[] = {
      {"lr", RecencyKey::LocalRecency},
      {"gr", RecencyKey::GlobalRecency},
      {"lp", RecencyKey::LocalPopularity},
      {"gp", RecencyKey::GlobalPopularity}};
  std::vector<RecencyKey> order;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(',', begin), text.size());
    std::string_view name = text.substr(begin, end - begin);
    auto found =
        std::find_if(std::begin(names), std::end(names),
                     [&](const auto &each) { return each.first == name; });
    if (found == std::end(names))
      return Status::error(fmt::format("'{}' is no key of a recency rule; use "
                                       "lr, gr, lp and gp between commas",
                                       name));
    order.push_back(found->second);
    begin = end + 1;
  }
  return order;
}
