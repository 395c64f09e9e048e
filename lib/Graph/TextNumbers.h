//===- TextNumbers.h - Numbers of texts -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_TEXTNUMBERS_H
#define ORCINUS_LIB_GRAPH_TEXTNUMBERS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orcinus {

/// Numbers texts in the order of their first occurrence.
class TextNumbers {
public:
  /// The number of `text`, and whether it is new.
  std::pair<int32_t, bool> add(std::string_view text) {
    auto next = static_cast<int32_t>(all.size());
    auto [place, isNew] = numbers.try_emplace(std::string(text), next);
    if (isNew)
      all.emplace_back(text);
    return {place->second, isNew};
  }

  /// By number.
  const std::vector<std::string> &texts() const { return all; }

private:
  std::vector<std::string> all;
  std::unordered_map<std::string, int32_t> numbers;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_TEXTNUMBERS_H
