//===- CheckpointFile.h - The file format of checkpoints --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CHECKPOINTFILE_H
#define RUNTIME_TRAIN_CHECKPOINTFILE_H

#include "orcinus/Support/Status.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <span>
#include <string>

namespace orcinus {

/// A named array of a checkpoint.
struct CheckpointSection {
  std::string name;
  std::span<const std::byte> bytes;
};

/// Where `directory`'s checkpoint is.
std::string checkpointPath(const std::string &directory);

/// Writes `header` and `sections` as `directory`'s checkpoint, which they
/// replace once they are durable; the directory is made if it is missing.
/// Errors: those of the file system; what was there before is kept.
///
/// The format, little-endian: the 8 bytes "ORCINUS" and 0, u32 format version,
/// u32 CRC-32 of the header, u64 size of the header, the header (JSON; its
/// "sections" lists name, bytes and CRC-32 of each), then the sections.
Status writeCheckpointFile(const std::string &directory,
                           nlohmann::ordered_json header,
                           std::span<const CheckpointSection> sections);

/// Removes what writers that were killed have left in `directory`.
void removeCheckpointLeftovers(const std::string &directory);

/// A checkpoint that was found complete and unaltered.
class CheckpointFile {
public:
  /// Opens `directory`'s checkpoint and checks all of it. Errors: none there,
  /// not a checkpoint, of another format version, truncated, altered.
  static StatusOr<CheckpointFile> open(const std::string &directory);

  const nlohmann::ordered_json &header() const { return headerValue; }

  /// Whether there is a section `name` of `bytes` bytes.
  bool has(const std::string &name, size_t bytes) const;

  /// Reads a section that has() told of.
  Status read(const std::string &name, std::span<std::byte> bytes);

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
  std::ifstream stream;
  nlohmann::ordered_json headerValue;
  std::map<std::string, Place> places;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_CHECKPOINTFILE_H
