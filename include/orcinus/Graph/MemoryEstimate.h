//===- MemoryEstimate.h - The memory that training will need ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_MEMORYESTIMATE_H
#define ORCINUS_GRAPH_MEMORYESTIMATE_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>

namespace orcinus {

/// About how many bytes training a model on a stream takes on the host, by what
/// they are for. Batches of 200 events, without caches of embeddings: one of m
/// embeddings adds 4 · dimension · m bytes.
struct MemoryEstimate {
  /// Sources, destinations and times, the two adjacencies (of the training
  /// events and of all), and the lists of the split.
  int64_t graph = 0;
  int64_t features = 0;
  /// States, messages and their copies of the best epoch, for a model that
  /// keeps a state and a message of two states a node, as TGN does.
  int64_t nodeStates = 0;
  /// The program: the compiler, compiled code, parameters, a batch's tensors.
  int64_t program = 0;

  int64_t total() const { return graph + features + nodeStates + program; }
};

/// The estimate for states of `dimension` columns; 0 for a model without.
MemoryEstimate estimateTrainingMemory(const EventStream &stream,
                                      int64_t dimension);

} // namespace orcinus

#endif // ORCINUS_GRAPH_MEMORYESTIMATE_H
