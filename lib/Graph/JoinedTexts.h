//===- JoinedTexts.h - Texts behind each other ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_JOINEDTEXTS_H
#define ORCINUS_LIB_GRAPH_JOINEDTEXTS_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Texts as files have them: their bytes, and where each ends.
struct JoinedTexts {
  JoinedTexts() = default;
  explicit JoinedTexts(std::span<const std::string> texts) {
    for (const std::string &text : texts) {
      bytes += text;
      ends.push_back(bytes.size());
    }
  }

  std::string bytes;
  std::vector<uint64_t> ends;
};

/// The texts again; nothing where they end beyond `bytes`, or before they
/// begin.
inline std::optional<std::vector<std::string>>
splitTexts(std::string_view bytes, std::span<const uint64_t> ends) {
  std::vector<std::string> texts;
  uint64_t begin = 0;
  for (uint64_t end : ends) {
    if (end < begin || end > bytes.size())
      return std::nullopt;
    texts.emplace_back(bytes.substr(begin, end - begin));
    begin = end;
  }
  return texts;
}

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_JOINEDTEXTS_H
