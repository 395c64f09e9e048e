//===- ModelState.h - Everything that training changes ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_MODELSTATE_H
#define RUNTIME_TRAIN_MODELSTATE_H

#include "orcinus/Support/Status.h"
#include "runtime/Memory/AlignedBuffer.h"
#include "runtime/Prepare/CacheIndex.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Train/Manifest.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// A named row-major tensor of floats at a fixed, aligned place.
class FloatArray {
public:
  /// All zero.
  FloatArray(std::string name, std::vector<int64_t> shape);

  const std::string &name() const { return label; }
  std::span<const int64_t> shape() const { return extents; }
  std::span<float> values() { return elements; }
  std::span<const float> values() const { return elements; }
  void clear();

private:
  std::string label;
  std::vector<int64_t> extents;
  AlignedBuffer storage;
  std::span<float> elements;
};

/// The parameters, Adam's moments, the node states with their pending
/// messages, the caches of embeddings, and the index sides of the last two.
/// Program arguments point into it: it never moves.
class ModelState {
public:
  /// All zero, for a stream of `nodeCount` nodes.
  ModelState(const Manifest &manifest, int32_t nodeCount,
             std::vector<std::unique_ptr<CacheIndex>> caches);

  /// Initial parameters; moments and node states cleared.
  Status initialize(const Manifest &manifest, uint64_t seed);

  /// Clears node states, messages, caches and index state: an epoch's start.
  void clearNodeStates();

  /// The array of that name; null if there is none.
  FloatArray *find(BindingKind kind, std::string_view name);

  /// Each holds one array a parameter.
  std::vector<FloatArray> parameters;
  std::vector<FloatArray> firstMoments;
  std::vector<FloatArray> secondMoments;
  /// Each holds one array a state.
  std::vector<FloatArray> states;
  std::vector<FloatArray> messages;
  /// One array a cache, of the rows that its index side asks for. What is in a
  /// slot that was not written in the epoch is never read.
  std::vector<FloatArray> caches;
  std::vector<std::unique_ptr<CacheIndex>> cacheIndexes;
  IndexState index;
};

/// A copy of parameters and node states, without the moments and caches, which
/// training alone reads.
struct ModelSnapshot {
  std::vector<std::vector<float>> parameters;
  std::vector<std::vector<float>> states;
  std::vector<std::vector<float>> messages;
  IndexState index;

  /// Copies; the storage of an earlier copy is used again.
  void take(const ModelState &state);
  /// Copies back.
  void restore(ModelState &state) const;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_MODELSTATE_H
