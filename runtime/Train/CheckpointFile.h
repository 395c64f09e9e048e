//===- CheckpointFile.h - Where a checkpoint is kept ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CHECKPOINTFILE_H
#define RUNTIME_TRAIN_CHECKPOINTFILE_H

#include "runtime/Train/SectionFile.h"

namespace orcinus {

/// The file of a checkpoint.
inline constexpr SectionFileKind checkpointKind{
    {"ORCINUS\0", 8}, 2, "checkpoint"};

/// Where `directory`'s checkpoint is.
std::string checkpointPath(const std::string &directory);

/// Writes `directory`'s checkpoint; the directory is made if it is missing. See
/// writeSectionFile().
Status writeCheckpointFile(const std::string &directory,
                           nlohmann::ordered_json header,
                           std::span<const FileSection> sections);

/// Opens `directory`'s checkpoint. See SectionFile::open().
StatusOr<SectionFile> openCheckpointFile(const std::string &directory);

/// Removes what writers that were killed have left in `directory`.
void removeCheckpointLeftovers(const std::string &directory);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CHECKPOINTFILE_H
