//===- Names.h - Enumerators and their names --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_NAMES_H
#define ORCINUS_LIB_TUNING_NAMES_H

#include "orcinus/Support/Status.h"

#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>

namespace orcinus {

template <typename Enum>
struct EnumName {
  Enum value;
  std::string_view name;
};

/// The name of `value`, which the table must have.
template <typename Enum, size_t count>
std::string_view nameOf(const EnumName<Enum> (&names)[count], Enum value) {
  for (const EnumName<Enum> &entry : names)
    if (entry.value == value)
      return entry.name;
  assert(false && "an enumerator without a name");
  return "";
}

/// The value of `name`. Errors: an unknown name; the message says that it is no
/// `what` and lists all.
template <typename Enum, size_t count>
StatusOr<Enum> valueOf(const EnumName<Enum> (&names)[count],
                       std::string_view name, std::string_view what) {
  std::string all;
  for (const EnumName<Enum> &entry : names) {
    if (entry.name == name)
      return entry.value;
    all += (all.empty() ? "" : ", ") + std::string(entry.name);
  }
  return Status::error("unknown " + std::string(what) + " '" +
                       std::string(name) + "'; use one of " + all);
}

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_NAMES_H
