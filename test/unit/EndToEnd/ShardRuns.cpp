//===- ShardRuns.cpp - Runs in shards, on several processes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardRuns.h"

#include "test/unit/Graph/TemporaryFolder.h"

using namespace orcinus;
using namespace orcinus::test;

Outcome ShardRuns::trainOne(std::shared_ptr<const CompiledModel> model,
                            const TrainOptions &options,
                            std::shared_ptr<Communicator> own) {
  Outcome outcome;
  auto trainer = Trainer::create(stream, model, options, labels, own);
  outcome.status = trainer.status();
  if (!trainer.ok())
    return outcome;
  auto epoch = trainer->trainEpoch();
  outcome.status = epoch.status();
  if (!epoch.ok())
    return outcome;
  outcome.precision = labels ? epoch->validation.figures.front().value
                             : epoch->validation.averagePrecision;
  outcome.reuse = epoch->reuse;
  for (int step = 0; step != 3; ++step) {
    auto trained = trainer->trainStep();
    outcome.status = trained.status();
    if (!trained.ok())
      return outcome;
    outcome.loss += trained->loss;
  }
  outcome.parameters = allParameters(*trainer);
  for (const NamedArray &rows : trainer->nodeRows())
    outcome.states.emplace_back(rows.values.begin(), rows.values.end());
  return outcome;
}

void ShardRuns::expectTheSameOnAnyNumberOfProcesses(
    std::shared_ptr<const CompiledModel> model) {
  std::vector<Outcome> alone = train(model, 4, 1);
  ASSERT_TRUE(alone[0].status.ok()) << alone[0].status.message();
  EXPECT_FALSE(alone[0].parameters.empty());
  for (int processes : {2, 4})
    for (const Outcome &outcome : train(model, 4, processes))
      EXPECT_TRUE(outcome == alone[0])
          << processes << " processes: " << outcome.status.message();
  // Shards, not processes, decide.
  EXPECT_TRUE(train(model, 2, 2)[0] == train(model, std::nullopt, 2)[1]);
  EXPECT_FALSE(train(model, 2, 1)[0] == alone[0]);
}

Outcome ShardRuns::assemble(const std::vector<Outcome> &parts) const {
  Outcome whole = parts.front();
  auto count = static_cast<int32_t>(parts.size());
  for (size_t array = 0; array != whole.states.size(); ++array) {
    std::vector<float> &rows = whole.states[array];
    size_t width = rows.size() / ((stream->nodeCount + count - 1) / count);
    rows.clear();
    for (int32_t node = 0; node != stream->nodeCount; ++node) {
      const std::vector<float> &own = parts[node % count].states[array];
      auto row = own.begin() + node / count * width;
      rows.insert(rows.end(), row, row + width);
    }
  }
  return whole;
}

void ShardRuns::expectTheSameWithShardedStates(
    std::shared_ptr<const CompiledModel> model) {
  Outcome expected = train(model, 4, 1)[0];
  ASSERT_TRUE(expected.status.ok()) << expected.status.message();
  state = "sharded";
  for (int processes : {1, 2, 4}) {
    std::vector<Outcome> parts = train(model, 4, processes);
    for (const Outcome &part : parts)
      EXPECT_EQ(part.parameters, expected.parameters) << part.status.message();
    EXPECT_TRUE(assemble(parts) == expected) << processes;
  }
}

namespace {

/// What a run comes to.
struct Ending {
  Status status;
  /// Of the test.
  std::vector<double> figures;
  std::vector<float> parameters;

  bool operator==(const Ending &other) const {
    return figures == other.figures && parameters == other.parameters;
  }
};

std::vector<double> figuresOf(const RankingMetrics &metrics) {
  if (metrics.figures.empty())
    return {metrics.averagePrecision, metrics.areaUnderCurve};
  std::vector<double> values;
  for (const Figure &figure : metrics.figures)
    values.push_back(figure.value);
  return values;
}

/// Asks for an end in the first batch: of several processes the second one is
/// the last, of one process the first.
struct StopAtOnce : TrainingObserver {
  bool wantsStop() override { return true; }
};

/// A part of a run of so many processes.
struct RunPart {
  int processes;
  const char *state;
  bool stops;
};

} // namespace

