//===- Linker.h - Objects to libraries --------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_LINKER_H
#define ORCINUS_RUNTIME_JIT_LINKER_H

#include "orcinus/Support/Status.h"

#include <span>
#include <string>

namespace orcinus {

enum class LinkKind {
  /// A shared library, which needs libc, libm and, where it calls it, libomp.
  Library,
  /// A relocatable object, to be linked with these.
  Object,
};

/// Links the object files of a module with all they call, by LLVM's linker.
/// Symbols that begin with `name` and a point, and a library's manifest, are
/// seen from outside, and no others. Errors: no linker, or what it says.
StatusOr<std::string> linkModule(std::span<const std::string> objects,
                                 const std::string &name, LinkKind kind);

/// The path of the file that a handle of dlopen() is of; empty where it has
/// none.
std::string pathOfLibrary(void *handle);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_LINKER_H
