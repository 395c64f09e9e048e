//===- TrainerImplementation.h - What a trainer is made of ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_TRAINERIMPLEMENTATION_H
#define RUNTIME_TRAIN_TRAINERIMPLEMENTATION_H

#include "lib/Support/Clock.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Runtime/Trainer.h"
#include "orcinus/Sampling/NegativeSampler.h"
#include "runtime/Device/Device.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Train/BatchRunner.h"
#include "runtime/Train/CacheSetup.h"
#include "runtime/Train/Checkpoint.h"
#include "runtime/Train/EpochForecast.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/PrepareWorker.h"
#include "runtime/Train/RunPosition.h"
#include "runtime/Train/RunSplit.h"
#include "runtime/Train/ShardEvaluator.h"
#include "runtime/Train/ShardForecast.h"
#include "runtime/Train/ShardTrainer.h"
#include "runtime/Train/StalenessProbe.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace orcinus {

/// When the epoch in progress is saved; see CheckpointOptions.
class CheckpointSchedule;

/// A run and what it runs on. Protocol of errors: what fails before it has
/// changed anything leaves the trainer as it was; what fails within a batch
/// leaves it `interrupted`, and it then refuses all but load().
class Trainer::Implementation {
public:
  /// As Trainer::create(); with `room` in place of the memory that the model
  /// was compiled for.
  static StatusOr<std::unique_ptr<Implementation>>
  create(std::shared_ptr<const EventStream> stream,
         std::shared_ptr<const CompiledModel> model,
         const TrainOptions &options, std::shared_ptr<const LabelSet> labels,
         std::optional<CacheRoom> room = {},
         std::shared_ptr<Communicator> processes = nullptr);

  // As of Trainer.
  StatusOr<StepReport> trainStep();
  StatusOr<EpochReport> trainEpoch(CheckpointSchedule *schedule,
                                   TrainingObserver *observer);
  StatusOr<TestReport> train(const CheckpointOptions &checkpoints,
                             const std::string &metricsFile,
                             TrainingObserver *observer);
  StatusOr<TestReport> test(TrainingObserver *observer);
  StatusOr<RankingMetrics> replayAndTest(TrainingObserver *observer);
  Status embed(std::span<const int32_t> nodes, std::span<const double> times,
               std::span<float> result);
  int64_t embeddingWidth() const {
    return embedder ? embedder->outputs().find(embeddingsOutput.role).columns
                    : 0;
  }
  Status save(const std::string &directory);
  Status load(const std::string &directory);
  Status loadEncoder(const std::string &directory);
  StatusOr<CheckpointMatch> loadForTest(const std::string &directory);

  /// Lets the other processes know where this one cannot go on.
  template <typename T>
  StatusOr<T> together(StatusOr<T> result) const {
    if (!result.ok() && processes)
      processes->leave();
    return result;
  }

  ModelState &modelState() { return *state; }
  void prepareToShowRows();
  const Manifest &program() const { return manifest; }

  /// Does the first epoch's index work and some of its steps, with a learning
  /// rate of 0. The trainer is of no use afterwards.
  StatusOr<EpochForecast> forecastEpoch();
  /// Does some of the first epoch's index work in shards, all of it where
  /// caches are kept or states are sharded, for which it counts what each
  /// number of `processes` would send of rows, and, where `measures`, some of
  /// its steps. The trainer, which has more than one shard, is of no use
  /// afterwards.
  StatusOr<ShardForecast> forecastShards(bool measures,
                                         std::span<const int64_t> processes);
  /// The rows of each cache beyond which its policy has no use for more.
  StatusOr<std::vector<int32_t>> usefulCacheRows() const;

private:
  class TrainConsumer;
  class EvaluationConsumer;
  class ForecastConsumer;
  class ShardForecastConsumer;
  class Interruption;

  Implementation(std::shared_ptr<const EventStream> stream,
                 std::shared_ptr<const CompiledModel> model,
                 std::shared_ptr<Device> device, const TrainOptions &options,
                 std::shared_ptr<const LabelSet> labels);
  Status prepareData();
  Status prepareLabels();
  Status prepareShards();
  Status createSharders();
  Status createSharder(std::string_view name, bool readsCaches,
                       std::optional<ShardTrainer> &sharder);
  Status createShardEvaluator(int64_t shards);
  StatusOr<ShardRunner> createShardRunner(std::string_view name,
                                          OutputForm reads, bool readsCaches,
                                          ShardLayout layout);
  Status checkProcesses();
  Status connectStates();
  Status connectCollectives();
  StatusOr<std::shared_ptr<Communicator>> duplicateForBackground();
  /// Waits for what an error has left on the way, which may write to states.
  void endCollectives() {
    if (collectives)
      collectives->restart();
  }
  Status addOnDevice(Communicator *others);
  Status checkStart(bool keepsCheckpoint);
  /// Whether this process writes what the run leaves.
  bool isFirst() const { return !processes || processes->rank() == 0; }
  /// Whether each process has rows of its own, which a checkpoint is made of.
  bool savesTogether() const { return state->exchange && processes; }
  Status agreedStatus(const Status &status);
  Status prepareProgram(const CacheRoom &room);
  Status createRunners();
  Status createRunner(std::string_view name, OutputForm reads,
                      std::optional<BatchRunner> &runner);
  CacheWorkload cacheWorkload() const;
  /// Where there are windows of rows, `windows` are those of the slots, or null
  /// for windows of their own.
  StatusOr<BatchRunner::Slots>
  createSlots(std::string_view name, std::optional<OutputForm> reads,
              const std::array<std::shared_ptr<RowWindow>, 2> &windows = {});

