//===- OperatorTensors.cpp - What an operator's programs run on -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorTensors.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <bit>

using namespace orcinus;

/// Elements before and after a result that a right program leaves alone.
static constexpr size_t guardElements = 64;
static constexpr float guardValue = 12345.0f;

/// What a result is filled with: not a number, and not the one that
/// instructions make, so that what is never written is known from what is
/// computed.
static constexpr uint32_t unwrittenBits = 0x7fc0dead;

static size_t sizeOf(const std::vector<int64_t> &shape) {
  size_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

TensorValues orcinus::drawArguments(const OperatorSignature &signature) {
  TensorValues values(signature.arguments.size());
  for (size_t number = 0; number < values.size(); ++number) {
    uint64_t stream = randomStream("operator input") + number;
    size_t size = sizeOf(signature.arguments[number]);
    for (size_t at = 0; at < size; ++at)
      values[number].push_back(
          static_cast<float>(2 * randomUnit(0, stream, at) - 1));
  }
  return values;
}

float *OperatorTensors::Tensor::data() const {
  return static_cast<float *>(block.address()) + guardElements;
}

StatusOr<OperatorTensors::Tensor>
OperatorTensors::append(const std::vector<int64_t> &shape) {
  Tensor tensor;
  tensor.size = sizeOf(shape);
  StatusOr<DeviceBlock> block = DeviceBlock::allocate(
      *device, (tensor.size + 2 * guardElements) * sizeof(float));
  if (!block.ok())
    return block.status();
  tensor.block = std::move(*block);
  memrefs.emplace_back(tensor.data(), shape);
  return tensor;
}

StatusOr<OperatorTensors>
OperatorTensors::allocate(Device &device, const OperatorSignature &signature) {
  OperatorTensors tensors(device);
  for (const std::vector<int64_t> &shape : signature.arguments) {
    StatusOr<Tensor> tensor = tensors.append(shape);
    if (!tensor.ok())
      return tensor.status();
    tensors.arguments.push_back(std::move(*tensor));
  }
  for (const std::vector<int64_t> &shape : signature.results) {
    StatusOr<Tensor> tensor = tensors.append(shape);
    if (!tensor.ok())
      return tensor.status();
    tensor->image.resize(tensor->size + 2 * guardElements);
    tensors.results.push_back(std::move(*tensor));
  }
  for (MemRef &memref : tensors.memrefs)
    tensors.pointers.push_back(memref.descriptor());
  tensors.isScalar = signature.isScalar;
  for (size_t number = 0; number < tensors.arguments.size(); ++number)
    if (tensors.isScalar[number]) {
      std::vector<float> &image = tensors.arguments[number].image;
      image.resize(1);
      tensors.pointers[number] = image.data();
    }
  return tensors;
}

Status OperatorTensors::prepare(const TensorValues &values) {
  for (size_t number = 0; number < arguments.size(); ++number) {
    if (isScalar[number]) {
      arguments[number].image.front() = values[number].front();
      continue;
    }
    if (Status status = device->copyToDevice(
            arguments[number].data(), values[number].data(),
            values[number].size() * sizeof(float));
        !status.ok())
      return status;
  }
  for (Tensor &result : results) {
    std::fill(result.image.begin(), result.image.end(), guardValue);
    std::fill_n(result.image.begin() + guardElements, result.size,
                std::bit_cast<float>(unwrittenBits));
    if (Status status =
            device->copyToDevice(result.block.address(), result.image.data(),
                                 result.image.size() * sizeof(float));
        !status.ok())
      return status;
  }
  return device->synchronize(device->ownStream());
}

Status OperatorTensors::readResults() {
  for (Tensor &result : results)
    if (Status status =
            device->copyToHost(result.image.data(), result.block.address(),
                               result.image.size() * sizeof(float));
        !status.ok())
      return status;
  return device->synchronize(device->ownStream());
}

std::span<const float> OperatorTensors::result(size_t number) const {
  const Tensor &result = results[number];
  return {result.image.data() + guardElements, result.size};
}

std::optional<size_t> OperatorTensors::firstUnwritten(size_t number) const {
  std::span<const float> values = result(number);
  auto found = std::find_if(values.begin(), values.end(), [](float value) {
    return std::bit_cast<uint32_t>(value) == unwrittenBits;
  });
  if (found == values.end())
    return std::nullopt;
  return found - values.begin();
}

bool OperatorTensors::wroteBeside(size_t number) const {
  const std::vector<float> &image = results[number].image;
  auto changed = [](float value) { return value != guardValue; };
  return std::any_of(image.begin(), image.begin() + guardElements, changed) ||
         std::any_of(image.end() - guardElements, image.end(), changed);
}
