//===- ByteCount.h - Amounts of memory as text ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_BYTECOUNT_H
#define ORCINUS_SUPPORT_BYTECOUNT_H

#include "orcinus/Support/CheckedArithmetic.h"
#include "orcinus/Support/Status.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace orcinus {

/// The bytes of a text as "4096", "64MiB" or "1GB": a whole number, alone or
/// with a unit of powers of 1024 (KiB, MiB, GiB, TiB) or of 1000 (kB, MB, GB,
/// TB). Errors: another text, or more than 64 bits hold.
inline StatusOr<int64_t> parseByteCount(std::string_view text) {
  static constexpr std::pair<std::string_view, int64_t> units[] = {
      {"", 1},
      {"B", 1},
      {"KiB", int64_t(1) << 10},
      {"MiB", int64_t(1) << 20},
      {"GiB", int64_t(1) << 30},
      {"TiB", int64_t(1) << 40},
      {"kB", 1000},
      {"MB", 1000 * 1000},
      {"GB", 1000 * 1000 * 1000},
      {"TB", int64_t(1000) * 1000 * 1000 * 1000}};
  int64_t number = -1;
  const char *end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && number >= 0)
    for (auto [name, bytes] : units)
      if (name == std::string_view(rest, end))
        if (std::optional<int64_t> product = checkedProduct(number, bytes))
          return *product;
  return Status::error("'" + std::string(text) +
                       "' is not a number of bytes as 4096, 64MiB or 1GB");
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_BYTECOUNT_H
