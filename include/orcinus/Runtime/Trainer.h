//===- Trainer.h - Trains, evaluates and queries a model --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_TRAINER_H
#define ORCINUS_RUNTIME_TRAINER_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Options.h"
#include "orcinus/Runtime/Report.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

class CapacitySweeper;
class Communicator;
class ProcessPlanner;

/// Values that an object holds, row-major, to read or to write.
struct NamedArray {
  std::string name;
  std::vector<int64_t> shape;
  std::span<float> values;
};

/// What a checkpoint and a trainer have in common.
enum class CheckpointMatch : uint8_t {
  /// The model alone: the stream lacks the events of the checkpoint's run, so
  /// that replayAndTest() starts from the states and neighbours of others.
  Model,
  /// The stream begins with the events of the checkpoint's run.
  History,
  /// The stream and the split too: test() goes on from the run's own states.
  Run,
};

/// `options` for a model that is to be trained, tested or used on `stream`:
/// with the columns of its features. A model that expects features of a stream
/// without has zeros in their place.
CompileOptions streamCompileOptions(CompileOptions options,
                                    const EventStream &stream);

/// A model, its parameters and node states, and the event stream it learns
/// from. One thread may use a trainer at a time.
///
/// Protocol (Orca, section 1). An epoch clears the node states, trains on the
/// train split in batches, and validates; validation goes on from the states
/// that training left, the test from those that the best epoch's validation
/// left. Training samples neighbours from the training events alone,
/// evaluation from all events. Per batch of evaluation, AP and AUC are taken
/// over its events and one random negative of each, never the event's own
/// destination where there is another; the inductive figures come from the same
/// pass, over those of the batch's events that have a node which training never
/// saw (a batch without one does not count). The negatives of validation and
/// test are the same in every epoch and for every seed.
///
/// `TrainOptions::protocol` may name whose split it is; batches, negatives and
/// figures of a run stay these.
///
/// A model that was compiled for a task that has labels is trained by those.
/// There are no negatives then, and no event is kept from training: of nodes,
/// `TrainOptions::maskedNodeFraction` is the share whose labels are. A batch
/// asks for the labels of its events, of nodes also for those with a time after
/// the events before it and not after its own; one without a label makes no
/// step of the optimizer and takes its events into the states alone. Which
/// epoch is best says the first of LabelMetricsCollector's figures.
///
/// The same seed, thread count and machine give bitwise the same run.
///
/// An error within a batch leaves node states that no batch's end leaves. The
/// trainer then refuses everything but load(): a batch is never applied twice.
class Trainer {
public:
  /// A trainer at the start of epoch 1. Errors: options out of range, a stream
  /// that cannot be split, a model whose program does not fit the stream or
  /// whose device cannot be used, labels of another task than the model's.
  ///
  /// With `processes` the trainers of all of them, which are made alike and
  /// called alike, train together: each has some of the shards of a batch
  /// (TrainOptions::shards), and all have the same parameters and states. The
  /// first one writes checkpoints and metrics. Errors then: other options, data
  /// or another model in one of them.
  static StatusOr<Trainer>
  create(std::shared_ptr<const EventStream> stream,
         std::shared_ptr<const CompiledModel> model,
         const TrainOptions &options = {},
         std::shared_ptr<const LabelSet> labels = nullptr,
         std::shared_ptr<Communicator> processes = nullptr);
  Trainer(Trainer &&) noexcept;
  Trainer &operator=(Trainer &&) noexcept;
  ~Trainer();

  /// Trains the next batch; after an epoch's last one it begins the next
  /// epoch, without validation. Errors: a loss that is not finite, and as in
  /// all that computes, what the device says.
  StatusOr<StepReport> trainStep();

  /// Trains what is left of the current epoch and validates.
  StatusOr<EpochReport> trainEpoch(TrainingObserver *observer = nullptr);

  /// The whole run: epochs until the last one or until patience ends, then the
  /// test with the best epoch's parameters and states. Keeps checkpoints as
  /// `checkpoints` says, and writes a JSON line an epoch and one for the test
  /// to `metricsFile`, if not empty. A resumed run continues bitwise as if
  /// it had never stopped, its metrics file included.
  /// Errors, besides those of a step: files that cannot be written, a
  /// checkpoint of another run; whatever was written before is kept.
  StatusOr<TestReport> train(const CheckpointOptions &checkpoints = {},
                             const std::string &metricsFile = {},
                             TrainingObserver *observer = nullptr);

