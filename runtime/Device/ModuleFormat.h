//===- ModuleFormat.h - What machine code of devices is for -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_MODULEFORMAT_H
#define RUNTIME_DEVICE_MODULEFORMAT_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace orcinus {

/// Text or machine code that a driver takes.
enum class ModuleFormat : uint8_t { Ptx, Cubin, CodeObject, Bundle };

struct ModuleDescription {
  ModuleFormat format = ModuleFormat::Ptx;
  /// "sm_90" or "gfx942"; empty for a bundle, which holds code for several.
  std::string architecture;
};

/// Looks into `code`, so that a driver is never given what it would read beyond
/// the end of. Errors: a format that is not known, code that was cut short.
StatusOr<ModuleDescription> describeModule(std::string_view code);

} // namespace orcinus

#endif // RUNTIME_DEVICE_MODULEFORMAT_H
