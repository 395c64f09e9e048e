//===- SumMemory.h - Where gradients are added ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SUMMEMORY_H
#define RUNTIME_TRAIN_SUMMEMORY_H

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Runtime/Compiler.h"
#include "runtime/Communicator/DeviceCommunicator.h"
#include "runtime/Device/DeviceMirror.h"
#include "runtime/Train/ModelState.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// Room for values that are added, where a SumMemory has it.
class SumBuffer {
public:
  SumBuffer() = default;
  explicit SumBuffer(size_t count) : host(count), count(count) {}
  SumBuffer(DeviceBlock block, size_t count)
      : block(std::move(block)), count(count) {}

  std::span<float> values() {
    float *address =
        block.address() ? static_cast<float *>(block.address()) : host.data();
    return {address, count};
  }

private:
  std::vector<float> host;
  DeviceBlock block;
  size_t count = 0;
};

/// Memory in which the gradients of shards are added, in whatever order its
/// user says: the memory of the host or of a device. All but addOverProcesses()
/// is called by one thread.
class SumMemory {
public:
  virtual ~SumMemory() = default;

  /// Errors, here and below: of the device.
  virtual StatusOr<SumBuffer> allocate(size_t count) = 0;
  virtual Status clear(std::span<float> values) = 0;
  /// values[i] ← share · array[i], rounded once.
  virtual Status weigh(std::span<float> values, FloatArray &array,
                       float share) = 0;
  /// values[i] ← values[i] + others[i].
  virtual Status add(std::span<float> values,
                     std::span<const float> others) = 0;
  /// Waits for the above, for other threads and streams to go on.
  virtual Status finish() { return Status(); }
  /// Puts values into an array.
  virtual Status store(std::span<const float> values, FloatArray &array) = 0;

  /// Replaces `values`, and `counts` on the host with them, by their sums over
  /// processes, in the tree of Communicator::sum(). One thread calls it at a
  /// time. Errors: another process is gone.
  virtual Status addOverProcesses(std::span<float> values,
                                  std::span<double> counts) = 0;
};

/// The host's, whose messages go through `processes`; null for one alone.
std::unique_ptr<SumMemory> hostSums(std::shared_ptr<Communicator> processes);

/// The memory of `device`, for which `model`, which outlives the result, was
/// compiled. `others` reaches the devices of so many processes, of which this
/// one has a number; null for one alone. Errors: the program cannot add.
StatusOr<std::unique_ptr<SumMemory>>
deviceSums(const CompiledModel &model, Device &device,
           std::shared_ptr<DeviceCommunicator> others, int rank, int size);

} // namespace orcinus

#endif // RUNTIME_TRAIN_SUMMEMORY_H
