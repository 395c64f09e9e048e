//===- Trainer.cpp - Trains, evaluates and queries a model ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Trainer.h"

#include "lib/Support/MemoryGuard.h"
#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/TrainerImplementation.h"

using namespace orcinus;

Trainer::Trainer(std::unique_ptr<Implementation> implementation)
    : implementation(std::move(implementation)) {}
Trainer::Trainer(Trainer &&) noexcept = default;
Trainer &Trainer::operator=(Trainer &&) noexcept = default;
Trainer::~Trainer() = default;

StatusOr<Trainer> Trainer::create(std::shared_ptr<const EventStream> stream,
                                  std::shared_ptr<const CompiledModel> model,
                                  const TrainOptions &options,
                                  std::shared_ptr<const LabelSet> labels,
                                  std::shared_ptr<Communicator> processes) {
  auto created =
      Implementation::create(std::move(stream), std::move(model), options,
                             std::move(labels), {}, std::move(processes));
  if (!created.ok())
    return created.status();
  return Trainer(std::move(*created));
}

StatusOr<StepReport> Trainer::trainStep() {
  return implementation->together(
      guarded([&] { return implementation->trainStep(); }));
}

StatusOr<EpochReport> Trainer::trainEpoch(TrainingObserver *observer) {
  return implementation->together(
      guarded([&] { return implementation->trainEpoch(nullptr, observer); }));
}

StatusOr<TestReport> Trainer::train(const CheckpointOptions &checkpoints,
                                    const std::string &metricsFile,
                                    TrainingObserver *observer) {
  return implementation->together(guarded([&] {
    return implementation->train(checkpoints, metricsFile, observer);
  }));
}

StatusOr<TestReport> Trainer::test(TrainingObserver *observer) {
  return guarded([&] { return implementation->test(observer); });
}

StatusOr<RankingMetrics> Trainer::replayAndTest(TrainingObserver *observer) {
  return guarded([&] { return implementation->replayAndTest(observer); });
}

Status Trainer::embed(std::span<const int32_t> nodes,
                      std::span<const double> times, std::span<float> result) {
  return guarded([&] { return implementation->embed(nodes, times, result); });
}

int64_t Trainer::embeddingWidth() const {
  return implementation->embeddingWidth();
}

std::vector<std::string> Trainer::parameterNames() const {
  std::vector<std::string> names;
  for (const FloatArray &each : implementation->modelState().parameters)
    names.push_back(each.name());
  return names;
}

std::span<float> Trainer::parameter(const std::string &name) {
  FloatArray *found =
      implementation->modelState().find(BindingKind::Parameter, name);
  return found ? found->values() : std::span<float>();
}

static std::vector<NamedArray> view(std::vector<FloatArray> &arrays) {
  std::vector<NamedArray> result;
  for (FloatArray &array : arrays)
    result.push_back({array.name(),
                      {array.shape().begin(), array.shape().end()},
                      array.values()});
  return result;
}

std::vector<NamedArray> Trainer::parameters() {
  return view(implementation->modelState().parameters);
}

std::vector<NamedArray> Trainer::nodeRows() {
  implementation->prepareToShowRows();
  return view(implementation->modelState().nodeRows);
}

Status Trainer::save(const std::string &directory) const {
  return guarded([&] { return implementation->save(directory); });
}

Status Trainer::load(const std::string &directory) {
  return guarded([&] { return implementation->load(directory); });
}

Status Trainer::loadEncoder(const std::string &directory) {
  return guarded([&] { return implementation->loadEncoder(directory); });
}

StatusOr<CheckpointMatch> Trainer::loadForTest(const std::string &directory) {
  return guarded([&] { return implementation->loadForTest(directory); });
}