  BatchSequence trainSequence() const;
  BatchSequence evaluationSequence(std::span<const int32_t> events,
                                   const NegativeSampler &negatives,
                                   std::span<const int32_t> drawn = {}) const;
  /// Says where a negative can only be the event's own destination.
  void noteLackOfNegatives(const NegativeSampler &negatives,
                           TrainingObserver *observer);
  /// Says where gradients go through the host, and why.
  void noteCollectives(TrainingObserver *observer) const;
  /// Says what became of a memory for all caches.
  void noteDivision(TrainingObserver *observer) const;
  Status replayCaches();
  /// Optimizer steps of an epoch.
  int64_t epochSteps() const {
    return labels ? labelledBatches : trainSequence().batchCount();
  }
  Status noteSlowProcesses(double seconds, TrainingObserver *observer);
  StatusOr<double> trainBatches(int64_t end, CheckpointSchedule *schedule,
                                TrainingObserver *observer);
  StatusOr<RankingMetrics> evaluate(Progress::Phase phase,
                                    const BatchSequence &sequence,
                                    std::span<const int32_t> inductive,
                                    TrainingObserver *observer);
  StatusOr<RankingMetrics> evaluateTest(TrainingObserver *observer);
  void measureState(TestReport &report) const;
  void addRules(std::vector<Figure> &figures) const;
  /// The scalars of a step whose rate of 0 leaves the parameters where they
  /// are.
  StepScalars scalarsWithoutLearning(int64_t batch) const;
  StatusOr<StalenessReport> measureStaleness(int64_t batch);
  /// Batches of each epoch that are measured.
  int64_t stalenessSamples() const {
    return options.stalenessSamples.value_or(
        model->options().measureStaleness ? 4 : 0);
  }
  /// Epochs at the end that reuse nothing.
  int exactEpochs() const {
    return manifest.caches.empty() ? 0
                                   : model->options().exactEpochs.value_or(0);
  }
  /// What trains the current epoch.
  BatchRunner &currentTrainer() {
    return position.exactFrom ? *exactTrainer : *trainer;
  }
  /// The same in shards; null where batches are not cut.
  ShardTrainer *currentSharder() {
    std::optional<ShardTrainer> &current =
        position.exactFrom ? exactSharder : sharder;
    return current ? &*current : nullptr;
  }
  void startExactEpochs(TrainingObserver *observer);
  bool finished() const;
  Status checkEvaluationLabels() const;
  /// An error where states are ahead of the position; see Interruption.
  Status checkWhole() const;
  double totalSeconds() const;
  StatusOr<bool> startRun(const CheckpointOptions &checkpoints,
                          TrainingObserver *observer);
  StatusOr<bool> startFromBest(const std::string &directory,
                               TrainingObserver *observer);

  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const CompiledModel> model;
  /// Null for the host. What has memory on it goes first.
  std::shared_ptr<Device> device;
  TrainOptions options;
  RunIdentity identity;
  Manifest manifest;

  /// Null for one alone.
  std::shared_ptr<Communicator> processes;
  /// Null for link prediction.
  std::shared_ptr<const LabelSet> labels;
  /// Of training's, those with a label.
  int64_t labelledBatches = 0;

  Split split;
  TemporalGraph trainGraph;
  TemporalGraph fullGraph;
  std::optional<NegativeSampler> trainNegatives;
  std::optional<NegativeSampler> validationNegatives;
  std::optional<NegativeSampler> testNegatives;
  RunNegatives drawn;

  FeatureArguments features;
  std::optional<ModelState> state;
  ModelSnapshot best;
  RunPosition position;
  /// Whether an error has left states that no batch's end leaves.
  bool interrupted = false;
  Clock::time_point created;
  /// Of the run's sessions before this one.
  double earlierSeconds = 0;

  Arena arena;
  std::optional<BatchRunner> trainer;
  /// Where there are exact epochs.
  std::optional<BatchRunner> exactTrainer;
  std::optional<BatchRunner> evaluator;
  /// Where batches are cut into shards, in place of these.
  std::unique_ptr<DeviceRows> deviceRows;
  std::optional<ShardTrainer> sharder;
  std::optional<ShardTrainer> exactSharder;
  std::optional<ShardEvaluator> shardEvaluator;
  /// By what they bring things together, null without: gone before them, for
  /// what an error has left is done on their memory.
  std::unique_ptr<ShardCollectives> collectives;
  /// Why a device's gradients go through the host, where they do.
  std::string hostSumsReason;
  std::unique_ptr<Invocation> embedder;
  /// Null where staleness is not measured.
  std::unique_ptr<StalenessProbe> probe;
  /// Last, and so gone before what it may be working on.
  PrepareWorker worker;
};

/// Marks the trainer as interrupted at the end of its life, unless `isWhole`
/// then says that the states are those of the position: also where an exception
/// passes.
class Trainer::Implementation::Interruption {
public:
  Interruption(Implementation &trainer, std::function<bool()> isWhole)
      : trainer(trainer), isWhole(std::move(isWhole)) {}
  ~Interruption() { trainer.interrupted |= !isWhole(); }
  Interruption(const Interruption &) = delete;
  Interruption &operator=(const Interruption &) = delete;

private:
  Implementation &trainer;
  std::function<bool()> isWhole;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_TRAINERIMPLEMENTATION_H
