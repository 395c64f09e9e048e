//===- ModelState.h - Everything that training changes ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_MODELSTATE_H
#define RUNTIME_TRAIN_MODELSTATE_H

#include "orcinus/Support/SpilledMemory.h"
#include "orcinus/Support/Status.h"
#include "runtime/Device/DeviceMirror.h"
#include "runtime/Memory/AlignedBuffer.h"
#include "runtime/Prepare/CacheIndex.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Train/Initializer.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/RowPartition.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

class RowExchange;

/// A named row-major tensor of floats at a fixed, aligned place. With a device
/// it has another place there, for programs; each side is brought up to date
/// when it is asked for.
class FloatArray {
public:
  /// All zero. `device` is null for programs that run on the host.
  FloatArray(std::string name, std::vector<int64_t> shape, Device *device);

  const std::string &name() const { return label; }
  std::span<const int64_t> shape() const { return extents; }
  /// Elements of one of its rows, the first extent.
  int64_t rowSize() const;
  /// The values, to read and to change until the next step: a copy from the
  /// device that fails is remembered by it.
  std::span<float> values() {
    ++changeCount;
    mirror.hostChanges();
    return elements;
  }
  std::span<const float> values() const {
    mirror.hostReads();
    return elements;
  }
  /// The place of the values, all of which the caller writes.
  std::span<float> replacedValues() {
    ++changeCount;
    mirror.hostReplaces();
    return elements;
  }
  void clear();

  /// How often the host may have changed the values.
  uint64_t changes() const { return changeCount; }

  /// Gives it `rows` rows, not fewer than it has, at another place; the new
  /// ones are zero.
  void growRows(int64_t rows);

  /// Where a program on the device finds them; see DeviceMirror.
  StatusOr<void *> onDevice(bool changes) { return mirror.onDevice(changes); }

private:
  std::string label;
  std::vector<int64_t> extents;
  Device *device;
  AlignedBuffer storage;
  std::span<float> elements;
  uint64_t changeCount = 0;
  /// Reading may bring the host's side up to date.
  mutable DeviceMirror mirror;
};

/// The parameters, what the optimizer keeps of each, their gradients where a
/// function leaves them to another, the node states with their pending messages
/// and mails, the caches of embeddings, and the index sides of the last two.
/// Program arguments point into it: it never moves, but for growNodes().
class ModelState {
public:
  /// All zero, for a stream of `nodeCount` nodes. `device` is null for programs
  /// that run on the host; it must outlive the state. With `partition`, rows of
  /// nodes and, of several processes, of caches are those of its process alone,
  /// which programs see by the windows of their steps (RowExchange).
  ModelState(const Manifest &manifest, int32_t nodeCount,
             std::vector<std::unique_ptr<CacheIndex>> caches, Device *device,
             std::optional<RowPartition> partition = {});
  ~ModelState();

  /// The device that programs run on; null for the host.
  Device *device() const { return programDevice; }
  /// The error that the device remembers, if any, which is forgotten.
  Status takeDeviceError() const;
  /// Brings all arrays to the host, and what steps have changed into them.
  /// Errors: of the device.
  Status fetch() const;

  /// Initial parameters; moments and node states cleared.
  Status initialize(const Manifest &manifest, const InitializerSource &source);

  /// Clears moments, velocities and gradients, as of a new optimizer.
  void clearOptimizer();

  /// Makes room for nodes up to `nodeCount`, whose states are zero. Programs
  /// that were bound to the states must be bound again.
  void growNodes(int32_t nodeCount);

  /// Clears the rows of nodes, caches and index state: an epoch's start.
  void clearNodeStates();

  /// The array of that name; null if there is none.
  FloatArray *find(BindingKind kind, std::string_view name);

  /// One array a parameter.
  std::vector<FloatArray> parameters;
  /// One array for each parameter that a function of the program binds so:
  /// what the optimizer needs, and nothing else.
  std::vector<FloatArray> firstMoments;
  std::vector<FloatArray> secondMoments;
  std::vector<FloatArray> velocities;
  std::vector<FloatArray> gradients;
  /// What a program computes of the parameters alone, once for many steps that
  /// leave these as they are; named by its number.
  std::vector<FloatArray> prepared;
  /// Arrays of one row a node, named by their bindings ("state:memory"): the
  /// states, their messages, and of each mailbox a row [slots, width].
  std::vector<FloatArray> nodeRows;
  /// Where rows are a process's own alone, what brings others; else null.
  std::unique_ptr<RowExchange> exchange;
  /// One array a cache, of the rows that its index side asks for. What is in a
  /// slot that was not written in the epoch is never read.
  std::vector<FloatArray> caches;
  std::vector<std::unique_ptr<CacheIndex>> cacheIndexes;
  IndexState index;

  /// To be called where a step has changed the parameters.
  void countParameterStep() { ++parameterSteps; }
  /// Whether `prepared` is of the parameters as they are.
  bool isPrepared() const { return preparedVersion == parameterVersion(); }
  void markPrepared() { preparedVersion = parameterVersion(); }

private:
  /// The group of arrays that belong to parameters and are bound as `kind`;
  /// null where there is none.
  std::vector<FloatArray> *groupOf(BindingKind kind);
  void addBoundArrays(const Manifest &manifest);
  void addPreparedArrays(const Manifest &manifest);
  /// Another one wherever a parameter may have changed.
  uint64_t parameterVersion() const;
  void createNodeRows(const Manifest &manifest, int64_t rows, Device *device);

  Device *programDevice;
  uint64_t parameterSteps = 0;
  std::optional<uint64_t> preparedVersion;
};

/// A copy of parameters and node states, without the moments and caches, which
/// training alone reads.
struct ModelSnapshot {
  /// On a disk where processes have rows of their own, for want of memory.
  using Rows = std::vector<float, SpillingAllocator<float>>;

  std::vector<std::vector<float>> parameters;
  std::vector<Rows> nodeRows;
  IndexState index;

  /// Copies; the storage of an earlier copy is used again. Errors: of the
  /// device.
  Status take(const ModelState &state);
  /// Copies back.
  void restore(ModelState &state) const;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_MODELSTATE_H
