//===- TaskTest.cpp - Training by labels ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Graph/Split.h"
#include "orcinus/Runtime/Session.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/Manifest.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

CompileOptions taskModel(const std::string &name, const EventStream &stream,
                         Task task, int64_t outputs, float dropout = 0) {
  CompileOptions options =
      smallModel(name, name == "jodie" ? 0 : 1, stream, dropout);
  if (name == "jodie") {
    options.neighbours.reset();
    options.heads.reset();
  }
  options.task = taskName(task);
  options.outputs = outputs;
  options.threads = 1;
  return options;
}

//===----------------------------------------------------------------------===//
// One step
//===----------------------------------------------------------------------===//

/// Steps of a task on the batch of the first events, from states that are
/// empty, whose labels are of sources, of destinations and of queries.
class TaskStep {
public:
  static constexpr int64_t batch = 20, columns = 3;

  TaskStep(std::shared_ptr<const EventStream> events,
           const CompileOptions &options)
      : stream(std::move(events)), model(compileForTest(options)),
        manifest(*parseManifest(model->manifest())),
        state(manifest, stream->nodeCount, {}, nullptr),
        features(*stream, nullptr), graph(TemporalGraph::build(*stream, {}, 1)),
        // Later events have neighbours.
        all(batch) {
    std::iota(all.begin(), all.end(), 100);
    EXPECT_TRUE(state.initialize(manifest, {3, stream.get(), all}).ok());
    for (int32_t query : {0, 1, 2, 1}) {
      queryNodes.push_back(query);
      queryTimes.push_back(stream->time[100 + 4 * query]);
    }
    // A row may have two labels, and need not have one.
    rows = {3, 0, 3, batch + 5, 2 * batch, 2 * batch + 3, 2 * batch + 1};
    others = rows;
    std::ranges::reverse(others);
    for (size_t label = 0; label != rows.size(); ++label) {
      labelledEvents.push_back(static_cast<int32_t>(100 + label));
      for (int64_t column = 0; column != columns; ++column)
        values.push_back(static_cast<float>((label + column) % 3) / 3);
    }
  }

  /// Runs `train`, and returns the loss.
  double train(float rate) {
    state.clearNodeStates();
    auto created = Invocation::create("train", *model, manifest, state,
                                      features, lossOutput);
    EXPECT_TRUE(created.ok()) << created.message();
    ArenaScope scope(arena);
    model->useThreads(1);
    StepInput input;
    input.stream = stream.get();
    input.graph = &graph;
    input.state = &state.index;
    input.events = all;
    input.queryNodes = queryNodes;
    input.queryTimes = queryTimes;
    input.labelledRows = rows;
    input.otherLabelledRows = others;
    input.labelledEvents = labelledEvents;
    input.labelValues = values;
    input.labelColumns = columns;
    Status status = (*created)->prepare(input);
    EXPECT_TRUE(status.ok()) << status.message();
    status = (*created)->step({rate, 1, 7});
    EXPECT_TRUE(status.ok()) << status.message();
    return (*created)->outputs().find("loss").values.front();
  }

  std::vector<float> parameter(const std::string &name) {
    std::span<float> values =
        state.find(BindingKind::Parameter, name)->values();
    return {values.begin(), values.end()};
  }
  void setParameter(const std::string &name, const std::vector<float> &to) {
    std::ranges::copy(
        to, state.find(BindingKind::Parameter, name)->values().begin());
  }

  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const CompiledModel> model;
  Manifest manifest;
  ModelState state;
  FeatureArguments features;
  TemporalGraph graph;
  Arena arena;
  std::vector<int32_t> all, queryNodes, rows, others, labelledEvents;
  std::vector<Timestamp> queryTimes;
  std::vector<float> values;
};

