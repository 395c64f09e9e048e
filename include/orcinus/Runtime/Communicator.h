//===- Communicator.h - Processes that train together -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_COMMUNICATOR_H
#define ORCINUS_RUNTIME_COMMUNICATOR_H

#include "orcinus/Support/Status.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// The processes that do one run together, as one of them sees them. All call
/// the same functions in the same order, one thread each; messages alone are
/// sent and received whenever a process has any.
class Communicator {
public:
  virtual ~Communicator() = default;

  /// The number of this process, from 0, and how many there are.
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Sends `sent` to `partner` and receives as many bytes from it as
  /// `received` has, which does the same. Errors: the partner is gone.
  virtual Status exchange(int partner, std::span<const std::byte> sent,
                          std::span<std::byte> received) = 0;

  /// Gives every process the bytes that process 0 has. Errors: as of exchange.
  virtual Status broadcast(std::span<std::byte> bytes) = 0;

  /// Sends a message to `partner`, which receives it some time. Returns once
  /// `bytes` may be changed; a large message is not on its way before that.
  /// Errors: as of exchange.
  virtual Status send(int partner, std::span<const std::byte> bytes) = 0;

  /// The next message of `partner`, in the order in which it has sent them;
  /// nothing where none has come yet. Errors: as of exchange.
  virtual StatusOr<std::optional<std::vector<std::byte>>>
  tryReceive(int partner) = 0;

  /// Waits for the next message of `partner`, asleep: a process that waits
  /// takes nothing from those that compute on its machine. MPI's own functions
  /// keep a processor busy meanwhile.
  StatusOr<std::vector<std::byte>> receive(int partner);

  /// How a thread waits for another process: without rest, which is the
  /// quickest, or with pauses, which leave the processor to who computes.
  enum class Waiting : uint8_t { Busy, Patient };

  /// Another one of the same processes, for another thread of each: what goes
  /// through the two does not meet. All call it at once. What the library has
  /// for one that no process has any more is freed when the next one is made of
  /// this communicator; of one that was left in the middle of an exchange, when
  /// the library ends. Errors: the library cannot be called by two threads at
  /// once.
  StatusOr<std::shared_ptr<Communicator>>
  duplicate(Waiting waiting = Waiting::Busy);

  /// Says that this process has done its part. Where one ends without, the
  /// launcher ends all.
  virtual void finish() {}

  /// Says that this process cannot go on: others that wait for it get an error,
  /// where no launcher ends them.
  virtual void leave() {}

  /// Replaces `values` by their sums over all processes, a power of two, added
  /// in the tree that pairs neighbours: ((0 + 1) + (2 + 3)) + …. All have the
  /// same bits afterwards. log2(size) messages of all values.
  Status sum(std::span<float> values);
  Status sum(std::span<double> values);
  /// Both in one message.
  Status sum(std::span<float> values, std::span<double> counts);

  /// Completes `all`, of which each process has its own part: process r what
  /// lies from offsets[r] up to offsets[r + 1]. log2(size) messages.
  Status gather(std::span<std::byte> all, std::span<const size_t> offsets);

  /// What each process has, of sizes that the others do not know: `all` is that
  /// of process 0, then that of process 1, …, from offsets[0], offsets[1], …
  /// on. Twice as many messages.
  Status gather(std::span<const std::byte> own, std::vector<std::byte> &all,
                std::vector<size_t> &offsets);

  /// What this process has sent to be added or gathered, through its duplicates
  /// too.
  struct Traffic {
    int64_t messages = 0;
    int64_t bytes = 0;
  };
  Traffic traffic() const { return {sent->messages, sent->bytes}; }

  /// Waits until all processes are here.
  Status meet();

  /// Whether all processes have the same `text`; each learns the answer.
  StatusOr<bool> agree(std::string_view text);

protected:
  virtual StatusOr<std::shared_ptr<Communicator>>
  makeDuplicate(Waiting waiting) = 0;

private:
  /// Threads of a process count together.
  struct SharedTraffic {
    std::atomic<int64_t> messages = 0, bytes = 0;
  };

  template <typename T>
  Status addAll(std::span<T> values);
  Status exchangeAndCount(int partner, std::span<const std::byte> own,
                          std::span<std::byte> into);
  std::vector<std::byte> received, packed;
  std::shared_ptr<SharedTraffic> sent = std::make_shared<SharedTraffic>();
};

/// A group of `size` members in this process, each for a thread of its own.
std::vector<std::shared_ptr<Communicator>> makeLocalGroup(int size);

/// A process that a launcher has started together with others.
struct LaunchedProcess {
  enum class Launcher : uint8_t { OpenMpi, Slurm, Pmi };
  Launcher launcher = Launcher::OpenMpi;
  int rank = 0;
  int size = 1;
  /// Its number among those on its machine.
  int localRank = 0;
};

/// What the launcher of this process says of it: mpirun of Open MPI, srun, or
/// one that speaks PMI, as those of MPICH do. Nothing for one by itself.
std::optional<LaunchedProcess> launchedProcess();

/// The processes that were launched together, by the library of Open MPI, which
/// is opened now. An error of MPI's own ends all processes. Errors: there is no
/// such library, or it cannot reach what this launcher has started.
StatusOr<std::shared_ptr<Communicator>> openMpi();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_COMMUNICATOR_H
