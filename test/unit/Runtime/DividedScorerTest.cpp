//===- DividedScorerTest.cpp - Scoring by several processes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/DividedScorer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace orcinus;

namespace {

/// Scores depend on the pair, on what is asked together with it and on the
/// events that were given.
class Witness : public PairScorer {
public:
  explicit Witness(std::atomic<int64_t> *asked) : asked(asked) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    EXPECT_EQ(queries.pairCount(), std::ssize(scores));
    if (queries.sources.front() == failing)
      return Status::error("cannot score");
    size_t place = 0;
    double together = 0;
    for (int32_t destination : queries.destinations)
      together = 0.75 * together + destination;
    for (int64_t query = 0; query != queries.queryCount(); ++query)
      for (int32_t candidate : queries.candidates(query))
        scores[place++] = queries.sources[query] * 1e6 +
                          queries.events[query] * 1e3 + candidate +
                          together / 7 + given;
    *asked += queries.pairCount();
    return Status();
  }
  Status advance(std::span<const int32_t> events) override {
    given += static_cast<double>(events.size());
    return Status();
  }
  std::unique_ptr<PairScorer> clone() const override {
    return std::make_unique<Witness>(*this);
  }

  static constexpr int32_t failing = 99;

private:
  std::atomic<int64_t> *asked;
  double given = 0;
};

/// Queries of which query i has `candidates(i)` candidates.
template <typename Candidates>
PairQueries queriesOf(int32_t count, Candidates candidates) {
  PairQueries queries;
  for (int32_t query = 0; query != count; ++query) {
    for (int32_t each = 0; each != candidates(query); ++each)
      queries.destinations.push_back((query * 31 + each * 7) % 50);
    queries.endQuery(query % 11, Timestamp(), query);
  }
  return queries;
}

/// What each of so many processes gets.
std::vector<std::vector<double>> scoresOf(const PairQueries &queries,
                                          int processes,
                                          std::atomic<int64_t> &asked) {
  std::vector<std::vector<double>> results(
      processes, std::vector<double>(queries.pairCount(), -1));
  auto group = makeLocalGroup(processes);
  std::vector<std::thread> threads;
  for (int rank = 0; rank != processes; ++rank)
    threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
      auto scorer = makeDividedScorer(std::make_unique<Witness>(&asked),
                                      processes > 1 ? std::move(own) : nullptr);
      EXPECT_TRUE(scorer->advance(std::vector<int32_t>(3)).ok());
      auto copy = scorer->clone();
      EXPECT_TRUE(copy->score(queries, results[rank]).ok());
    });
  for (std::thread &thread : threads)
    thread.join();
  return results;
}

TEST(DividedScorer, AnyNumberOfProcessesGivesTheSameBits) {
  PairQueries shapes[] = {
      queriesOf(1, [](int32_t) { return 1; }),
      queriesOf(200, [](int32_t) { return 2; }),
      queriesOf(7, [](int32_t) { return 1000; }),
      queriesOf(40, [](int32_t query) { return query % 5 == 0 ? 300 : query; }),
      queriesOf(8, [](int32_t) { return 512; }),
      queriesOf(20, [](int32_t) { return 1000; })};
  for (const PairQueries &queries : shapes) {
    std::atomic<int64_t> alone = 0;
    std::vector<double> wanted = scoresOf(queries, 1, alone)[0];
    EXPECT_EQ(alone, queries.pairCount());
    for (int processes : {2, 4, 8}) {
      // Each pair is scored by one process.
      std::atomic<int64_t> asked = 0;
      for (const std::vector<double> &scores :
           scoresOf(queries, processes, asked))
        EXPECT_EQ(scores, wanted) << processes << " processes";
      EXPECT_EQ(asked, queries.pairCount());
    }
  }
}

TEST(DividedScorer, AnErrorOfOneEndsAll) {
  PairQueries queries = queriesOf(4, [](int32_t) { return 512; });
  queries.sources[2] = Witness::failing;
  std::atomic<int64_t> asked = 0;
  auto group = makeLocalGroup(2);
  std::vector<std::thread> threads;
  for (int rank = 0; rank != 2; ++rank)
    threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
      std::vector<double> scores(queries.pairCount());
      Status status =
          makeDividedScorer(std::make_unique<Witness>(&asked), std::move(own))
              ->score(queries, scores);
      EXPECT_EQ(status.message(),
                rank == 1 ? "cannot score"
                          : "another process of this run has ended");
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
