//===- DividedScorer.cpp - Scoring by several processes -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/DividedScorer.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

/// Pairs that are scored together: so many that smaller steps than a session's
/// own cost little, and so few that tens of negatives an event can be divided.
constexpr int64_t groupPairs = 512;

/// Where there are hundreds of negatives an event, groups are as large as a
/// session's steps: what depends on a candidate alone is then computed once for
/// several events.
constexpr int64_t largeGroupPairs = 2048;

/// By the pairs alone: any number of processes has the same groups.
int64_t groupSizeFor(int64_t pairs) {
  constexpr int64_t enoughGroups = 8;
  return pairs < enoughGroups * largeGroupPairs ? groupPairs : largeGroupPairs;
}

class DividedScorer : public PairScorer {
public:
  DividedScorer(std::unique_ptr<PairScorer> scorer,
                std::shared_ptr<Communicator> processes)
      : scorer(std::move(scorer)), processes(std::move(processes)) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    int64_t pairs = queries.pairCount();
    int64_t count = processes ? processes->size() : 1;
    int64_t rank = processes ? processes->rank() : 0;
    groupSize = groupSizeFor(pairs);
    int64_t groups = (pairs + groupSize - 1) / groupSize;
    // Where each process's pairs begin.
    auto beginOf = [&](int64_t process) {
      return std::min(process * groups / count * groupSize, pairs);
    };
    Status status = scoreOwn(queries, beginOf(rank), beginOf(rank + 1), scores);
    if (!processes)
      return status;
    if (!status.ok()) {
      processes->leave();
      return status;
    }
    offsets.clear();
    for (int64_t process = 0; process <= count; ++process)
      offsets.push_back(static_cast<size_t>(beginOf(process)) * sizeof(double));
    return processes->gather(std::as_writable_bytes(scores), offsets);
  }

  Status advance(std::span<const int32_t> events) override {
    return scorer->advance(events);
  }

  void endBatch() override { scorer->endBatch(); }

  std::unique_ptr<PairScorer> clone() const override {
    std::unique_ptr<PairScorer> copy = scorer->clone();
    return copy ? makeDividedScorer(std::move(copy), processes) : nullptr;
  }

private:
  /// Scores the pairs from `begin` to `end`, groups after groups.
  Status scoreOwn(const PairQueries &queries, int64_t begin, int64_t end,
                  std::span<double> scores) {
    auto after = std::ranges::upper_bound(queries.offsets, begin);
    int64_t query = after - queries.offsets.begin() - 1;
    for (; begin != end; begin = std::min(begin + groupSize, end)) {
      int64_t last = std::min(begin + groupSize, end);
      group.clear();
      while (query != queries.queryCount() && queries.offsets[query] < last) {
        addQuery(queries, query, begin, last);
        if (queries.offsets[query + 1] > last)
          break;
        ++query;
      }
      if (Status status = scorer->score(
              group, scores.subspan(static_cast<size_t>(begin),
                                    static_cast<size_t>(last - begin)));
          !status.ok())
        return status;
    }
    return Status();
  }

  /// Adds those of a query's pairs that lie between `begin` and `end`.
  void addQuery(const PairQueries &queries, int64_t query, int64_t begin,
                int64_t end) {
    int64_t first = std::max(queries.offsets[query], begin);
    int64_t last = std::min(queries.offsets[query + 1], end);
    auto all = queries.destinations.begin();
    group.destinations.insert(group.destinations.end(), all + first,
                              all + last);
    group.endQuery(queries.sources[query], queries.times[query],
                   queries.events[query]);
  }

  std::unique_ptr<PairScorer> scorer;
  std::shared_ptr<Communicator> processes;
  int64_t groupSize = groupPairs;
  PairQueries group;
  std::vector<size_t> offsets;
};

} // namespace

std::unique_ptr<PairScorer>
orcinus::makeDividedScorer(std::unique_ptr<PairScorer> scorer,
                           std::shared_ptr<Communicator> processes) {
  return std::make_unique<DividedScorer>(std::move(scorer),
                                         std::move(processes));
}
