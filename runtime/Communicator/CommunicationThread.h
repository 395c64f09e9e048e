//===- CommunicationThread.h - Messages beside a computation ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_COMMUNICATOR_COMMUNICATIONTHREAD_H
#define RUNTIME_COMMUNICATOR_COMMUNICATIONTHREAD_H

#include "orcinus/Support/Status.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace orcinus {

/// Does what a process has to do with others, one thing after the other, while
/// another thread computes. Processes that give theirs the same in the same
/// order never wait for each other in a circle.
class CommunicationThread {
public:
  using Work = std::function<Status()>;

  CommunicationThread() = default;
  /// Waits for what was given; see forget().
  ~CommunicationThread();
  CommunicationThread(const CommunicationThread &) = delete;
  CommunicationThread &operator=(const CommunicationThread &) = delete;

  /// Starts the thread; without one, work is done when it is given. Errors: of
  /// the operating system.
  Status start();

  /// Gives it `work`, which is counted from 1. After an error nothing more is
  /// done.
  int64_t submit(Work work);

  /// Waits for so many works. Errors: the first one of any work.
  Status wait(int64_t count);

  /// Waits for all, and forgets an error.
  void restart();

  /// Leaves out what was not begun, as after an error elsewhere; whether
  /// something is being done.
  bool forget();

private:
  void run();

  std::mutex mutex;
  std::condition_variable changed;
  /// From `next` on, what was not begun.
  std::vector<Work> queue;
  size_t next = 0;
  /// Works that were given, by their one giver, and done.
  int64_t given = 0;
  int64_t done = 0;
  bool isStopping = false;
  Status error;
  std::thread thread;
};

} // namespace orcinus

#endif // RUNTIME_COMMUNICATOR_COMMUNICATIONTHREAD_H
