//===- Mutex.h - A lock that needs no C++ library ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MEMORY_MUTEX_H
#define RUNTIME_MEMORY_MUTEX_H

#include <pthread.h>

namespace orcinus {

/// What std::lock_guard locks. `std::mutex` calls the C++ library where locking
/// fails; shared libraries that `orcinus compile` writes have none.
class Mutex {
public:
  constexpr Mutex() = default;
  Mutex(const Mutex &) = delete;
  Mutex &operator=(const Mutex &) = delete;

  void lock() { pthread_mutex_lock(&handle); }
  void unlock() { pthread_mutex_unlock(&handle); }

private:
  pthread_mutex_t handle = PTHREAD_MUTEX_INITIALIZER;
};

} // namespace orcinus

#endif // RUNTIME_MEMORY_MUTEX_H
