//===- ModuleSupport.cpp - What compiled modules call, as an object -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ModuleSupport.h"

using namespace orcinus;

// The object that cmake/ModuleSupport.cmake makes, as it is.
__asm__(".pushsection .rodata\n"
        "orcinus_module_support_begin:\n"
        ".incbin \"" ORCINUS_MODULE_SUPPORT "\"\n"
        "orcinus_module_support_end:\n"
        ".popsection\n");

extern "C" {
extern const char orcinus_module_support_begin[];
extern const char orcinus_module_support_end[];
}

std::string_view orcinus::moduleSupport() {
  return {orcinus_module_support_begin, orcinus_module_support_end};
}
