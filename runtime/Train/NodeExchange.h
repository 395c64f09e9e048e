//===- NodeExchange.h - Rows of nodes among processes -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_NODEEXCHANGE_H
#define RUNTIME_TRAIN_NODEEXCHANGE_H

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/NodeWindow.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace orcinus {

/// Brings the rows of nodes to the processes whose steps read them, and what
/// steps make of them to the process that has them.
///
/// What changes rows (the step of a whole batch, `advance`) is done by every
/// process alike, so nothing is sent back: each takes the rows that are its
/// own out of its window. The next step's rows may be fetched while a step
/// computes; what that one has changed is then put into the next window, again
/// without a message.
class NodeExchange {
public:
  /// Of the arrays `nodeRows`, which have the rows of the partition's process
  /// and outlive the exchange.
  NodeExchange(std::vector<FloatArray> &nodeRows, NodePartition partition)
      : nodeRows(nodeRows), nodes(partition) {}

  /// Where there are several processes, is to be called first; `all` has no
  /// other user.
  void connect(std::shared_ptr<Communicator> all) {
    processes = std::move(all);
  }

  const NodePartition &partition() const { return nodes; }

  /// Fills the window, or, where it is null, only gives others what they ask
  /// for. All processes call it as often, in the same order, one thread each.
  /// Errors: another process is gone.
  Status fetch(NodeWindow *window);

  /// Takes over what steps have changed. Not while anything is fetched.
  void settle();

  /// Copies the rows of all nodes of `own`, which has this process's rows of an
  /// array, to `all` at the first process, in order of the nodes; others give
  /// an empty `all`. All processes call it. Errors: as of fetch.
  Status gather(std::span<const float> own, int64_t rowSize, int32_t nodeCount,
                std::span<float> all);

private:
  Status serve(int partner, NodeWindow *window);
  void copyOwn(NodeWindow &window) const;
  void writeBack(const NodeWindow &window);
  static void patch(const NodeWindow &from, NodeWindow &into);

  std::vector<FloatArray> &nodeRows;
  std::shared_ptr<Communicator> processes;
  NodePartition nodes;
  /// The window that was fetched last, and the one before it.
  NodeWindow *latest = nullptr;
  NodeWindow *earlier = nullptr;
  /// Of one partner at a time: rows of the window, and of nodes that it asks
  /// for; the rows' values.
  std::vector<int32_t> wanted, wantedNodes, askedNodes;
  std::vector<float> answered, received;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_NODEEXCHANGE_H