void ShardRuns::expectToGoOnOnAnotherNumberOfProcesses(
    std::shared_ptr<const CompiledModel> model) {
  TemporaryFolder kept;
  const char *folder = nullptr;
  auto run = [&](const RunPart &part, bool resumes) {
    state = part.state;
    std::vector<Ending> endings(part.processes);
    forAllProcesses(part.processes, [&](int rank, auto own) {
      Ending &ending = endings[rank];
      auto trainer = Trainer::create(stream, model, options(4), labels, own);
      ending.status = trainer.status();
      if (!trainer.ok())
        return;
      CheckpointOptions checkpoints;
      if (folder)
        checkpoints.directory = kept.path(folder);
      checkpoints.resume = resumes;
      // A stop saves by itself, in a batch after which nothing is due.
      checkpoints.everyBatches = part.stops ? 5 : 1;
      // What one process is told all do.
      StopAtOnce stop;
      bool isTold = part.stops && rank + 1 == part.processes;
      auto report = trainer->train(checkpoints, {}, isTold ? &stop : nullptr);
      ending.status = report.status();
      if (!report.ok())
        return;
      ending.figures = figuresOf(report->test);
      ending.parameters = allParameters(*trainer);
    });
    return endings;
  };
  Ending expected = run({1, "replicated", false}, false).front();
  ASSERT_TRUE(expected.status.ok()) << expected.status.message();
  const std::vector<std::vector<RunPart>> runs{
      {{2, "replicated", true}, {4, "replicated", false}},
      // What processes have rows of becomes one checkpoint, and the other way.
      {{2, "sharded", true}, {1, "sharded", true}, {4, "sharded", false}}};
  for (const std::vector<RunPart> &parts : runs) {
    folder = parts.front().state;
    for (const RunPart &part : parts)
      for (const Ending &ending : run(part, &part != &parts.front())) {
        SCOPED_TRACE(testing::Message()
                     << part.processes << " processes, " << part.state);
        if (part.stops) {
          EXPECT_EQ(ending.status.code(), StatusCode::Interrupted);
          EXPECT_TRUE(ending.status.message().starts_with(
              "stopped in epoch 1 after batch "))
              << ending.status.message();
        } else {
          EXPECT_TRUE(ending.status.ok()) << ending.status.message();
          EXPECT_TRUE(ending == expected);
        }
      }
  }
}

void ShardRuns::expectNearLosses(Trainer &left, Trainer &right, int steps,
                                 double tolerance) {
  for (int step = 0; step != steps; ++step) {
    auto ofLeft = left.trainStep(), ofRight = right.trainStep();
    ASSERT_TRUE(ofLeft.ok() && ofRight.ok()) << ofRight.message();
    EXPECT_NEAR(ofLeft->loss, ofRight->loss, tolerance) << "step " << step;
  }
}

ShardTest::ShardTest() {
  // A step of tpnet takes a hundred times as long.
  stream = generatedStream(121, GetParam() == "tpnet" ? 400 : 1500);
}

std::shared_ptr<const CompiledModel> ShardTest::compile(float dropout) {
  CompileOptions compiled;
  compiled.model = GetParam();
  compiled.dropout = dropout;
  compiled.edgeFeatureColumns = compiled.nodeFeatureColumns = 0;
  if (GetParam() == "tpnet")
    compiled.modelText = builtinTextWith("tpnet", {"neighbours = 3"});
  if (GetParam() == "tgn" || GetParam() == "tgat" || GetParam() == "apan")
    compiled =
        smallModel(GetParam(), GetParam() == "apan" ? 0 : 2, *stream, dropout);
  // Whose messages take neighbours that are drawn at random.
  if (GetParam() == "dyrep") {
    compiled.modelText = builtinTextWith("dyrep", {});
    std::string &text = compiled.modelText;
    for (size_t at; (at = text.find("policy(recent)")) != std::string::npos;)
      text.replace(at, 14, "policy(uniform)");
  }
  compiled.sharded = true;
  return compileForTest(compiled);
}

void test::PrintTo(const Reuse &reuse, std::ostream *stream) {
  *stream << reuse.model << ", " << reuse.mode << ", " << reuse.share << ", "
          << reuse.policy << ", capacity " << reuse.capacity << ", age limit "
          << reuse.maxAge;
}

CompileOptions test::reusing(const Reuse &reuse, const EventStream &stream,
                             float dropout) {
  CompileOptions compiled = smallModel(reuse.model, 3, stream, dropout);
  compiled.reuse = reuse.mode;
  compiled.share = reuse.share;
  compiled.policy = reuse.policy;
  compiled.capacity = reuse.capacity;
  compiled.maxAge = reuse.maxAge;
  compiled.sharded = true;
  return compiled;
}
