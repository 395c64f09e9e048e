//===- ShardRuns.h - Runs in shards, on several processes -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_ENDTOEND_SHARDRUNS_H
#define ORCINUS_TEST_UNIT_ENDTOEND_SHARDRUNS_H

#include "TestModel.h"
#include "orcinus/Runtime/Communicator.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace orcinus::test {

/// What a run leaves.
struct Outcome {
  std::vector<float> parameters;
  /// An array of rows of nodes each.
  std::vector<std::vector<float>> states;
  double loss = 0, precision = 0;
  ReuseCounts reuse;
  Status status;

  bool operator==(const Outcome &other) const {
    return parameters == other.parameters && states == other.states &&
           loss == other.loss && precision == other.precision &&
           reuse == other.reuse && status.message() == other.status.message();
  }
};

/// Runs in shards by several processes, which are threads here.
class ShardRuns : public testing::Test {
protected:
  TrainOptions options(std::optional<int64_t> shards) const {
    TrainOptions options;
    options.state = state;
    options.epochs = 2;
    options.learningRate = 1e-3;
    options.threads = 1;
    // The last batch has fewer events than there are shards.
    options.batchSize = 97;
    options.seed = 3;
    options.shards = shards;
    return options;
  }

  /// Calls `work` in each of so many processes.
  template <typename Work>
  static void forAllProcesses(int processes, Work work) {
    auto group = makeLocalGroup(processes);
    std::vector<std::thread> threads;
    for (int rank = 0; rank != processes; ++rank)
      threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
        work(rank, std::move(own));
      });
    for (std::thread &thread : threads)
      thread.join();
  }

  /// An epoch and some batches of each process, of which there are as many as
  /// `processes`.
  std::vector<Outcome> train(std::shared_ptr<const CompiledModel> model,
                             std::optional<int64_t> shards, int processes) {
    std::vector<Outcome> outcomes(processes);
    forAllProcesses(processes, [&](int rank, auto own) {
      outcomes[rank] = trainOne(model, options(shards), std::move(own));
    });
    return outcomes;
  }

  Outcome trainOne(std::shared_ptr<const CompiledModel> model,
                   const TrainOptions &options,
                   std::shared_ptr<Communicator> own);
  void expectTheSameOnAnyNumberOfProcesses(
      std::shared_ptr<const CompiledModel> model);
  /// What processes that have rows of their own leave, as one that has all.
  Outcome assemble(const std::vector<Outcome> &parts) const;
  void
  expectTheSameWithShardedStates(std::shared_ptr<const CompiledModel> model);
  /// That runs which stop in the middle of an epoch go on from their checkpoint
  /// on another number of processes, wherever the states are, to the figures
  /// and parameters of a run that does not.
  void expectToGoOnOnAnotherNumberOfProcesses(
      std::shared_ptr<const CompiledModel> model);
  static void expectNearLosses(Trainer &left, Trainer &right, int steps,
                               double tolerance);

  /// Where the states of nodes are.
  std::string state = "replicated";
  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const LabelSet> labels;
};

/// Such runs of a built-in model, by its name.
class ShardTest : public ShardRuns,
                  public testing::WithParamInterface<std::string> {
protected:
  ShardTest();

  std::shared_ptr<const CompiledModel> compile(float dropout);
};

/// How a model reuses embeddings.
struct Reuse {
  const char *model, *mode, *share, *policy;
  int64_t capacity, maxAge;
};

void PrintTo(const Reuse &reuse, std::ostream *stream);

/// A small model of three layers, to be cut into shards.
CompileOptions reusing(const Reuse &reuse, const EventStream &stream,
                       float dropout);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_ENDTOEND_SHARDRUNS_H
