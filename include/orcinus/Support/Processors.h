//===- Processors.h - How many processors there are -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_PROCESSORS_H
#define ORCINUS_SUPPORT_PROCESSORS_H

#include <algorithm>
#include <sched.h>
#include <thread>

namespace orcinus {

/// Processors that this process may run on, at least 1: a container or taskset
/// may leave it fewer than the machine has.
inline int usableProcessors() {
  cpu_set_t usable;
  int count = sched_getaffinity(0, sizeof(usable), &usable) == 0
                  ? CPU_COUNT(&usable)
                  : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, count);
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_PROCESSORS_H
