//===- Communicator.cpp - Processes that train together -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <bit>
#include <cassert>

using namespace orcinus;

template <typename T>
Status Communicator::addAll(std::span<T> values) {
  assert(std::has_single_bit(static_cast<unsigned>(size())) &&
         "the tree pairs all processes");
  received.resize(values.size_bytes());
  for (int distance = 1; distance < size(); distance *= 2) {
    int partner = rank() ^ distance;
    if (Status status = exchange(partner, std::as_bytes(values), received);
        !status.ok())
      return status;
    // Sums of two numbers have the same bits in either order.
    auto *other = reinterpret_cast<const T *>(received.data());
    for (T &value : values)
      value += *other++;
  }
  return Status();
}

Status Communicator::sum(std::span<float> values) { return addAll(values); }
Status Communicator::sum(std::span<double> values) { return addAll(values); }

StatusOr<bool> Communicator::agree(std::string_view text) {
  uint64_t length = text.size();
  std::span<uint64_t, 1> ofAll(&length, 1);
  if (Status status = broadcast(std::as_writable_bytes(ofAll)); !status.ok())
    return status;
  std::string first(text.substr(0, length));
  first.resize(length);
  if (Status status = broadcast(std::as_writable_bytes(std::span(first)));
      !status.ok())
    return status;
  double others = first == text ? 0 : 1;
  if (Status status = sum(std::span(&others, 1)); !status.ok())
    return status;
  return others == 0;
}