/// The gradient of a step of descent is what the loss changes by.
void expectGradients(const std::string &name, Task task,
                     const std::vector<std::string> &parameters) {
  auto stream = smallStream(4, 8, 11);
  CompileOptions options = taskModel(name, *stream, task, TaskStep::columns);
  options.optimizer = "sgd";
  TaskStep step(stream, options);
  for (const std::string &parameter : parameters) {
    std::vector<float> before = step.parameter(parameter);
    std::map<std::string, std::vector<float>> all;
    for (const ParameterSpecification &each : step.manifest.parameters)
      all[each.name] = step.parameter(each.name);
    step.train(1);
    std::vector<float> after = step.parameter(parameter);
    for (const auto &[other, values] : all)
      step.setParameter(other, values);
    double largest = 0;
    for (size_t at = 0; at != before.size(); ++at)
      largest = std::max<double>(largest, std::abs(before[at] - after[at]));
    EXPECT_GT(largest, 1e-3) << name << " " << parameter;
    for (size_t at = 0; at < before.size(); at += 1 + before.size() / 5) {
      constexpr float h = 2e-3f;
      std::vector<float> moved = before;
      moved[at] = before[at] + h;
      step.setParameter(parameter, moved);
      double above = step.train(0);
      moved[at] = before[at] - h;
      step.setParameter(parameter, moved);
      double below = step.train(0);
      step.setParameter(parameter, before);
      EXPECT_NEAR(before[at] - after[at], (above - below) / (2 * h),
                  0.02 * largest + 6e-5)
          << name << " " << parameter << " " << at;
    }
  }
}

TEST(TaskStepTest, GradientsOfLabelsOfNodes) {
  expectGradients("tgn", Task::NodeProperty,
                  {"node_head.third", "node_head.first_bias", "embed1.result",
                   "embed1.value"});
}

