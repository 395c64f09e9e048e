//===- SectionPrefix.cpp - How files of sections begin --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SectionPrefix.h"

#include <zlib.h>

#include <algorithm>

using namespace orcinus;

uint32_t orcinus::checksumOf(std::string_view bytes, uint32_t previous) {
  return static_cast<uint32_t>(crc32_z(
      previous, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

SectionPrefix SectionPrefix::of(std::string_view magic, uint32_t version,
                                std::string_view header) {
  SectionPrefix prefix{{}, version, checksumOf(header), header.size()};
  std::ranges::copy(magic, prefix.magic.begin());
  return prefix;
}
