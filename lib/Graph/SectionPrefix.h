//===- SectionPrefix.h - How files of sections begin ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_SECTIONPREFIX_H
#define ORCINUS_LIB_GRAPH_SECTIONPREFIX_H

#include <array>
#include <cstdint>
#include <string_view>

namespace orcinus {

/// The CRC-32 of `bytes` behind those whose CRC-32 is `previous`.
uint32_t checksumOf(std::string_view bytes, uint32_t previous = 0);

/// What stands before the header of a file of sections, little-endian.
struct SectionPrefix {
  std::array<char, 8> magic;
  uint32_t version;
  uint32_t headerChecksum;
  uint64_t headerBytes;

  /// That of `header`; `magic` has 8 bytes.
  static SectionPrefix of(std::string_view magic, uint32_t version,
                          std::string_view header);

  std::string_view bytes() const {
    return {reinterpret_cast<const char *>(this), sizeof(*this)};
  }
};
static_assert(sizeof(SectionPrefix) == 24, "the prefix has no padding");

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_SECTIONPREFIX_H
