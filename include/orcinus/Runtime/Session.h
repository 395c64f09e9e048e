//===- Session.h - Using a trained model ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SESSION_H
#define ORCINUS_RUNTIME_SESSION_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Graph/NodeNames.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Trainer.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What becomes of an event that is earlier than the newest one.
enum class LateEvents : uint8_t {
  /// It is an error.
  Refuse,
  /// It is taken at the time of the newest event.
  ClampToNewest,
};

struct SessionOptions {
  /// Events that states take in at once, as a batch of training does; 0 for the
  /// checkpoint's evaluation batch size. With 1 each event counts for the next.
  int64_t blockSize = 0;
  LateEvents lateEvents = LateEvents::Refuse;
  /// Whether a query from before what the states hold makes them start again.
  bool mayReplay = true;
  /// Threads that compute; 0 for one a CPU.
  int threads = 0;
};

/// When a query is asked: the states are those of all whole blocks whose events
/// are strictly before `time`, or, where an event of the stream is named, of
/// all whole blocks before that event's, as `orcinus eval` has it. Neighbours
/// are always those strictly before `time`.
struct Moment {
  Timestamp time;
  /// An index into the stream; negative for none.
  int64_t event = -1;
};

/// In place of a node: one that no event has named. It has an empty state, no
/// neighbours and features of zero.
inline constexpr int32_t unknownNode = -1;

/// A link whose probability is asked for.
struct PairQuery {
  int32_t source = 0;
  int32_t destination = 0;
  Moment moment;
};

/// An event to append, its ends by their names.
struct NewEvent {
  std::string_view source;
  std::string_view destination;
  /// On the session's scale.
  Timestamp time;
  /// As many as the session's events have.
  std::span<const float> features;
};

/// One of the best candidates.
struct RankedCandidate {
  /// Its place among the candidates.
  size_t place = 0;
  float logit = 0;
};

/// With what the model of a checkpoint, whose own options readCheckpoint()
/// gives, is compiled for a session: its functions, on the host, without what
/// is training's.
CompileOptions sessionCompileOptions(CompileOptions checkpoint);

/// A trained model over an event stream that grows: the best parameters of a
/// checkpoint, the stream's graph, and node states that follow it. One thread
/// may use a session at a time.
///
/// States take in events in blocks of a fixed size, counted from where the
/// checkpoint's states stand (the end of the validation split), or from the
/// first event where the stream does not begin with the checkpoint's; events
/// behind the last whole block are neighbours at once and states later. What is
/// answered thus follows from the checkpoint, the events, their order and the
/// query alone, however they came in. Two kinds of model are exceptions: where
/// neighbours are drawn at random, it also depends on which queries are asked
/// together; where nodes have random vectors (tgnn.walks), on the order in
/// which nodes first occurred.
///
/// A call that fails leaves the session as it was; where it could not, the
/// session refuses all later calls and says so.
class Session {
public:
  /// Opens the checkpoint of `directory` over `history`, which
  /// alignWithCheckpoint() may have to number as the checkpoint's. `model` is
  /// the checkpoint's, compiled with sessionCompileOptions(). Errors: a
  /// checkpoint that cannot be read or is of another model, a program that does
  /// not fit.
  static StatusOr<Session> open(const std::string &directory,
                                EventStream history,
                                std::shared_ptr<const CompiledModel> model,
                                const SessionOptions &options = {});
  Session(Session &&) noexcept;
  Session &operator=(Session &&) noexcept;
  ~Session();

  /// What of the checkpoint is the history's: Run where its states count,
  /// History where it has none that were validated, Model where the events are
  /// others. In the last two states start empty before the first event.
  CheckpointMatch match() const;

  /// The history and what was appended to it.
  const EventStream &stream() const;
  int64_t eventCount() const;
  /// Columns of the events' features.
  int64_t edgeFeatureColumns() const;
  TimeScale timeScale() const;
  Timestamp eventTime(int64_t event) const;
  /// Right after the newest event.
  Moment now() const;
  /// The events that the states hold.
  int64_t stateEvents() const;

  const NodeNames &names() const;
  /// The node of that name, or unknownNode.
  int32_t node(std::string_view name) const {
    return names().find(name).value_or(unknownNode);
  }
  /// All nodes that were a destination, in the order in which they first were.
  std::span<const int32_t> destinations() const;

  /// Appends all events, or none: O(events), amortised. Errors: a late event
  /// that is refused, features of another width or not finite.
  Status append(std::span<const NewEvent> events);

  /// Takes all whole blocks into the states.
  Status advance();

  /// A checksum of the model with its parameters and of the history with the
  /// names of its nodes: what a snapshot belongs to.
  uint32_t identity() const;

  /// Writes a snapshot to `path`, which it replaces once it is durable: the
  /// events and nodes behind the history, and the states as they are. Errors: a
  /// branch, those of the file system, after which what was there is kept.
  Status save(const std::string &path) const;

  /// Goes to where save() was called in a session of the same checkpoint,
  /// history and block size: from there on all answers are the same, bit by
  /// bit. Events that this session has behind its history must be the first of
  /// the snapshot's. Errors: a file that cannot be read, is altered, or was
  /// made with another checkpoint, history or block size; other events.
  Status restore(const std::string &path);

  /// Starts the states again from the first event and takes in all events
  /// before `event` in blocks, of which the last one ends there. From now on
  /// that is where blocks are counted from and what the states start with.
  /// Errors: an event out of range, a branch.
  Status replayTo(int64_t event);

  /// Begins a branch: the states go back to where blocks are counted from, and
  /// then take in what advanceBranch() is given as a block, in the order of the
  /// stream, and nothing else, whatever is asked. Neighbours are those of the
  /// whole stream. endBranch() goes back to states that follow the stream.
  /// Errors: states that may not start again, an event out of range, no branch.
  Status beginBranch();
  Status advanceBranch(std::span<const int32_t> events);
  Status endBranch();

  /// Columns of an embedding; 0 for a model without embeddings.
  int64_t embeddingWidth() const;
  /// The embeddings of nodes[i] at moments[i]: row i of `result`, f32[queries,
  /// embeddingWidth()]. Errors: a node or event out of range, spans of other
  /// sizes, a model without embeddings, a moment before the states where those
  /// may not start again.
  Status embed(std::span<const int32_t> nodes, std::span<const Moment> moments,
               std::span<float> result);

  /// What the model was trained for.
  Task task() const;
  /// Numbers of a prediction; 0 for a task other than of nodes.
  int64_t predictionWidth() const;
  /// What is predicted of nodes[i] at moments[i]: row i of `result`, f32
  /// [queries, predictionWidth()]. Of classes logits, of two the logit of the
  /// second; of shares the logits of their distribution. Errors: as of embed(),
  /// a model of another task.
  Status predict(std::span<const int32_t> nodes,
                 std::span<const Moment> moments, std::span<float> result);

  /// The logit of each pair: the logarithm of the odds that the link is there.
  /// Errors: as of embed(), logits that are not finite, a model
  /// of a task that has labels.
  Status score(std::span<const PairQuery> pairs, std::span<float> logits);

  /// The `count` candidates with the highest logits as destinations of
  /// `source`, best first; equal ones in the order of `candidates`. Errors: as
  /// of score().
  StatusOr<std::vector<RankedCandidate>>
  topK(int32_t source, Moment moment, std::span<const int32_t> candidates,
       int64_t count);

private:
  class Implementation;
  explicit Session(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SESSION_H
