//===- Communicator.cpp - Processes that train together -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include "runtime/Communicator/GatherTree.h"
#include "runtime/Communicator/MessageWait.h"

#include <algorithm>
#include <bit>
#include <cassert>

using namespace orcinus;

/// Exchanges, and counts what is sent.
Status Communicator::exchangeAndCount(int partner,
                                      std::span<const std::byte> own,
                                      std::span<std::byte> into) {
  sent->messages += 1;
  sent->bytes += static_cast<int64_t>(own.size());
  return exchange(partner, own, into);
}

StatusOr<std::shared_ptr<Communicator>>
Communicator::duplicate(Waiting waiting) {
  StatusOr<std::shared_ptr<Communicator>> made = makeDuplicate(waiting);
  if (made.ok())
    (*made)->sent = sent;
  return made;
}

/// Adds what another process has. Sums of two numbers have the same bits in
/// either order.
template <typename T>
static void addTo(std::span<T> values, const std::byte *others) {
  const auto *other = reinterpret_cast<const T *>(others);
  for (T &value : values)
    value += *other++;
}

template <typename T>
Status Communicator::addAll(std::span<T> values) {
  assert(std::has_single_bit(static_cast<unsigned>(size())) &&
         "the tree pairs all processes");
  received.resize(values.size_bytes());
  for (int distance = 1; distance < size(); distance *= 2) {
    int partner = rank() ^ distance;
    if (Status status =
            exchangeAndCount(partner, std::as_bytes(values), received);
        !status.ok())
      return status;
    addTo(values, received.data());
  }
  return Status();
}

Status Communicator::sum(std::span<float> values) { return addAll(values); }
Status Communicator::sum(std::span<double> values) { return addAll(values); }

Status Communicator::sum(std::span<float> values, std::span<double> counts) {
  if (counts.empty())
    return addAll(values);
  // The counts first, whose alignment is the greater one.
  packed.resize(counts.size_bytes() + values.size_bytes());
  received.resize(packed.size());
  auto ofCounts =
      std::span(reinterpret_cast<double *>(packed.data()), counts.size());
  auto ofValues =
      std::span(reinterpret_cast<float *>(packed.data() + counts.size_bytes()),
                values.size());
  std::ranges::copy(counts, ofCounts.begin());
  std::ranges::copy(values, ofValues.begin());
  for (int distance = 1; distance < size(); distance *= 2) {
    if (Status status = exchangeAndCount(rank() ^ distance, packed, received);
        !status.ok())
      return status;
    addTo(ofCounts, received.data());
    addTo(ofValues, received.data() + counts.size_bytes());
  }
  std::ranges::copy(ofCounts, counts.begin());
  std::ranges::copy(ofValues, values.begin());
  return Status();
}

Status Communicator::gather(std::span<std::byte> all,
                            std::span<const size_t> offsets) {
  assert(offsets.size() == static_cast<size_t>(size()) + 1);
  return gatherInTree(rank(), all, offsets,
                      [&](int partner, std::span<const std::byte> own,
                          std::span<std::byte> into) {
                        return exchangeAndCount(partner, own, into);
                      });
}

Status Communicator::gather(std::span<const std::byte> own,
                            std::vector<std::byte> &all,
                            std::vector<size_t> &offsets) {
  size_t count = static_cast<size_t>(size()), number = rank();
  std::vector<uint64_t> sizes(count);
  sizes[number] = own.size();
  offsets.resize(count + 1);
  for (size_t each = 0; each <= count; ++each)
    offsets[each] = each * sizeof(uint64_t);
  if (Status status = gather(std::as_writable_bytes(std::span(sizes)), offsets);
      !status.ok())
    return status;
  offsets[0] = 0;
  for (size_t each = 0; each != count; ++each)
    offsets[each + 1] = offsets[each] + sizes[each];
  all.resize(offsets[count]);
  std::ranges::copy(own, all.begin() + static_cast<ptrdiff_t>(offsets[number]));
  return gather(all, offsets);
}

StatusOr<std::vector<std::byte>> Communicator::receive(int partner) {
  MessageWait wait;
  while (true) {
    auto message = tryReceive(partner);
    if (!message.ok())
      return message.status();
    if (*message)
      return std::move(**message);
    wait.sleep();
  }
}

Status Communicator::meet() {
  double nothing = 0;
  return sum(std::span(&nothing, 1));
}

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