TEST(TaskStepTest, GradientsOfLabelsOfEvents) {
  expectGradients("jodie", Task::EdgeRegression,
                  {"edge_head.third", "edge_head.first"});
  expectGradients("tgat", Task::EdgeClassification,
                  {"edge_head.first", "embed1.output"});
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// Two classes of sources: those that had an event shortly before, and others.
/// Of every `step`-th event.
std::shared_ptr<LabelSet> burstLabels(const EventStream &stream, int step = 1) {
  auto labels = std::make_shared<LabelSet>();
  labels->classes = {"calm", "busy"};
  std::vector<double> last(stream.nodeCount, -1e9);
  std::vector<double> gaps;
  for (int32_t event = 0; event != stream.eventCount(); ++event) {
    int32_t node = stream.source[event];
    gaps.push_back(stream.seconds(event) - last[node]);
    last[node] = last[stream.destination[event]] = stream.seconds(event);
  }
  std::vector<double> sorted = gaps;
  std::ranges::nth_element(sorted, sorted.begin() + sorted.size() / 2);
  double median = sorted[sorted.size() / 2];
  for (int32_t event = 0; event < stream.eventCount(); event += step) {
    labels->add(
        {stream.time[event], stream.source[event], event, LabelOf::Source},
        LabelEntry{gaps[event] < median, 1});
  }
  return labels;
}

TrainOptions shortRun() {
  TrainOptions options;
  options.epochs = 3;
  options.learningRate = 1e-2;
  options.threads = 1;
  options.batchSize = 50;
  options.seed = 3;
  options.maskedNodeFraction = 0;
  return options;
}

Trainer trainerOf(std::shared_ptr<const EventStream> stream,
                  std::shared_ptr<const CompiledModel> model,
                  const TrainOptions &options,
                  std::shared_ptr<const LabelSet> labels) {
  auto trainer = Trainer::create(stream, model, options, labels);
  EXPECT_TRUE(trainer.ok()) << trainer.message();
  return std::move(*trainer);
}

double figure(const RankingMetrics &metrics, const std::string &name) {
  for (const Figure &each : metrics.figures)
    if (each.name == name)
      return each.value;
  ADD_FAILURE() << "no figure " << name;
  return 0;
}

class TaskRunTest : public testing::Test {
protected:
  std::shared_ptr<const EventStream> stream = generatedStream(60, 2000);
  std::shared_ptr<const CompiledModel> model = compileForTest(
      taskModel("tgn", *stream, Task::NodeClassification, 1, 0.1f));
};

TEST_F(TaskRunTest, LearnsLabels) {
  TrainOptions options = shortRun();
  options.epochs = 5;
  Trainer trainer = trainerOf(stream, model, options, burstLabels(*stream));
  auto report = trainer.train();
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_GT(figure(report->test, "auc"), 0.85);
  EXPECT_GT(figure(report->test, "accuracy"),
            figure(report->test, "majority_accuracy") + 0.2);
}

TEST_F(TaskRunTest, ResumesInTheMiddleOfAnEpochBitwise) {
  // Of three batches, one has a label.
  auto labels = burstLabels(*stream, 150);
  Trainer whole = trainerOf(stream, model, shortRun(), labels);
  for (int batch = 0; batch != 40; ++batch)
    ASSERT_TRUE(whole.trainStep().ok());
  TemporaryFolder folder;
  Trainer first = trainerOf(stream, model, shortRun(), labels);
  for (int batch = 0; batch != 33; ++batch)
    ASSERT_TRUE(first.trainStep().ok());
  ASSERT_TRUE(first.save(folder.path("run")).ok());
  Trainer second = trainerOf(stream, model, shortRun(), labels);
  Status loaded = second.load(folder.path("run"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  for (int batch = 33; batch != 40; ++batch)
    ASSERT_TRUE(second.trainStep().ok());
  EXPECT_EQ(allParameters(whole), allParameters(second));

  // Other labels are another run.
  auto others = std::make_shared<LabelSet>(*labels);
  others->entries[2].column ^= 1;
  Trainer other = trainerOf(stream, model, shortRun(), others);
  EXPECT_NE(other.load(folder.path("run"))
                .message()
                .find("its checksum of labels is"),
            std::string::npos);
}

/// Batches without a label leave the parameters, and the states as others do.
TEST_F(TaskRunTest, BatchesWithoutALabelAdvanceTheStates) {
  TrainOptions options = shortRun();
  options.learningRate = 0;
  auto one = std::make_shared<LabelSet>(*burstLabels(*stream));
  one->places.resize(1);
  one->offsets.resize(2);
  one->entries.resize(1);
  Trainer all = trainerOf(stream, model, options, burstLabels(*stream));
  Trainer few = trainerOf(stream, model, options, one);
  std::vector<float> before = allParameters(few);
  std::vector<int32_t> nodes(stream->nodeCount);
  std::iota(nodes.begin(), nodes.end(), 0);
  std::vector<double> times(nodes.size(), stream->seconds(1199) + 1);
  std::vector<float> wanted(nodes.size() * all.embeddingWidth());
  std::vector<float> embeddings = wanted;
  for (int batch = 0; batch != 24; ++batch) {
    ASSERT_TRUE(all.trainStep().ok());
    auto report = few.trainStep();
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->loss == 0, batch != 0);
  }
  EXPECT_EQ(allParameters(few), before);
  ASSERT_TRUE(all.embed(nodes, times, wanted).ok());
  ASSERT_TRUE(few.embed(nodes, times, embeddings).ok());
  for (size_t at = 0; at != wanted.size(); ++at)
    EXPECT_NEAR(embeddings[at], wanted[at], 1e-5);
}

TEST_F(TaskRunTest, HiddenLabelsTrainNothing) {
  TrainOptions options = shortRun();
  options.epochs = 1;
  options.maskedNodeFraction = 0.3;
  auto labels = burstLabels(*stream);
  Trainer one = trainerOf(stream, model, options, labels);
  auto report = one.train();
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_TRUE(std::isfinite(figure(report->test, "auc_inductive")));
  EXPECT_TRUE(
      std::isfinite(figure(report->test, "majority_accuracy_inductive")));

  // Whose labels were hidden, a split says that training does not see.
  SplitOptions split;
  split.maskedNodeFraction = 0.3;
  split.seed = options.seed;
  auto parts = splitByTime(*stream, split);
  ASSERT_TRUE(parts.ok());
  auto flipped = std::make_shared<LabelSet>(*labels);
  for (size_t label = 0; label != labels->places.size(); ++label)
    if (parts->maskedNodes[labels->places[label].node])
      flipped->entries[label].column ^= 1;
  Trainer other = trainerOf(stream, model, options, flipped);
  ASSERT_TRUE(other.train().ok());
  EXPECT_EQ(allParameters(one), allParameters(other));
}

TEST_F(TaskRunTest, AFrozenEncoderStays) {
  TemporaryFolder folder;
  auto link = compileForTest(smallModel("tgn", 1, *stream, 0.1f));
  TrainOptions options = shortRun();
  options.epochs = 1;
  Trainer encoder = makeTrainer(stream, link, options);
  CheckpointOptions checkpoints;
  checkpoints.directory = folder.path("link");
  ASSERT_TRUE(encoder.train(checkpoints).ok());

  CompileOptions compile =
      taskModel("tgn", *stream, Task::NodeClassification, 1, 0.1f);
  compile.freezeEncoder = true;
  auto frozen = compileForTest(compile);
  Trainer head = trainerOf(stream, frozen, options, burstLabels(*stream));
  std::vector<float> first(head.parameter("node_head.first").begin(),
                           head.parameter("node_head.first").end());
  Status loaded = head.loadEncoder(folder.path("link"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  ASSERT_TRUE(head.trainEpoch().ok());
  ASSERT_TRUE(encoder.test().ok());
  int compared = 0;
  for (const std::string &name : head.parameterNames()) {
    std::span<float> own = head.parameter(name);
    if (name.starts_with("node_head."))
      continue;
    std::span<float> others = encoder.parameter(name);
    ASSERT_EQ(own.size(), others.size()) << name;
    EXPECT_TRUE(std::ranges::equal(own, others)) << name;
    ++compared;
  }
  EXPECT_GT(compared, 10);
  EXPECT_FALSE(std::ranges::equal(head.parameter("node_head.first"), first));

  // Another model's parameters are none of this one's.
  auto jodie =
      compileForTest(taskModel("jodie", *stream, Task::NodeClassification, 1));
  Trainer other = trainerOf(stream, jodie, options, burstLabels(*stream));
  EXPECT_FALSE(other.loadEncoder(folder.path("link")).ok());
}

/// A head stays behind, whatever its labels were.
TEST_F(TaskRunTest, AnEncoderComesWithoutItsHead) {
  TemporaryFolder folder;
  TrainOptions options = shortRun();
  options.epochs = 1;
  Trainer first = trainerOf(stream, model, options, burstLabels(*stream));
  CheckpointOptions checkpoints;
  checkpoints.directory = folder.path("run");
  ASSERT_TRUE(first.train(checkpoints).ok());
  auto three = std::make_shared<LabelSet>(*burstLabels(*stream));
  three->classes.push_back("other");
  auto wide =
      compileForTest(taskModel("tgn", *stream, Task::NodeClassification, 3));
  options.seed = 4;
  Trainer second = trainerOf(stream, wide, options, three);
  Trainer untrained = trainerOf(stream, wide, options, three);
  Status loaded = second.loadEncoder(folder.path("run"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  ASSERT_TRUE(first.test().ok());
  for (const std::string &name : second.parameterNames()) {
    std::span<float> wanted =
        (name.starts_with("node_head.") ? untrained : first).parameter(name);
    EXPECT_TRUE(std::ranges::equal(second.parameter(name), wanted)) << name;
  }
}

/// Labels in which a validation or test would see nothing.
TEST_F(TaskRunTest, LabelsEndWithTheStream) {
  auto all = burstLabels(*stream);
  auto messageOf = [&](const LabelSet &labels) {
    TrainOptions options = shortRun();
    options.epochs = 1;
    Trainer trainer =
        trainerOf(stream, model, options, std::make_shared<LabelSet>(labels));
    auto report = trainer.train();
    return report.ok() ? std::string("no error") : report.message();
  };
  LabelSet early = *all;
  size_t kept = early.places.size() / 2;
  early.places.resize(kept);
  early.entries.resize(kept);
  early.offsets.resize(kept + 1);
  EXPECT_TRUE(messageOf(early).starts_with(
      "no label belongs to the events of the validation, from "))
      << messageOf(early);
  LabelSet same = *all;
  for (size_t label = kept; label != same.entries.size(); ++label)
    same.entries[label].column = 0;
  EXPECT_EQ(messageOf(same),
            "all labels of the validation are 'calm', by which no model can be "
            "told from another: give a longer stream, or more labels");
}

/// A run is not resumed with classes of other names.
TEST_F(TaskRunTest, NamesOfClassesAreOfTheRun) {
  TemporaryFolder folder;
  TrainOptions options = shortRun();
  options.epochs = 1;
  auto labels = std::make_shared<LabelSet>(*burstLabels(*stream));
  labels->classes = {"a", "bc"};
  CheckpointOptions checkpoints;
  checkpoints.directory = folder.path("run");
  ASSERT_TRUE(
      trainerOf(stream, model, options, labels).train(checkpoints).ok());
  auto others = std::make_shared<LabelSet>(*labels);
  others->classes = {"ab", "c"};
  options.epochs = 2;
  checkpoints.resume = true;
  EXPECT_FALSE(
      trainerOf(stream, model, options, others).train(checkpoints).ok());
  EXPECT_TRUE(
      trainerOf(stream, model, options, labels).train(checkpoints).ok());
}

TEST_F(TaskRunTest, MasksAreOfNodesAlone) {
  TrainOptions options = shortRun();
  // Of links a tenth of the nodes is masked; of labels, none that nobody asks.
  options.maskedNodeFraction.reset();
  options.epochs = 1;
  Trainer trainer = trainerOf(stream, model, options, burstLabels(*stream));
  auto report = trainer.train();
  ASSERT_TRUE(report.ok()) << report.message();
  for (const Figure &each : report->test.figures)
    EXPECT_EQ(each.name.find("inductive"), std::string::npos) << each.name;

  auto edges =
      compileForTest(taskModel("tgn", *stream, Task::EdgeClassification, 1));
  auto labels = std::make_shared<LabelSet>(*burstLabels(*stream));
  labels->task = Task::EdgeClassification;
  options.maskedNodeFraction = 0.2;
  EXPECT_EQ(Trainer::create(stream, edges, options, labels).message(),
            "edge-classification keeps no node's labels from training: mask "
            "none");
}

/// A session predicts what the head makes of its embeddings, in double
/// precision.
TEST_F(TaskRunTest, ASessionPredicts) {
  TemporaryFolder folder;
  TrainOptions options = shortRun();
  options.epochs = 1;
  Trainer trainer = trainerOf(stream, model, options, burstLabels(*stream));
  CheckpointOptions checkpoints;
  checkpoints.directory = folder.path("run");
  ASSERT_TRUE(trainer.train(checkpoints).ok());
  auto stored = readCheckpoint(folder.path("run"));
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(*readCheckpointClasses(folder.path("run")),
            (std::vector<std::string>{"calm", "busy"}));
  auto opened =
      Session::open(folder.path("run"), *stream,
                    compileForTest(sessionCompileOptions(stored->compile)));
  ASSERT_TRUE(opened.ok()) << opened.message();
  Session &session = *opened;
  EXPECT_EQ(session.match(), CheckpointMatch::Run);
  EXPECT_EQ(session.task(), Task::NodeClassification);
  ASSERT_EQ(session.predictionWidth(), 1);
  std::vector<int32_t> nodes(stream->nodeCount);
  std::iota(nodes.begin(), nodes.end(), 0);
  nodes.push_back(unknownNode);
  std::vector<Moment> moments(nodes.size(), session.now());
  size_t width = session.embeddingWidth();
  std::vector<float> embeddings(nodes.size() * width);
  std::vector<float> predictions(nodes.size());
  ASSERT_TRUE(session.embed(nodes, moments, embeddings).ok());
  Status predicted = session.predict(nodes, moments, predictions);
  ASSERT_TRUE(predicted.ok()) << predicted.message();
  reference::Parameters arrays = arraysOf(trainer, *model);
  auto linear = [&](const std::string &name, const std::vector<double> &input) {
    const reference::Array &weight = arrays["node_head." + name];
    const reference::Array &bias = arrays["node_head." + name + "_bias"];
    std::vector<double> result(bias.values.begin(), bias.values.end());
    for (size_t row = 0; row != input.size(); ++row)
      for (size_t column = 0; column != result.size(); ++column)
        result[column] +=
            input[row] * weight.values[row * result.size() + column];
    return result;
  };
  auto relu = [](std::vector<double> values) {
    for (double &value : values)
      value = std::max(value, 0.0);
    return values;
  };
  for (size_t node = 0; node != nodes.size(); ++node) {
    std::vector<double> embedding(embeddings.begin() + node * width,
                                  embeddings.begin() + (node + 1) * width);
    auto hidden = relu(linear("second", relu(linear("first", embedding))));
    EXPECT_NEAR(predictions[node], linear("third", hidden)[0], 1e-4);
  }
  std::vector<PairQuery> pairs = {{0, 1, session.now()}};
  EXPECT_EQ(
      session.score(pairs, std::span(predictions).first(1)).message(),
      "the model was trained for node-classification: it scores no pairs");
}

TEST_F(TaskRunTest, WhatDoesNotFitIsAnError) {
  auto messageOf = [&](std::shared_ptr<const CompiledModel> program,
                       std::shared_ptr<const LabelSet> labels,
                       TrainOptions options = shortRun()) {
    auto trainer = Trainer::create(stream, program, options, labels);
    return trainer.ok() ? std::string("no error") : trainer.message();
  };
  auto labels = burstLabels(*stream);
  EXPECT_EQ(messageOf(model, nullptr),
            "the model was compiled for node-classification, which needs "
            "labels");
  auto link = compileForTest(smallModel("tgn", 1, *stream));
  EXPECT_EQ(messageOf(link, labels),
            "the labels are those of node-classification, but the model was "
            "compiled for link-prediction");
  auto three = std::make_shared<LabelSet>(*labels);
  three->classes.push_back("other");
  EXPECT_EQ(messageOf(model, three),
            "the numbers of a label are 3 here, of which two classes and a "
            "number have 1, but the model was compiled for 1: take labels with "
            "the same classes");
  auto late = std::make_shared<LabelSet>();
  late->classes = labels->classes;
  late->add(labels->places.back(), LabelEntry{1, 1});
  EXPECT_EQ(messageOf(model, late),
            "no label belongs to training's events: compare the labels' times "
            "with the events', and their unit");
  auto foreign = std::make_shared<LabelSet>(*labels);
  foreign->places.back().node = stream->nodeCount;
  EXPECT_EQ(messageOf(model, foreign),
            "the labels are not of this stream: make them of it, by "
            "labelsOfStream() or readLabels()");
  TrainOptions options = shortRun();
  options.protocol = "dyglib";
  EXPECT_EQ(messageOf(model, labels, options),
            "the protocol dyglib is for link prediction: train "
            "node-classification without");
  CompileOptions pairs = taskModel("tgn", *stream, Task::NodeClassification, 1);
  pairs.model = "tcl";
  pairs.layers.reset();
  auto compiled = compileModel(pairs);
  ASSERT_FALSE(compiled.ok());
  EXPECT_NE(compiled.message().find("has no embeddings to predict labels of"),
            std::string::npos)
      << compiled.message();
}

} // namespace
