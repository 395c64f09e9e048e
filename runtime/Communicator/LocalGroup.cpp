//===- LocalGroup.cpp - A communicator between threads --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

using namespace orcinus;

namespace {

/// What the members of a group have in common: what each offers, and how often
/// all have come to a point.
class Meeting {
public:
  explicit Meeting(int size) : offered(size), size(size) {}

  /// Waits until all members are here, or one has gone for good.
  Status wait() {
    std::unique_lock lock(mutex);
    uint64_t current = round;
    if (++arrived == size) {
      arrived = 0;
      ++round;
      changed.notify_all();
      return Status();
    }
    changed.wait(lock, [&] { return round != current || left > 0; });
    if (round == current) {
      --arrived;
      return Status::error("another process of this run has ended",
                           StatusCode::Unavailable);
    }
    return Status();
  }

  void leave() {
    std::lock_guard lock(mutex);
    ++left;
    changed.notify_all();
  }

  /// By member; read between two meetings.
  std::vector<std::span<const std::byte>> offered;

private:
  int size;
  std::mutex mutex;
  std::condition_variable changed;
  int arrived = 0;
  int left = 0;
  uint64_t round = 0;
};

class LocalCommunicator : public Communicator {
public:
  LocalCommunicator(std::shared_ptr<Meeting> meeting, int rank, int size)
      : meeting(std::move(meeting)), number(rank), count(size) {}
  ~LocalCommunicator() override { LocalCommunicator::leave(); }

  void leave() override {
    if (!std::exchange(isGone, true))
      meeting->leave();
  }

  int rank() const override { return number; }
  int size() const override { return count; }

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    return take(partner, sent, received);
  }

  Status broadcast(std::span<std::byte> bytes) override {
    std::vector<std::byte> own(bytes.begin(), bytes.end());
    return take(0, own, bytes);
  }

private:
  Status take(int from, std::span<const std::byte> offer,
              std::span<std::byte> received) {
    meeting->offered[number] = offer;
    if (Status status = meeting->wait(); !status.ok())
      return status;
    std::span<const std::byte> found = meeting->offered[from];
    std::copy_n(found.begin(), std::min(found.size(), received.size()),
                received.begin());
    return meeting->wait();
  }

  std::shared_ptr<Meeting> meeting;
  int number;
  int count;
  bool isGone = false;
};

} // namespace

std::vector<std::shared_ptr<Communicator>> orcinus::makeLocalGroup(int size) {
  auto meeting = std::make_shared<Meeting>(size);
  std::vector<std::shared_ptr<Communicator>> group;
  for (int rank = 0; rank != size; ++rank)
    group.push_back(std::make_shared<LocalCommunicator>(meeting, rank, size));
  return group;
}
