//===- SizeList.h - A model's sizes as one text -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_SIZELIST_H
#define ORCINUS_SUPPORT_SIZELIST_H

#include "orcinus/Support/Status.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

using SizeList = std::vector<std::pair<std::string, int64_t>>;

/// The sizes of a text as "patches=32,patch=8", of which none is named twice
/// and each is from 0 to 2^31 - 1. The empty text has none. `edge` and `node`
/// are not among them: these are a stream's.
inline StatusOr<SizeList> parseSizeList(std::string_view text) {
  auto reject = [&](const std::string &why) {
    return Status::error("'" + std::string(text) +
                         "' is no list of sizes as "
                         "patches=32,patch=8: " +
                         why);
  };
  SizeList sizes;
  for (size_t begin = 0; begin < text.size();) {
    std::string_view entry = text.substr(begin, text.find(',', begin) - begin);
    begin += entry.size() + 1;
    std::string name(entry.substr(0, entry.find('=')));
    std::string_view number =
        entry.substr(std::min(name.size() + 1, entry.size()));
    int32_t value = -1;
    auto [rest, error] =
        std::from_chars(number.data(), number.data() + number.size(), value);
    if (name.empty() || name.find(':') != name.npos || error != std::errc() ||
        rest != number.data() + number.size() || value < 0)
      return reject("'" + std::string(entry) +
                    "' is not a name and a number "
                    "from 0 to 2147483647");
    if (name == "edge" || name == "node")
      return reject("the stream says how many features it has");
    if (std::any_of(sizes.begin(), sizes.end(),
                    [&](const auto &each) { return each.first == name; }))
      return reject("'" + name + "' appears twice");
    sizes.emplace_back(std::move(name), value);
    if (begin == text.size())
      return reject("nothing follows the last comma");
  }
  return sizes;
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_SIZELIST_H