  /// Tests the best epoch's parameters, from the states that its validation
  /// left; both become the current ones. Errors: no epoch was validated.
  StatusOr<TestReport> test(TrainingObserver *observer = nullptr);

  /// Tests the current parameters on this stream, whatever they were trained
  /// on: clears the node states, replays all events before the test split
  /// without training, and evaluates that split.
  StatusOr<RankingMetrics> replayAndTest(TrainingObserver *observer = nullptr);

  /// The embeddings of the queries (nodes[i], times[i] in seconds, rounded to a
  /// tick where the stream counts in ticks) from the current
  /// parameters and states, sampling from all events strictly before the
  /// query's time: row i of `result`, f32[queries, embeddingWidth()]. Changes
  /// no state. Errors: a node out of range, a time that is not finite, a span
  /// of the wrong size, a model without an embed function.
  Status embed(std::span<const int32_t> nodes, std::span<const double> times,
               std::span<float> result);
  /// Columns of an embedding; 0 for a model without an embed function.
  int64_t embeddingWidth() const;

  /// The names of the parameters, in the manifest's order.
  std::vector<std::string> parameterNames() const;
  /// The values of a parameter, row-major, to read or to write; empty for an
  /// unknown name. Valid as long as the trainer; where the model runs on a
  /// device, true until the next call of another function.
  std::span<float> parameter(const std::string &name);
  /// All parameters, and all that has a row a node: the states of the model
  /// ("state:memory"), their messages and mailboxes. Valid as those. Where
  /// processes have some rows each, these are its own, and an observer may look
  /// at them but not change them: the next batch has read them.
  std::vector<NamedArray> parameters();
  std::vector<NamedArray> nodeRows();

  /// Writes a checkpoint into `directory` (made if missing): parameters,
  /// moments, node states, position. It replaces an older one at once and only
  /// when complete. Errors: what the file system says; the older one is kept.
  Status save(const std::string &directory) const;

  /// Goes to where the checkpoint of `directory` was written. Errors, leaving
  /// the trainer as it was: none there, damaged, of another version, of
  /// another model, stream or options, values that no run has.
  Status load(const std::string &directory);

  /// Takes those of the best parameters of another run's checkpoint that this
  /// model has, too: of a link prediction's all but its decoder's. Errors: none
  /// that it has, one of another shape.
  Status loadEncoder(const std::string &directory);

  /// Takes the best parameters of the checkpoint, whatever its stream (before
  /// an epoch was validated: its current ones), and says how much else of it is
  /// this trainer's. Errors as of load().
  StatusOr<CheckpointMatch> loadForTest(const std::string &directory);

private:
  friend class CapacitySweeper;
  friend class ProcessPlanner;
  class Implementation;
  explicit Trainer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation;
};

/// How the run of a checkpoint was told to be.
struct CheckpointDescription {
  CompileOptions compile;
  TrainOptions train;
};

/// Reads that of `directory`'s checkpoint; `compile.modelText` is set. Errors:
/// none there, damaged, of a later version.
StatusOr<CheckpointDescription> readCheckpoint(const std::string &directory);

/// Does without a tuning database of a checkpoint's run that is gone: a program
/// without its tuned schedules differs in the last digits alone. What a user is
/// to be told of it; empty where nothing was changed.
std::string forgetMissingDatabase(CompileOptions &options);

/// What the stream of `directory`'s checkpoint called its nodes: one name a
/// node, by its number. Errors: none there, damaged, of a later version.
StatusOr<std::vector<std::string>>
readCheckpointNodeNames(const std::string &directory);

/// Makes `stream` as the run of `directory`'s checkpoint had its own, if it
/// goes on from it: nodes have the numbers that they had, by their names, for
/// later ones may have ids that lie between; times are doubles of seconds where
/// those of the run's events are whole, though later ones have fractions.
/// Whoever has numbers of its nodes asks for them again, by names. Errors: no
/// checkpoint there, damaged, of a later version.
Status alignWithCheckpoint(const std::string &directory, EventStream &stream);

/// What the classes of the labels are called that the run of `directory`'s
/// checkpoint had; none where it had no labels, or numbers. Errors: none there,
/// damaged, of a later version.
StatusOr<std::vector<std::string>>
readCheckpointClasses(const std::string &directory);

/// Whether `directory` holds a checkpoint, sound or not.
bool holdsCheckpoint(const std::string &directory);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_TRAINER_H
