//===- ModuleManifest.h - What is in a module -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MODULE_MODULEMANIFEST_H
#define RUNTIME_MODULE_MODULEMANIFEST_H

#include "orcinus/Runtime/Module.h"

#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What a module says of itself (docs/networks.md).
struct ModuleManifest {
  /// What its symbols begin with.
  std::string name;
  std::vector<EntryPoint> entryPoints;

  /// Reads what `print` wrote. Errors: something else.
  static StatusOr<ModuleManifest> parse(std::string_view text);

  /// JSON on one line.
  std::string print() const;

  /// The symbol of the function `entry`: `const char *(void **arguments)`,
  /// which returns null or why it was left. It takes a pointer to each argument
  /// and then to each result as docs/abi.md says.
  std::string symbolOf(std::string_view entry) const;
  /// That of the elements of the weight `weight`.
  std::string weightSymbol(std::string_view weight) const;
  /// That of `void (int32_t)`, which sets the number of threads.
  std::string threadsSymbol() const;
};

/// The symbol of a module's manifest, a text that is closed by a zero.
inline constexpr const char *moduleManifestSymbol = "orcinus_module";

} // namespace orcinus

#endif // RUNTIME_MODULE_MODULEMANIFEST_H
