//===- DeviceRows.h - Rows of caches between devices ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_DEVICEROWS_H
#define RUNTIME_TRAIN_DEVICEROWS_H

#include "orcinus/Runtime/Compiler.h"
#include "runtime/Communicator/DeviceCommunicator.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/OwnedStream.h"
#include "runtime/Train/SumMemory.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// Rows of one process for one cache: so many, in elements from `values` and
/// `slots` on.
struct RowRun {
  size_t cache = 0;
  size_t values = 0;
  size_t slots = 0;
  size_t count = 0;
};

/// Gathers rows of the caches of `state` between the devices of processes, and
/// writes them to their slots there: what is on the device is not copied to the
/// host and back.
class DeviceRows {
public:
  /// Where runs begin, so that kernels may load whole vectors, in elements.
  static constexpr size_t alignment = bufferAlignment / sizeof(float);

  /// For `model`, which was compiled for `device`; both and `state` outlive the
  /// result. `others` may be null for one process alone. Errors: the program
  /// cannot store rows.
  static StatusOr<std::unique_ptr<DeviceRows>>
  create(const CompiledModel &model, Device &device, ModelState &state,
         std::shared_ptr<DeviceCommunicator> others, int rank);

  /// Of `values`, process r has what lies from offsets[r] up to offsets[r + 1],
  /// in bytes; that of this process is there. All `slots` are. Errors: of
  /// the device; another process is gone.
  Status store(std::span<const float> values, std::span<const size_t> offsets,
               std::span<const int32_t> slots, std::span<const RowRun> runs);

private:
  DeviceRows(Device &device, ModelState &state,
             std::shared_ptr<DeviceCommunicator> others, int rank)
      : device(device), state(state), others(std::move(others)), rank(rank),
        stream(device) {}
  Status reserve(DeviceBlock &block, size_t &capacity, size_t bytes);
  Status gather(std::span<const size_t> offsets);
  Status storeRun(const RowRun &run);

  Device &device;
  ModelState &state;
  std::shared_ptr<DeviceCommunicator> others;
  int rank;
  /// By cache.
  std::vector<StreamFunction> functions;
  OwnedStream stream;
  DeviceBlock valueBlock, slotBlock;
  size_t valueBytes = 0, slotBytes = 0;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_DEVICEROWS_H
