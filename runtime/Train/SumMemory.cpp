//===- SumMemory.cpp - Where gradients are added --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/SumMemory.h"

#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Train/OwnedStream.h"

#include <algorithm>
#include <array>
#include <utility>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

namespace {

class HostSums : public SumMemory {
public:
  explicit HostSums(std::shared_ptr<Communicator> processes)
      : processes(std::move(processes)) {}

  StatusOr<SumBuffer> allocate(size_t count) override {
    return SumBuffer(count);
  }
  Status clear(std::span<float> values) override {
    std::ranges::fill(values, 0.0f);
    return Status();
  }
  Status weigh(std::span<float> values, FloatArray &array,
               float share) override {
    std::ranges::transform(std::as_const(array).values(), values.begin(),
                           [&](float value) { return share * value; });
    return Status();
  }
  Status add(std::span<float> values, std::span<const float> others) override {
    for (size_t index = 0; index != values.size(); ++index)
      values[index] += others[index];
    return Status();
  }
  Status store(std::span<const float> values, FloatArray &array) override {
    std::ranges::copy(values, array.replacedValues().begin());
    return Status();
  }
  Status addOverProcesses(std::span<float> values,
                          std::span<double> counts) override {
    return processes ? processes->sum(values, counts) : Status();
  }

private:
  std::shared_ptr<Communicator> processes;
};

//===----------------------------------------------------------------------===//
// A device
//===----------------------------------------------------------------------===//

class DeviceSums : public SumMemory {
public:
  DeviceSums(Device &device, StreamFunction weighFunction,
             StreamFunction addFunction,
             std::shared_ptr<DeviceCommunicator> others, int rank, int size)
      : device(device), weighFunction(weighFunction), addFunction(addFunction),
        others(std::move(others)), rank(rank), size(size), computing(device),
        sending(device) {}

  Status createStreams() {
    Status status = computing.create();
    return status.ok() ? sending.create() : status;
  }

  StatusOr<SumBuffer> allocate(size_t count) override {
    StatusOr<DeviceBlock> block =
        DeviceBlock::allocate(device, count * sizeof(float));
    if (!block.ok())
      return block.status();
    return SumBuffer(std::move(*block), count);
  }
  Status clear(std::span<float> values) override {
    return device.fill32(values.data(), 0, values.size(), computing.get());
  }
  Status weigh(std::span<float> values, FloatArray &array,
               float share) override {
    StatusOr<void *> from = array.onDevice(/*changes=*/false);
    if (!from.ok())
      return from.status();
    MemrefDescriptor into = vectorAt(values.data(), values.size());
    MemrefDescriptor source = vectorAt(*from, values.size());
    std::array<void *, 3> arguments = {&into, &source, &share};
    return computing.call(weighFunction, arguments);
  }
  Status add(std::span<float> values, std::span<const float> more) override {
    return addOn(computing, values, more);
  }
  Status finish() override { return device.synchronize(computing.get()); }

  Status store(std::span<const float> values, FloatArray &array) override {
    StatusOr<void *> to = array.onDevice(/*changes=*/true);
    if (!to.ok())
      return to.status();
    Status status = device.copyOnDevice(*to, values.data(), values.size_bytes(),
                                        computing.get());
    return status.ok() ? finish() : status;
  }

  Status addOverProcesses(std::span<float> values, std::span<double>) override {
    if (!others)
      return Status();
    if (received.values().size() < values.size()) {
      StatusOr<SumBuffer> more = allocate(values.size());
      if (!more.ok())
        return more.status();
      received = std::move(*more);
    }
    std::span<float> theirs = received.values().first(values.size());
    for (int distance = 1; distance < size; distance *= 2) {
      Status status =
          others->exchange(rank ^ distance, std::as_bytes(values),
                           std::as_writable_bytes(theirs), sending.get());
      if (status.ok())
        status = addOn(sending, values, theirs);
      if (!status.ok())
        return status;
    }
    return device.synchronize(sending.get());
  }

private:
  static MemrefDescriptor vectorAt(const void *address, size_t count) {
    MemrefDescriptor descriptor;
    descriptor.set(const_cast<void *>(address),
                   std::array{static_cast<int64_t>(count)});
    return descriptor;
  }

  Status addOn(OwnedStream &stream, std::span<float> values,
               std::span<const float> more) {
    MemrefDescriptor into = vectorAt(values.data(), values.size());
    MemrefDescriptor from = vectorAt(more.data(), more.size());
    std::array<void *, 2> arguments = {&into, &from};
    return stream.call(addFunction, arguments);
  }

  Device &device;
  StreamFunction weighFunction, addFunction;
  std::shared_ptr<DeviceCommunicator> others;
  int rank, size;
  /// Of the thread that computes, and of the one that communicates.
  OwnedStream computing, sending;
  SumBuffer received;
};

} // namespace

std::unique_ptr<SumMemory>
orcinus::hostSums(std::shared_ptr<Communicator> processes) {
  return std::make_unique<HostSums>(std::move(processes));
}

StatusOr<std::unique_ptr<SumMemory>>
orcinus::deviceSums(const CompiledModel &model, Device &device,
                    std::shared_ptr<DeviceCommunicator> others, int rank,
                    int size) {
  auto *weigh =
      reinterpret_cast<StreamFunction>(model.lookup("weigh_gradients"));
  auto *add = reinterpret_cast<StreamFunction>(model.lookup("add_gradients"));
  if (!weigh || !add)
    return Status::error("the program has no functions that add gradients",
                         StatusCode::Unavailable);
  auto made = std::make_unique<DeviceSums>(device, weigh, add,
                                           std::move(others), rank, size);
  if (Status status = made->createStreams(); !status.ok())
    return status;
  return std::unique_ptr<SumMemory>(std::move(made));
}
