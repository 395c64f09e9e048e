//===- DynamicLibrary.cpp - A library opened at run time ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/DynamicLibrary.h"

#include <dlfcn.h>

using namespace orcinus;

StatusOr<DynamicLibrary>
DynamicLibrary::open(std::span<const std::string> names) {
  std::string reason;
  for (const std::string &name : names) {
    if (void *handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL))
      return DynamicLibrary(handle);
    const char *message = dlerror();
    if (reason.empty() && message)
      reason = message;
  }
  return Status::error(reason.empty() ? "no library was named" : reason);
}

void *DynamicLibrary::find(const char *symbol) const {
  return dlsym(handle, symbol);
}
