//===- ModuleCode.h - The machine code of a module --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MODULE_MODULECODE_H
#define RUNTIME_MODULE_MODULECODE_H

#include <string>
#include <string_view>

namespace orcinus {

/// The machine code of a module, wherever it was made.
class ModuleCode {
public:
  virtual ~ModuleCode() = default;

  /// ModuleManifest as text.
  virtual std::string manifest() const = 0;

  /// The address of a function, or null where there is none of that name.
  virtual void *lookup(std::string_view symbol) const = 0;

  using Function = const char *(*)(void **);
  /// Calls one of its functions, which says why it was left; null where it came
  /// to its end. The words last until the thread's next call.
  virtual const char *call(Function function, void **arguments) const {
    return function(arguments);
  }
};

} // namespace orcinus

#endif // RUNTIME_MODULE_MODULECODE_H
