//===- SizeList.h - A model's sizes as one text -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_SIZELIST_H
#define ORCINUS_SUPPORT_SIZELIST_H

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

using SizeList = std::vector<std::pair<std::string, int64_t>>;

/// The sizes of a text as "patches=32,patch=8"; nothing where it is not of that
/// form. The empty text has none.
inline std::optional<SizeList> parseSizeList(std::string_view text) {
  SizeList sizes;
  while (!text.empty()) {
    size_t end = text.find(',');
    std::string_view entry = text.substr(0, end);
    size_t equals = entry.find('=');
    if (equals == 0 || equals == entry.npos || end + 1 == text.size())
      return std::nullopt;
    std::string_view number = entry.substr(equals + 1);
    int64_t value = 0;
    auto [rest, error] =
        std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || rest != number.data() + number.size() ||
        value < 0)
      return std::nullopt;
    sizes.emplace_back(entry.substr(0, equals), value);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return sizes;
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_SIZELIST_H
