//===- ModuleHeader.h - What C includes to call a module --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_MODULEHEADER_H
#define ORCINUS_RUNTIME_JIT_MODULEHEADER_H

#include "runtime/Module/ModuleManifest.h"

#include <string>
#include <string_view>

namespace orcinus {

/// Whether C can use `name`.
bool isIdentifier(std::string_view name);

/// A header of C, and of C++, with a function for each of the module's, which
/// takes pointers to elements. Errors: two functions whose names differ in what
/// C has no letters for.
StatusOr<std::string> moduleHeader(const ModuleManifest &manifest);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_MODULEHEADER_H
