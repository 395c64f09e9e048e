//===- MemoryGuard.h - Exhausted memory as an error -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_SUPPORT_MEMORYGUARD_H
#define ORCINUS_LIB_SUPPORT_MEMORYGUARD_H

#include "orcinus/Support/Status.h"

#include <new>
#include <stdexcept>

namespace orcinus {

inline Status outOfMemory() {
  return Status::error("out of memory", StatusCode::OutOfMemory);
}

/// What `body`, which returns a Status or a StatusOr, comes to; what `failed`
/// returns where memory does not suffice. The standard library says that by
/// either exception, and nothing else is ever thrown about.
template <typename Body, typename Failed = Status (*)()>
auto guarded(Body body, Failed failed = outOfMemory) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
  } catch (const std::length_error &) {
  }
  return failed();
}

} // namespace orcinus

#endif // ORCINUS_LIB_SUPPORT_MEMORYGUARD_H
