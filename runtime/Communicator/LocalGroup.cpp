//===- LocalGroup.cpp - A communicator between threads --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

using namespace orcinus;

namespace {

/// What the members of a group have in common: what each has for each other.
class Meeting {
public:
  using Bytes = std::span<const std::byte>;
  using Message = std::vector<std::byte>;

  explicit Meeting(int size)
      : size(size), offers(size_t(size) * size), isGone(size),
        messages(size_t(size) * size) {}

  /// Gives `partner` what `own` offers and takes what it offers, which it does
  /// at the same time. Errors: it has gone for good.
  Status exchange(int own, int partner, std::span<const std::byte> offer,
                  std::span<std::byte> received) {
    std::unique_lock lock(mutex);
    std::optional<Bytes> &mine = offers[own * size + partner];
    std::optional<Bytes> &theirs = offers[partner * size + own];
    mine = offer;
    changed.notify_all();
    // Who leaves itself waits for nobody, on any of its threads.
    auto isOver = [&] { return isGone[partner] || isGone[own]; };
    changed.wait(lock, [&] { return theirs || isOver(); });
    if (!theirs) {
      mine.reset();
      return gone();
    }
    std::copy_n(theirs->begin(), std::min(theirs->size(), received.size()),
                received.begin());
    theirs.reset();
    changed.notify_all();
    // What was offered is the caller's memory.
    changed.wait(lock, [&] { return !mine || isOver(); });
    if (!mine)
      return Status();
    mine.reset();
    return gone();
  }

  /// Leaves `partner` a message.
  Status send(int own, int partner, Bytes bytes) {
    std::lock_guard lock(mutex);
    if (isGone[partner])
      return gone();
    messages[own * size + partner].emplace_back(bytes.begin(), bytes.end());
    return Status();
  }

  /// The oldest message of `partner`; what it sent before it went still counts.
  StatusOr<std::optional<Message>> tryReceive(int own, int partner) {
    std::lock_guard lock(mutex);
    std::deque<Message> &waiting = messages[partner * size + own];
    if (waiting.empty())
      return isGone[partner] ? StatusOr<std::optional<Message>>(gone())
                             : std::optional<Message>();
    std::optional<Message> message = std::move(waiting.front());
    waiting.pop_front();
    return message;
  }

  void leave(int own) {
    std::lock_guard lock(mutex);
    isGone[own] = true;
    changed.notify_all();
    for (const std::shared_ptr<Meeting> &each : others)
      each->leave(own);
  }

  /// The meeting of what the members duplicate for the `number`-th time.
  std::shared_ptr<Meeting> another(size_t number) {
    std::lock_guard lock(mutex);
    while (others.size() <= number) {
      others.push_back(std::make_shared<Meeting>(size));
      // Who has left before comes to no later meeting.
      others.back()->isGone = isGone;
    }
    return others[number];
  }

private:
  static Status gone() {
    return Status::error("another process of this run has ended",
                         StatusCode::Unavailable);
  }

  int size;
  std::mutex mutex;
  std::condition_variable changed;
  /// By who offers and for whom, as long as it was not taken.
  std::vector<std::optional<Bytes>> offers;
  std::vector<uint8_t> isGone;
  /// By who sent them and to whom, as long as they were not received.
  std::vector<std::deque<Message>> messages;
  std::vector<std::shared_ptr<Meeting>> others;
};

class LocalCommunicator : public Communicator {
public:
  LocalCommunicator(std::shared_ptr<Meeting> meeting, int rank, int size)
      : meeting(std::move(meeting)), number(rank), count(size) {}
  ~LocalCommunicator() override { LocalCommunicator::leave(); }

  void leave() override {
    if (!std::exchange(isGone, true))
      meeting->leave(number);
  }

  int rank() const override { return number; }
  int size() const override { return count; }

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    return meeting->exchange(number, partner, sent, received);
  }

  Status send(int partner, std::span<const std::byte> bytes) override {
    return meeting->send(number, partner, bytes);
  }

  StatusOr<std::optional<std::vector<std::byte>>>
  tryReceive(int partner) override {
    return meeting->tryReceive(number, partner);
  }

  Status broadcast(std::span<std::byte> bytes) override {
    if (number != 0)
      return meeting->exchange(number, 0, {}, bytes);
    for (int other = 1; other != count; ++other)
      if (Status status = meeting->exchange(0, other, bytes, {}); !status.ok())
        return status;
    return Status();
  }

private:
  // Its threads sleep while they wait.
  StatusOr<std::shared_ptr<Communicator>> makeDuplicate(Waiting) override {
    return std::shared_ptr<Communicator>(std::make_shared<LocalCommunicator>(
        meeting->another(duplicates++), number, count));
  }

  std::shared_ptr<Meeting> meeting;
  int number;
  int count;
  size_t duplicates = 0;
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
