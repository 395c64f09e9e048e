//===- ReferenceRun.cpp - A compiled run beside the reference -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceRun.h"

#include "orcinus/Sampling/NegativeSampler.h"
#include "orcinus/Support/CounterRng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

TrainOptions test::shortRun() {
  TrainOptions options;
  options.batchSize = 30;
  options.learningRate = 0.01;
  options.threads = 2;
  options.maskedNodeFraction = 0;
  options.seed = 5;
  return options;
}

static reference::ModelOptions referenceOptions(const CompileOptions &compile) {
  auto options = compile.model == "tgn" ? reference::ModelOptions::tgn()
                                        : reference::ModelOptions::tgat();
  options.layers = *compile.layers;
  options.neighbours = *compile.neighbours;
  options.width = *compile.dimension;
  return options;
}

ReferenceRun::ReferenceRun(std::shared_ptr<const EventStream> events,
                           const CompileOptions &options)
    : stream(std::move(events)), model(compileForTest(options)),
      trainer(makeTrainer(stream, model, shortRun())) {
  split = splitForReference(*stream);
  std::vector<uint8_t> isTraining(stream->eventCount());
  for (int32_t event : split.train)
    isTraining[event] = 1;
  training.emplace(referenceOptions(options), parametersOf(trainer, *model),
                   *stream, isTraining);
  serving.emplace(referenceOptions(options), parametersOf(trainer, *model),
                  *stream);
}

Split test::splitForReference(const EventStream &stream) {
  SplitOptions options;
  options.maskedNodeFraction = 0;
  auto split = splitByTime(stream, options);
  EXPECT_TRUE(split.ok()) << split.message();
  return std::move(*split);
}

double ElementOfAdam::update(double gradient, int64_t step) {
  if (gradient != 0 && std::abs(gradient) < 1e-5)
    isMeasurable = false;
  first = 0.9 * first + 0.1 * gradient;
  second = 0.999 * second + 0.001 * gradient * gradient;
  double mean = first / (1 - std::pow(0.9, step));
  double deviation = std::sqrt(second / (1 - std::pow(0.999, step)));
  return -mean / (deviation + 1e-8);
}

void orcinus::test::expectStepsOfAdam(
    Trainer &trainer, std::vector<ElementOfAdam> elements,
    const std::function<void(int64_t step)> &before,
    const std::function<double(const ElementOfAdam &element)> &gradient,
    const std::function<void()> &after) {
  int64_t compared = 0;
  for (int64_t step = 1; step <= 4; ++step) {
    before(step - 1);
    std::vector<double> values, expected;
    for (ElementOfAdam &element : elements) {
      expected.push_back(element.update(gradient(element), step));
      values.push_back(trainer.parameter(element.name)[element.index]);
    }
    ASSERT_TRUE(trainer.trainStep().ok());
    after();
    for (size_t at = 0; at < elements.size(); ++at) {
      if (!elements[at].canBeMeasured())
        continue;
      double value = trainer.parameter(elements[at].name)[elements[at].index];
      ++compared;
      EXPECT_NEAR((value - values[at]) / *shortRun().learningRate, expected[at],
                  0.02)
          << elements[at].name << "[" << elements[at].index << "] in step "
          << step;
    }
  }
  EXPECT_GE(compared, static_cast<int64_t>(elements.size()));
}

reference::Batch test::trainingBatch(const EventStream &stream,
                                     const Split &split, int epoch,
                                     int64_t batch) {
  int64_t size = shortRun().batchSize;
  int64_t all = split.train.size(), begin = batch * size;
  int64_t count = std::min(size, all - begin);
  reference::Batch result;
  result.events.assign(split.train.begin() + begin,
                       split.train.begin() + begin + count);
  result.negatives.resize(count);
  uint64_t seed =
      randomBits(shortRun().seed, randomStream("training negatives"), 0);
  NegativeSampler(stream, split.train, seed)
      .sample(epoch * all + begin, stream, result.events, result.negatives);
  return result;
}

int64_t ReferenceRun::batchCount() const {
  int64_t size = shortRun().batchSize;
  return (split.train.size() + size - 1) / size;
}

void ReferenceRun::takeParameters() {
  training->parameters = serving->parameters = parametersOf(trainer, *model);
}

void ReferenceRun::commit(const reference::Batch &batch) {
  training->commit(batch);
  serving->commit(batch);
}
