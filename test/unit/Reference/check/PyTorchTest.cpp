//===- PyTorchTest.cpp - The reference against the PyTorch baseline -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// write_case.py runs the baseline on a small stream with self-loops, ties and
// edge features; the logits of each step and some gradients of the last one
// must be the reference's.
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sys/wait.h>

using namespace orcinus;
using namespace orcinus::reference;

namespace {

struct Step {
  Batch batch;
  Vector logits;
};

struct Gradient {
  std::string parameter;
  int64_t index;
  double value;
};

struct Case {
  EventStream stream;
  Parameters parameters;
  std::vector<Step> steps;
  std::vector<Gradient> gradients;
};

Case readCase(std::istream &input) {
  Case result;
  std::string keyword, name;
  size_t count;
  while (input >> keyword >> name >> count) {
    Vector values(count);
    for (double &value : values)
      input >> value;
    std::vector<int32_t> integers(values.begin(), values.end());
    if (keyword == "source")
      result.stream.source = integers;
    else if (keyword == "destination")
      result.stream.destination = integers;
    else if (keyword == "time")
      result.stream.setSeconds(values);
    else if (keyword == "features")
      result.stream.edgeFeatures.values =
          std::vector<float>(values.begin(), values.end());
    else if (keyword == "shape")
      result.parameters[name].shape.assign(integers.begin(), integers.end());
    else if (keyword == "parameter")
      result.parameters[name].values = values;
    else if (keyword == "events")
      result.steps.push_back({{integers, {}}, {}});
    else if (keyword == "negatives")
      result.steps.back().batch.negatives = integers;
    else if (keyword == "logits")
      result.steps.back().logits = values;
    else if (keyword == "gradient")
      result.gradients.push_back({name, integers[0], values[1]});
    else
      ADD_FAILURE() << "unknown record '" << keyword << "'";
  }
  EventStream &stream = result.stream;
  for (int32_t node : stream.source)
    stream.nodeCount = std::max(stream.nodeCount, node + 1);
  stream.edgeFeatures.rows = stream.eventCount();
  stream.edgeFeatures.columns =
      static_cast<int64_t>(stream.edgeFeatures.values.size()) /
      stream.eventCount();
  return result;
}

TEST(PyTorchTest, LogitsAndGradientsAgree) {
  std::string path = testing::TempDir() + "orcinus-pytorch-case.txt";
  std::string command = std::string("'") + ORCINUS_TORCH_PYTHON + "' '" +
                        ORCINUS_WRITE_CASE + "' '" + ORCINUS_PYTORCH_TGN +
                        "' > '" + path + "'";
  int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)
    GTEST_SKIP() << "no Python with torch; set ORCINUS_TORCH_PYTHON";
  ASSERT_EQ(WEXITSTATUS(status), 0);
  std::ifstream file(path);
  Case expected = readCase(file);
  std::remove(path.c_str());
  ASSERT_GT(expected.steps.size(), 10u);
  ASSERT_GT(expected.gradients.size(), 10u);

  ModelOptions options = ModelOptions::tgn();
  options.neighbours = 3;
  Model model(options, expected.parameters, expected.stream);
  for (size_t i = 0; i < expected.steps.size(); ++i) {
    const Step &step = expected.steps[i];
    Vector logits = model.logits(step.batch);
    ASSERT_EQ(logits.size(), step.logits.size());
    for (size_t j = 0; j < logits.size(); ++j)
      EXPECT_NEAR(logits[j], step.logits[j], 1e-4)
          << "logit " << j << " of step " << i;
    if (i + 1 < expected.steps.size())
      model.commit(step.batch);
  }
  for (const Gradient &gradient : expected.gradients) {
    double numeric = numericGradient(model, expected.steps.back().batch,
                                     gradient.parameter, gradient.index, 1e-4);
    EXPECT_NEAR(numeric, gradient.value, 1e-3 * std::abs(gradient.value) + 1e-7)
        << gradient.parameter << "[" << gradient.index << "]";
  }
}

} // namespace
