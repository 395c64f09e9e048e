//===- PairModelTest.cpp - Models that score pairs against the reference --===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceRun.h"

#include "lib/Reference/PairModels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <ostream>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Instance {
  const char *model;
  int64_t edgeColumns, nodeColumns;
  /// Of DyGFormer.
  int patches, patch;
  const char *target = "host";
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  *stream << instance.model << " with " << instance.edgeColumns << " edge and "
          << instance.nodeColumns << " node features, " << instance.patches
          << " patches of " << instance.patch << ", " << instance.target;
}

class PairModelTest : public testing::TestWithParam<Instance> {
protected:
  PairModelTest()
      : stream(smallStream(GetParam().edgeColumns, GetParam().nodeColumns, 41)),
        model(compileForTest(options())),
        trainer(makeTrainer(stream, model, shortRun())),
        split(splitForReference(*stream)) {
    std::vector<uint8_t> visible(stream->eventCount());
    for (int32_t event : split.train)
      visible[event] = 1;
    if (isDyGFormer())
      reference = std::make_unique<reference::DyGFormer>(
          *stream, visible, GetParam().patches, GetParam().patch);
    else if (isCawn())
      reference = std::make_unique<reference::Cawn>(*stream, visible, 3);
    else
      reference = std::make_unique<reference::Tcl>(*stream, visible, 3);
  }

  static bool isDyGFormer() {
    return std::string(GetParam().model) == "dygformer";
  }

  static bool isCawn() { return std::string(GetParam().model) == "cawn"; }

  /// Its walks go to the recent neighbours: nobody else draws as it does.
  static std::string cawnText() {
    std::string text = builtinTextWith(
        "cawn", {"time = 6", "walks = 3", "position = 6", "hidden = 5",
                 "code = 3", "attention = 8", "heads = 2"});
    for (const std::string end : {"source", "destination"}) {
      std::string drawn =
          "sample_by_interval %" + end + "s k(walks) scale(1.0e-06)";
      text.replace(text.find(drawn), drawn.size(),
                   "sample %" + end + "s k(walks) policy(recent)");
    }
    return text;
  }

  CompileOptions options() const {
    CompileOptions options;
    options.model = GetParam().model;
    options.dimension = 8;
    options.dropout = 0.0f;
    options.target = GetParam().target;
    options.checkKernels = options.target == "simulator";
    options.edgeFeatureColumns = stream->edgeFeatures.columns;
    options.nodeFeatureColumns = stream->nodeFeatures.columns;
    if (isDyGFormer())
      options.modelText = builtinTextWith(
          "dygformer", {"time = 6", "channel = 4",
                        "patches = " + std::to_string(GetParam().patches),
                        "patch = " + std::to_string(GetParam().patch)});
    else if (isCawn())
      options.modelText = cawnText();
    else
      options.modelText =
          builtinTextWith("tcl", {"time = 6", "neighbours = 3"});
    return options;
  }

  /// Whether the text keeps the parameter as it is.
  static bool isFixed(const std::string &name) {
    return name == "time.zero" || name.ends_with(".start") ||
           name.ends_with(".once") || name.ends_with(".no_event");
  }

  void takeParameters() {
    reference->parameters.clear();
    for (auto &[name, array] : arraysOf(trainer, *model))
      reference->parameters[name] = std::move(array);
  }

  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const CompiledModel> model;
  Trainer trainer;
  Split split;
  std::unique_ptr<reference::PairModel> reference;
};

TEST_P(PairModelTest, LossesAreTheReferences) {
  double first = 0, last = 0;
  for (int64_t step = 0; step < 6; ++step) {
    takeParameters();
    double expected = reference->loss(trainingBatch(*stream, split, 0, step));
    auto report = trainer.trainStep();
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_NEAR(report->loss, expected, 3e-5 * std::max(1.0, expected))
        << "step " << step;
    first = step == 0 ? expected : first;
    last = expected;
  }
  EXPECT_NE(first, last);
}

TEST_P(PairModelTest, ParametersFollowTheReferencesGradients) {
  std::vector<ElementOfAdam> elements;
  for (const std::string &name : trainer.parameterNames())
    if (int64_t size = trainer.parameter(name).size();
        size > 0 && !isFixed(name))
      for (int64_t index : {size / 3, size - 1})
        elements.push_back({name, name, index});
  reference::Batch batch;
  expectStepsOfAdam(
      trainer, elements,
      [&](int64_t step) {
        takeParameters();
        batch = trainingBatch(*stream, split, 0, step);
      },
      [&](const ElementOfAdam &element) {
        return reference->numericGradient(batch, element.name, element.index);
      },
      [] {});
}

TEST_P(PairModelTest, ResumesBitwise) {
  std::string folder =
      testing::TempDir() + "orcinus-pairs-" + std::to_string(getpid());
  for (int step = 0; step < 3; ++step)
    ASSERT_TRUE(trainer.trainStep().ok());
  Status saved = trainer.save(folder);
  ASSERT_TRUE(saved.ok()) << saved.message();
  Trainer other = makeTrainer(stream, model, shortRun());
  EXPECT_NE(allParameters(other), allParameters(trainer));
  Status loaded = other.load(folder);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  auto left = trainer.trainEpoch(), right = other.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(left->validation.averagePrecision,
            right->validation.averagePrecision);
  EXPECT_EQ(allParameters(other), allParameters(trainer));
}

INSTANTIATE_TEST_SUITE_P(
    Models, PairModelTest,
    testing::Values(Instance{"tcl", 0, 0, 0, 0}, Instance{"tcl", 5, 3, 0, 0},
                    Instance{"dygformer", 0, 0, 5, 1},
                    Instance{"dygformer", 5, 3, 3, 2},
                    Instance{"cawn", 5, 3, 0, 0},
                    Instance{"tcl", 5, 3, 0, 0, "simulator"},
                    Instance{"dygformer", 5, 3, 3, 2, "simulator"},
                    Instance{"cawn", 0, 0, 0, 0, "simulator"}));

} // namespace
