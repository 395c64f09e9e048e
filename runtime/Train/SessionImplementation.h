//===- SessionImplementation.h - What a session is made of ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SESSIONIMPLEMENTATION_H
#define RUNTIME_TRAIN_SESSIONIMPLEMENTATION_H

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Runtime/Session.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Prepare/RowIndex.h"
#include "runtime/Train/Checkpoint.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/SettledStates.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

class Session::Implementation {
public:
  static StatusOr<std::unique_ptr<Implementation>>
  open(const std::string &directory, EventStream history,
       std::shared_ptr<const CompiledModel> model,
       const SessionOptions &options);

  // As of Session.
  Status append(std::span<const NewEvent> events);
  Status advance();
  Status replayTo(int64_t event);
  Status beginBranch();
  Status advanceBranch(std::span<const int32_t> events);
  Status endBranch();
  /// That of Session::identity().
  uint32_t identityChecksum() const;
  Status save(const std::string &path) const;
  Status restore(const std::string &path);
  Status embed(std::span<const int32_t> nodes, std::span<const Moment> moments,
               std::span<float> result);
  Status score(std::span<const PairQuery> pairs, std::span<float> logits);
  Status predict(std::span<const int32_t> nodes,
                 std::span<const Moment> moments, std::span<float> result);
  Moment now() const;
  int64_t predictionWidth() const {
    bool predicts = predictor && !isOfEvents(task);
    return predicts ? predictor->outputs().find(predictionsOutput.role).columns
                    : 0;
  }
  int64_t embeddingWidth() const {
    return embedder ? embedder->outputs().find(embeddingsOutput.role).columns
                    : 0;
  }

  EventStream stream;
  NodeNames names;
  std::vector<int32_t> destinations;
  CheckpointMatch match = CheckpointMatch::Model;
  Task task = Task::LinkPrediction;
  /// The events that the states hold are those before it.
  int64_t position = 0;
  /// Why the session is of no use any more; success as long as it is.
  Status dead;

private:
  Implementation(EventStream history,
                 std::shared_ptr<const CompiledModel> model,
                 const SessionOptions &options);

  /// What a snapshot has behind the history.
  struct Tail {
    std::vector<int32_t> source, destination;
    std::vector<Timestamp> time;
    std::vector<float> features;
    /// Of the nodes that the history does not name.
    std::vector<std::string> names;
    int32_t nodes = 0;
    int64_t events() const { return std::ssize(time); }
  };
  /// The states of a snapshot.
  struct States {
    std::vector<std::vector<float>> nodeRows;
    IndexState index;
  };

  nlohmann::ordered_json identityOfHistory() const;
  nlohmann::ordered_json identityOfModel() const;
  Status checkIdentity(const SectionFile &file) const;
  StatusOr<Tail> readTail(SectionFile &file) const;
  Status checkTail(const Tail &tail) const;
  StatusOr<States> readStates(SectionFile &file, const Tail &tail) const;
  StatusOr<int64_t> readPosition(const SectionFile &file, bool early,
                                 int64_t events) const;
  Status appendTail(const Tail &tail);
  void takeStates(States &&states);

  Status load(const std::string &directory);
  Status loadStates(SectionFile &file, const TrainOptions &stored,
                    int64_t events, int32_t nodes);
  Status reserve(int64_t nodes, int64_t events);
  Status bind();
  Status bindFunction(std::string_view name, ModelState &to,
                      std::unique_ptr<Invocation> &invocation,
                      std::optional<OutputForm> reads);

  /// The array row of a node; unknown ones share the row behind all others.
  int32_t rowOf(int32_t node) const {
    return node == unknownNode ? stream.nodeCount : node;
  }
  StatusOr<int32_t> findOrAdd(std::string_view name);
  void extendNodeFeatures();
  Status checkNewEvents(std::span<const NewEvent> events,
                        std::vector<Timestamp> &times) const;
  Status checkQuery(size_t query, int32_t node, const Moment &moment) const;
  void noteDestination(int32_t node);

  int64_t eventsBefore(const Moment &moment) const;
  Status moveTo(int64_t events);
  void startStates(bool early);
  Status advanceBlock(int64_t size);
  Status takeBlock(std::span<const int32_t> events);
  StepInput stepInput();
  StepInput queryInput();
  Status settle();
  template <typename MomentOf, typename Answer>
  Status inOrderOfMoments(size_t count, MomentOf momentOf, Answer answer);
  int32_t addEnds(std::span<const size_t> chosen,
                  std::span<const PairQuery> pairs, int32_t PairQuery::*end,
                  int32_t rows, std::vector<int32_t> &rowOfPair);
  Status answerNodes(Invocation &invocation, const OutputForm &form,
                     std::span<const int32_t> nodes,
                     std::span<const Moment> moments, std::span<float> result,
                     size_t width);
  Status scoreChunk(std::span<const size_t> chosen,
                    std::span<const PairQuery> pairs, std::span<float> logits);

  std::shared_ptr<const CompiledModel> model;
  SessionOptions options;
  Manifest manifest;
  /// The model, and the history that the session was opened with.
  RunIdentity identity;
  int64_t historyEvents = 0;
  int32_t historyNodes = 0;
  TemporalGraph graph;
  std::vector<uint8_t> isDestination;

  /// What the arrays that programs are bound to have room for.
  int64_t nodeCapacity = 0;
  int64_t eventCapacity = 0;
  std::optional<ModelState> state;
  /// What queries read, where that is not `state` itself.
  std::optional<SettledStates> settled;
  std::optional<FeatureArguments> features;
  /// Null for a task that has labels, and for others, respectively.
  std::unique_ptr<Invocation> scorer;
  std::unique_ptr<Invocation> predictor;
  /// Null for a model without embeddings.
  std::unique_ptr<Invocation> embedder;
  /// Null for a model without states.
  std::unique_ptr<Invocation> advancer;
  Arena arena;

  /// Where blocks are counted from.
  int64_t origin = 0;
  /// What the states are there; nothing where they are empty.
  std::optional<ModelSnapshot> atOrigin;
  /// Whether the states were replayed from the first event for queries before
  /// `origin`, with blocks counted from there.
  bool isEarly = false;
  /// Whether the states take in what advanceBranch() is given, and that alone.
  bool isBranch = false;

  // Of a step in progress.
  std::vector<int32_t> blockEvents;
  RowIndex queryIndex;
  std::vector<int32_t> queryNodes;
  std::vector<Timestamp> queryTimes;
  std::vector<int32_t> pairSources;
  std::vector<int32_t> pairDestinations;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SESSIONIMPLEMENTATION_H
