//===- ForwardingCommunicator.h - Members of a group, watched ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_ENDTOEND_FORWARDINGCOMMUNICATOR_H
#define ORCINUS_TEST_UNIT_ENDTOEND_FORWARDINGCOMMUNICATOR_H

#include "orcinus/Runtime/Communicator.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace orcinus::test {

/// A member of a group that does what another one does, and its duplicates
/// likewise; tests say what else.
class ForwardingCommunicator : public Communicator {
public:
  explicit ForwardingCommunicator(std::shared_ptr<Communicator> inner)
      : inner(std::move(inner)) {}

  int rank() const override { return inner->rank(); }
  int size() const override { return inner->size(); }
  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    return inner->exchange(partner, sent, received);
  }
  Status broadcast(std::span<std::byte> bytes) override {
    return inner->broadcast(bytes);
  }
  Status send(int partner, std::span<const std::byte> bytes) override {
    return inner->send(partner, bytes);
  }
  StatusOr<std::optional<std::vector<std::byte>>>
  tryReceive(int partner) override {
    return inner->tryReceive(partner);
  }
  void finish() override { inner->finish(); }
  void leave() override { inner->leave(); }

private:
  /// A duplicate of this one, which forwards to `duplicate`.
  virtual std::shared_ptr<Communicator>
  wrap(std::shared_ptr<Communicator> duplicate) const = 0;

  StatusOr<std::shared_ptr<Communicator>>
  makeDuplicate(Waiting waiting) override {
    auto other = inner->duplicate(waiting);
    if (!other.ok())
      return other.status();
    return wrap(std::move(*other));
  }

  std::shared_ptr<Communicator> inner;
};

/// Counts all exchanges of a process, its duplicates' too: those of sums and
/// gatherings, which Communicator::traffic() counts, and all others.
class CountingCommunicator : public ForwardingCommunicator {
public:
  explicit CountingCommunicator(std::shared_ptr<Communicator> inner)
      : CountingCommunicator(std::move(inner), std::make_shared<Count>()) {}

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    count->messages += 1;
    count->bytes += static_cast<int64_t>(sent.size());
    return ForwardingCommunicator::exchange(partner, sent, received);
  }

  Traffic exchanged() const { return {count->messages, count->bytes}; }

private:
  /// Threads of a process count together.
  struct Count {
    std::atomic<int64_t> messages = 0, bytes = 0;
  };

  CountingCommunicator(std::shared_ptr<Communicator> inner,
                       std::shared_ptr<Count> count)
      : ForwardingCommunicator(std::move(inner)), count(std::move(count)) {}

  std::shared_ptr<Communicator>
  wrap(std::shared_ptr<Communicator> duplicate) const override {
    return std::shared_ptr<Communicator>(
        new CountingCommunicator(std::move(duplicate), count));
  }

  std::shared_ptr<Count> count;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_ENDTOEND_FORWARDINGCOMMUNICATOR_H
