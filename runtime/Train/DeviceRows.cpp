//===- DeviceRows.cpp - Rows of caches between devices --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/DeviceRows.h"

#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Communicator/GatherTree.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

using namespace orcinus;

StatusOr<std::unique_ptr<DeviceRows>>
DeviceRows::create(const CompiledModel &model, Device &device,
                   ModelState &state,
                   std::shared_ptr<DeviceCommunicator> others, int rank) {
  std::unique_ptr<DeviceRows> made(
      new DeviceRows(device, state, std::move(others), rank));
  for (const FloatArray &cache : state.caches) {
    auto *function = reinterpret_cast<StreamFunction>(
        model.lookup("store_rows_" + cache.name()));
    if (!function)
      return Status::error("the program has no function that stores rows of '" +
                               cache.name() + "'",
                           StatusCode::Unavailable);
    made->functions.push_back(function);
  }
  if (Status status = made->stream.create(); !status.ok())
    return status;
  return made;
}

/// Room for so many bytes; what was there is lost.
Status DeviceRows::reserve(DeviceBlock &block, size_t &capacity, size_t bytes) {
  if (bytes <= capacity)
    return Status();
  bytes = std::max(bytes, capacity + capacity / 2);
  StatusOr<DeviceBlock> made = DeviceBlock::allocate(device, bytes);
  if (!made.ok())
    return made.status();
  block = std::move(*made);
  capacity = bytes;
  return Status();
}

/// As Communicator::gather(), between devices.
Status DeviceRows::gather(std::span<const size_t> offsets) {
  std::span all(static_cast<std::byte *>(valueBlock.address()), offsets.back());
  return gatherInTree(rank, all, offsets,
                      [&](int partner, std::span<const std::byte> own,
                          std::span<std::byte> into) {
                        return others->exchange(partner, own, into,
                                                stream.get());
                      });
}

Status DeviceRows::storeRun(const RowRun &run) {
  FloatArray &cache = state.caches[run.cache];
  StatusOr<void *> address = cache.onDevice(/*changes=*/true);
  if (!address.ok())
    return address.status();
  auto rows = static_cast<int64_t>(run.count);
  MemrefDescriptor into, values, slots;
  into.set(*address, cache.shape());
  values.set(static_cast<float *>(valueBlock.address()) + run.values,
             std::array{rows, cache.rowSize()});
  slots.set(static_cast<int32_t *>(slotBlock.address()) + run.slots,
            std::array{rows});
  std::array<void *, 3> arguments = {&into, &values, &slots};
  return stream.call(functions[run.cache], arguments);
}

Status DeviceRows::store(std::span<const float> values,
                         std::span<const size_t> offsets,
                         std::span<const int32_t> slots,
                         std::span<const RowRun> runs) {
  Status status = reserve(valueBlock, valueBytes, values.size_bytes());
  if (status.ok())
    status = reserve(slotBlock, slotBytes, slots.size_bytes());
  size_t begin = offsets[rank], end = offsets[rank + 1];
  if (status.ok() && begin != end)
    status = device.copyToDevice(
        static_cast<std::byte *>(valueBlock.address()) + begin,
        std::as_bytes(values).data() + begin, end - begin, stream.get());
  if (status.ok() && !slots.empty())
    status = device.copyToDevice(slotBlock.address(), slots.data(),
                                 slots.size_bytes(), stream.get());
  if (status.ok())
    status = gather(offsets);
  for (const RowRun &run : runs)
    if (status.ok() && run.count != 0)
      status = storeRun(run);
  Status waited = device.synchronize(stream.get());
  return status.ok() ? waited : status;
}
