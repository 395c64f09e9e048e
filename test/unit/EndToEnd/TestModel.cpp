//===- TestModel.cpp - Small built-in models, compiled --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "models/BuiltinModels.h"
#include "orcinus/Graph/Generator.h"
#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

static std::string builtinText(const std::string &model) {
  for (const BuiltinModel &each : builtinModels())
    if (each.name == model)
      return std::string(each.text);
  return "";
}

CompileOptions test::smallModel(const std::string &name, int layers,
                                const EventStream &stream, float dropout) {
  CompileOptions options;
  options.model = name;
  if (builtinText(name).find("layers = ") != std::string::npos)
    options.layers = layers;
  options.neighbours = 3;
  options.dimension = 8;
  options.heads = 2;
  options.dropout = dropout;
  options.edgeFeatureColumns = stream.edgeFeatures.columns;
  options.nodeFeatureColumns = stream.nodeFeatures.columns;
  return options;
}

std::string test::builtinTextWith(const std::string &model,
                                  const std::vector<std::string> &sizes) {
  std::string text = builtinText(model);
  for (const std::string &size : sizes) {
    std::string name = size.substr(0, size.find('='));
    size_t begin = text.find(name + "= ");
    EXPECT_NE(begin, std::string::npos) << size;
    text.replace(begin, text.find_first_of(",}", begin) - begin, size);
  }
  return text;
}

std::shared_ptr<const CompiledModel>
test::compileForTest(CompileOptions options) {
  // Tests run in processes of their own: what one compiled, others load.
  options.cacheDirectory = testing::TempDir() + "orcinus-end-to-end";
  auto model = compileModel(options);
  EXPECT_TRUE(model.ok()) << model.message();
  return model.ok() ? *model : nullptr;
}

static FeatureMatrix randomFeatures(int64_t rows, int64_t columns,
                                    unsigned seed) {
  FeatureMatrix features{columns ? rows : 0, columns, {}};
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-1, 1);
  for (int64_t at = 0; at < rows * columns; ++at)
    features.values.push_back(value(random));
  return features;
}

std::shared_ptr<const EventStream>
test::smallStream(int64_t edgeColumns, int64_t nodeColumns, unsigned seed) {
  EventStream stream = makeRandomStream(20, 260, seed);
  std::vector<double> times = secondsOf(stream);
  for (double &time : times)
    time = std::floor(time * 4) / 4;
  stream.setSeconds(times);
  stream.nodeCount += 3;
  stream.edgeFeatures =
      randomFeatures(stream.eventCount(), edgeColumns, seed + 1);
  stream.nodeFeatures = randomFeatures(stream.nodeCount, nodeColumns, seed + 2);
  return std::make_shared<const EventStream>(std::move(stream));
}

std::shared_ptr<const EventStream> test::generatedStream(int32_t nodes,
                                                         int64_t events) {
  GeneratorOptions options;
  options.nodes = nodes;
  options.events = events;
  auto stream = generateEventStream(options);
  EXPECT_TRUE(stream.ok()) << stream.message();
  return std::make_shared<const EventStream>(std::move(*stream));
}

Trainer test::makeTrainer(std::shared_ptr<const EventStream> stream,
                          std::shared_ptr<const CompiledModel> model,
                          const TrainOptions &options) {
  auto trainer = Trainer::create(std::move(stream), std::move(model), options);
  EXPECT_TRUE(trainer.ok()) << trainer.message();
  return std::move(*trainer);
}

reference::Parameters test::arraysOf(Trainer &trainer,
                                     const CompiledModel &model) {
  reference::Parameters parameters;
  auto manifest = nlohmann::json::parse(model.manifest());
  for (const nlohmann::json &entry : manifest["parameters"]) {
    std::string name = entry["name"];
    std::span<float> values = trainer.parameter(name);
    parameters[name] = {entry["shape"], {values.begin(), values.end()}};
  }
  return parameters;
}

reference::Parameters test::parametersOf(Trainer &trainer,
                                         const CompiledModel &model) {
  reference::Parameters parameters;
  for (auto &[name, array] : arraysOf(trainer, model))
    parameters[name == "time.frequencies" ? "time.frequency"
               : name == "time.phases"    ? "time.phase"
                                          : name] = std::move(array);
  return parameters;
}

std::vector<float> test::allParameters(Trainer &trainer) {
  std::vector<float> values;
  for (const std::string &name : trainer.parameterNames()) {
    std::span<float> each = trainer.parameter(name);
    values.insert(values.end(), each.begin(), each.end());
  }
  return values;
}
