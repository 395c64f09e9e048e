//===- Generator.h - Synthetic event streams --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_GENERATOR_H
#define ORCINUS_GRAPH_GENERATOR_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>

namespace orcinus {

/// A synthetic event stream: power-law degrees, temporal locality (a node
/// tends to meet those it met lately), communities that can be learnt.
struct GeneratorOptions {
  int64_t nodes = 1000;
  int64_t events = 10000;
  uint64_t seed = 0;
  /// Columns of generated edge features; 0 for none.
  int64_t edgeFeatures = 0;
};

/// Generates the stream; the same options give the same stream on any machine.
/// Errors: fewer than two nodes, more than 2^31-1 nodes or events.
StatusOr<EventStream> generateEventStream(const GeneratorOptions &options);

} // namespace orcinus

#endif // ORCINUS_GRAPH_GENERATOR_H
