//===- Processors.h - How many processors there are -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_PROCESSORS_H
#define ORCINUS_SUPPORT_PROCESSORS_H

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <sched.h>
#include <thread>
#include <utility>
#include <vector>

namespace orcinus {

/// The numbers of the processors in the set that `readAffinity(bytes, set)`
/// reads, which is to return as sched_getaffinity does: EINVAL where the
/// machine may have more processors than fit into so many bytes. Ascending;
/// none where it cannot be read.
template <typename ReadAffinity>
std::vector<int> listProcessors(ReadAffinity readAffinity) {
  constexpr size_t mostSets = 1024;
  for (size_t sets = 1; sets <= mostSets; sets *= 2) {
    std::vector<cpu_set_t> usable(sets);
    size_t bytes = sets * sizeof(cpu_set_t);
    if (readAffinity(bytes, usable.data()) == 0) {
      std::vector<int> processors;
      for (int number = 0; std::cmp_less(number, 8 * bytes); ++number)
        if (CPU_ISSET_S(number, bytes, usable.data()))
          processors.push_back(number);
      return processors;
    }
    if (errno != EINVAL)
      return {};
  }
  return {};
}

/// How many they are.
template <typename ReadAffinity>
int countProcessors(ReadAffinity readAffinity) {
  return static_cast<int>(listProcessors(readAffinity).size());
}

/// Processors that this process may run on, at least 1: a container or taskset
/// may leave it fewer than the machine has.
inline int usableProcessors() {
  int count = countProcessors([](size_t bytes, cpu_set_t *set) {
    return sched_getaffinity(0, bytes, set);
  });
  if (count == 0)
    count = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, count);
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_PROCESSORS_H
