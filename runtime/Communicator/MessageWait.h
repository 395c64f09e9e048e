//===- MessageWait.h - Between two looks for a message ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_COMMUNICATOR_MESSAGEWAIT_H
#define RUNTIME_COMMUNICATOR_MESSAGEWAIT_H

#include <algorithm>
#include <chrono>
#include <thread>

namespace orcinus {

/// The pauses of one wait: short ones at first, in which an answer may come at
/// once, then longer ones, which cost a machine nothing that can be measured.
class MessageWait {
public:
  using Pause = std::chrono::microseconds;

  explicit MessageWait(Pause first = Pause(200), Pause longest = Pause(20000))
      : pause(first), longest(longest) {}

  void sleep() {
    std::this_thread::sleep_for(pause);
    pause = std::min(longest, pause + pause / 4);
  }

private:
  Pause pause;
  Pause longest;
};

} // namespace orcinus

#endif // RUNTIME_COMMUNICATOR_MESSAGEWAIT_H
