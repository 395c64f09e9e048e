//===- ShardCollectives.h - Sums over shards while steps run ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDCOLLECTIVES_H
#define RUNTIME_TRAIN_SHARDCOLLECTIVES_H

#include "runtime/Abi/CollectiveAbi.h"
#include "runtime/Communicator/CommunicationThread.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ShardLayout.h"
#include "runtime/Train/SumMemory.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

/// Which gradients of `state` a step of shards adds together, as the manifest's
/// function `step` says: by sum.
std::vector<std::vector<FloatArray *>> gradientSums(const Manifest &manifest,
                                                    std::string_view step,
                                                    ModelState &state);

/// Adds the gradients of a batch's shards, weighted by their shares of it, in
/// the tree that pairs neighbours: those of this process's shards where the
/// steps run, and the processes' sums on a communication thread, each as soon
/// as all own shards have given theirs. The last message has the loss and
/// counts, too.
///
/// In a batch's order: begin(); for each own shard beginShard(), the step, and
/// endShard(), or skipShard(); finish(), in the middle of which apply steps
/// wait for the sums that they read.
class ShardCollectives : public StepCollectives {
public:
  /// `processes` may be null for one alone. Gradients are added on the host,
  /// and sent while steps wait, if nothing else is said below.
  ShardCollectives(std::vector<std::vector<FloatArray *>> sums,
                   ShardLayout layout, std::shared_ptr<Communicator> processes);
  ~ShardCollectives() override;

  /// Sends from here on beside the steps, through `background`. Errors: the
  /// system starts no thread.
  Status sendBeside(std::shared_ptr<Communicator> background);

  /// Adds gradients on a device from here on.
  void addOnDevice(std::unique_ptr<SumMemory> device);

  /// Whether steps can wait for sums by themselves: not where their arguments
  /// are copies that were made before.
  bool stepsCanWait(const Device *device) const {
    return !device || onDevice != nullptr;
  }

  /// Before batches are run, or what steps change is changed otherwise: waits
  /// for what an error has left, which is forgotten.
  void restart();

  /// A batch whose shards have something that is asked for, or have not.
  /// `counts` are added over the processes, and stay where they are; they are
  /// complete when the last shard ends.
  void begin(bool isAsked, std::span<double> counts);
  /// The next own shard, of that share of the batch, is computed …
  void beginShard(double share) { ownShare = static_cast<float>(share); }
  /// … and has been, with that loss.
  void endShard(float loss);
  /// The next own shard has nothing.
  void skipShard();

  bool startAllReduce(int32_t sum) override;
  bool awaitAllReduce(int32_t sum) override;
  bool awaitAllGather(int32_t cache) override;

  /// What brings rows of caches to all processes, through a communicator, which
  /// is null for one alone.
  using GatherRows = std::function<Status(Communicator *)>;
  /// Begins it on the communication thread, for steps to wait for; `gather`
  /// stays where it is until then.
  void startAllGather(const GatherRows &gather);
  /// Waits for it. Errors: as of the sums.
  Status awaitRows();

  /// Waits for all sums, the counts among them, and puts gradients into their
  /// arrays. Errors: another process is gone.
  Status finish();
  /// The sum of the losses, once all is there.
  float loss() const { return lossOfBatch; }
  /// The first error, of this batch or one before it.
  const Status &error() const { return failure; }

  /// What the messages of a batch come to: gradients with the loss, in bytes,
  /// and how many messages they are.
  int64_t gradientBytes() const;
  int64_t messages() const { return std::ssize(sums); }

private:
  /// A complete subtree of the tree over this process's shards.
  struct Subtree {
    int64_t shards = 0;
    SumBuffer values;
  };
  /// What is added together, and sent in one message.
  struct Sum {
    std::vector<FloatArray *> arrays;
    /// Of each array, where its values begin and how many there are; and where
    /// the last one's end.
    std::vector<std::pair<size_t, size_t>> ranges;
    size_t end = 0;
    SumMemory *memory = nullptr;
    /// The largest first.
    std::vector<Subtree> subtrees;
    /// Of subtrees that were added, to be used again.
    std::vector<SumBuffer> spare;
    /// Whether the shard in hand has given its own.
    bool isTaken = false;
    /// Of the communication thread; 0 where it was not given.
    int64_t work = 0;
    bool isStored = false;
  };

  size_t sizeOf(const Sum &sum) const;
  bool hasLoss(const Sum &sum) const { return &sum == &sums.back(); }
  Status addLeaf(Sum &sum, bool isEmpty);
  Status merge(Sum &sum);
  void take(Sum &sum, bool isEmpty);
  void submitReady();
  Status await(Sum &sum);
  void note(Status status);

  ShardLayout layout;
  std::shared_ptr<Communicator> processes, background;
  std::unique_ptr<SumMemory> onHost, onDevice;
  std::vector<Sum> sums;
  float ownShare = 0;
  float lossOfBatch = 0;
  /// Own shards that have ended, and sums that were given to the thread.
  int64_t endedShards = 0;
  size_t submitted = 0;
  bool isAsked = false;
  std::span<double> counts;
  int64_t gathering = 0;
  Status failure;
  /// Last, and so gone before what it works on here. What else it works on,
  /// counts and what gathers rows, has to outlive all of this.
  CommunicationThread thread;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDCOLLECTIVES_H
