//===- DynamicLibrary.h - A library opened at run time ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_DYNAMICLIBRARY_H
#define RUNTIME_DEVICE_DYNAMICLIBRARY_H

#include "orcinus/Support/Status.h"

#include <span>
#include <string>

namespace orcinus {

/// A shared library. It is never closed: drivers leave threads behind.
class DynamicLibrary {
public:
  /// Opens the first of `names` that there is. Errors: what the loader says of
  /// the first one.
  static StatusOr<DynamicLibrary> open(std::span<const std::string> names);

  /// Null where the library has no such symbol.
  void *find(const char *symbol) const;

private:
  explicit DynamicLibrary(void *handle) : handle(handle) {}
  void *handle;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_DYNAMICLIBRARY_H
