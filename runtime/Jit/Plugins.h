//===- Plugins.h - The plugins that were loaded -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_PLUGINS_H
#define ORCINUS_RUNTIME_JIT_PLUGINS_H

#include "mlir/IR/DialectRegistry.h"

#include <string>

namespace orcinus {

/// Adds the dialects of all plugins.
void registerPluginDialects(mlir::DialectRegistry &registry);

/// A digest of all plugins, in the order in which they were loaded; empty
/// without any. Programs depend on it.
std::string pluginDigest();

/// A function that a plugin exports, of the one that was loaded first; null
/// where none has it.
void *findPluginFunction(const char *name);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_PLUGINS_H
