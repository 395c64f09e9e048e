//===- Plugin.h - Dialects and index work of other projects -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_PLUGIN_H
#define ORCINUS_RUNTIME_PLUGIN_H

#include "orcinus/Support/Status.h"

#include <string>

namespace orcinus {

/// Loads a shared library with a dialect that models may then use, and keeps it
/// until the process ends. It is a dialect plugin as MLIR has them: it exports
/// `mlirGetDialectPluginInfo`, and orcinus-opt loads it too
/// (--load-dialect-plugin). Ops of index work in it implement
/// `IndexWorkOpInterface`; their functions, which it exports, are called as
/// orcinus/Runtime/IndexWork.h says. May be called by several threads.
///
/// It is trusted as the program itself is. Errors: a file that cannot be read
/// or loaded, or is no such plugin.
Status loadPlugin(const std::string &path);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_PLUGIN_H
