//===- SectionFile.h - Files of a header and arrays -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SECTIONFILE_H
#define RUNTIME_TRAIN_SECTIONFILE_H

#include "orcinus/Support/Status.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace orcinus {

/// What a file holds.
struct SectionFileKind {
  /// 8 bytes.
  std::string_view magic;
  uint32_t version;
  /// For messages: "checkpoint".
  std::string_view name;
};

/// A named array of a file.
struct FileSection {
  std::string name;
  std::span<const std::byte> bytes;
};

/// Writes `header` and `sections` to `path`, which they replace once they are
/// durable. Errors: those of the file system; what was there before is kept.
///
/// The format, little-endian: the kind's 8 bytes, u32 its version, u32 CRC-32
/// of the header, u64 size of the header, the header (JSON; its "sections"
/// lists name, bytes and CRC-32 of each), then the sections.
Status writeSectionFile(const std::string &path, const SectionFileKind &kind,
                        nlohmann::ordered_json header,
                        std::span<const FileSection> sections);

/// Removes what writers of `path` that were killed have left beside it.
void removeLeftovers(const std::string &path);

/// A file that was found complete and unaltered.
class SectionFile {
public:
  /// Opens `path` and checks all of it. Errors: none there (as "`missing`: …"),
  /// of another kind or format version, truncated, altered.
  static StatusOr<SectionFile> open(const std::string &path,
                                    const SectionFileKind &kind,
                                    const std::string &missing);

  const nlohmann::ordered_json &header() const { return headerValue; }

  std::string_view kindName() const { return kind.name; }

  /// Whether there is a section `name`.
  bool has(const std::string &name) const { return places.contains(name); }
  /// Whether there is a section `name` of `bytes` bytes.
  bool has(const std::string &name, size_t bytes) const;

  /// Reads a section that has() told of, or so much of it from `offset` on.
  Status read(const std::string &name, std::span<std::byte> bytes,
              uint64_t offset = 0);

private:
  struct Place {
    uint64_t offset;
    uint64_t bytes;
    uint32_t checksum;
  };

  Status readHeader();
  Status checkSections();
  Status damaged(const std::string &how) const;

  std::string path;
  SectionFileKind kind;
  std::ifstream stream;
  nlohmann::ordered_json headerValue;
  std::map<std::string, Place> places;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SECTIONFILE_H
