//===- RowExchange.h - Rows that processes have for each other --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_ROWEXCHANGE_H
#define RUNTIME_TRAIN_ROWEXCHANGE_H

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/RowWindow.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace orcinus {

/// Brings rows of nodes and of caches to the processes whose steps read them,
/// and what steps make of them to the process that has them.
///
/// What changes rows of nodes (the step of a whole batch, `advance`) is done by
/// every process alike, and what a batch leaves in caches every process is
/// given, so that nothing is sent back: each takes the rows that are its own.
/// The next batch's rows may be fetched while a batch computes; what that one
/// has changed is then put into the next window, again without a message. So
/// the rows of the last window are known as they are, and are not asked for
/// again.
class RowExchange {
public:
  /// Of the arrays `nodeRows` and `caches`, which have the rows of the
  /// partition's process and outlive the exchange. Where there are several
  /// processes, `caches` is whole otherwise.
  RowExchange(std::vector<FloatArray> &nodeRows,
              std::vector<FloatArray> &caches, RowPartition partition);

  /// Where there are several processes, is to be called first; `all` has no
  /// other user.
  void connect(std::shared_ptr<Communicator> all) {
    processes = std::move(all);
  }

  /// Errors: more arrays than processes can ask each other for.
  Status check() const;

  const RowPartition &partition() const { return owners; }
  /// Whether caches, too, are cut.
  bool cutsCaches() const { return arrays.size() != nodeArrays; }
  /// The number of a cache's array here; that of one of the nodes' is its own.
  size_t arrayOfCache(size_t cache) const { return nodeArrays + cache; }

  /// Fills the window, which was closed, or, where it is null, only gives
  /// others what they ask for. All processes call it as often, in the same
  /// order, one thread each. Errors: another process is gone.
  Status fetch(RowWindow *window);

  /// Says what row `slot` of a cache becomes, wherever it is; `values` stay
  /// where they are until the next settle(), when it does. By the thread that
  /// settles.
  void write(size_t cache, int32_t slot, std::span<const float> values) {
    writes.push_back({cache, slot, values});
  }

  /// Takes over what steps have changed and what was written. Not while
  /// anything is fetched.
  void settle();

  /// Says that rows were changed otherwise: those of other processes are not
  /// known any more, and what an error has left unsettled is given up. Not
  /// while batches are run, nor before what they changed is settled.
  void forget() {
    latest = earlier = nullptr;
    writes.clear();
  }

  /// Copies all `count` rows of an array, of which `own` are this process's, to
  /// `all` at the first process, in order; others give an empty `all`. All
  /// processes call it. Errors: as of fetch.
  Status gather(std::span<const float> own, int64_t rowSize, int64_t count,
                std::span<float> all);

private:
  /// A row of a cache that is to be.
  struct CacheWrite {
    size_t cache;
    int32_t slot;
    std::span<const float> values;
  };
  /// What a process asks another one for.
  struct Request {
    /// Of each space in turn how many rows, and then the arrays' bits.
    std::vector<uint64_t> counts;
    /// The rows of all spaces, one after the other.
    std::vector<int32_t> rows;
  };

  size_t spaceCount() const { return 1 + arrays.size() - nodeArrays; }
  size_t spaceOf(size_t array) const {
    return array < nodeArrays ? RowWindow::nodes
                              : RowWindow::ofCache(array - nodeArrays);
  }
  Status serve(int partner, RowWindow *window);
  bool knows(const RowWindow &window, size_t space) const;
  void fillHere(RowWindow &window);
  void ask(int partner, const RowWindow &window);
  void answer();
  void takeAnswer(RowWindow &window);
  void writeBack(const RowWindow &window);
  void patch(const RowWindow &from, RowWindow &into);
  void writeToCache(const CacheWrite &write);

  /// Those of the nodes, then those of the caches.
  std::vector<FloatArray *> arrays;
  size_t nodeArrays;
  std::shared_ptr<Communicator> processes;
  RowPartition owners;
  /// The window that was fetched last, and the one before it.
  RowWindow *latest = nullptr;
  RowWindow *earlier = nullptr;
  std::vector<CacheWrite> writes;

  /// Of a window that is fetched: by space, the rows that only others have.
  std::vector<std::vector<int32_t>> missing;
  /// Rows to copy, and where to.
  std::vector<std::pair<int32_t, int32_t>> ownRows, knownRows, changedRows;
  /// Of one partner at a time: the window's rows, what is asked for, and the
  /// rows' values.
  std::vector<int32_t> wanted;
  Request own, other;
  std::vector<float> answered, received;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_ROWEXCHANGE_H
