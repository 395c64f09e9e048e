//===- ModuleSupport.h - What compiled modules call, as an object *- C++
//-*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_MODULESUPPORT_H
#define ORCINUS_RUNTIME_JIT_MODULESUPPORT_H

#include <string_view>

namespace orcinus {

/// A relocatable object with what runtime/Memory/MemoryAbi.h declares. It calls
/// libc alone.
std::string_view moduleSupport();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_MODULESUPPORT_H
