//===- CheckpointFile.cpp - Where a checkpoint is kept --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CheckpointFile.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

using namespace orcinus;

static constexpr std::string_view fileName = "checkpoint";

std::string orcinus::checkpointPath(const std::string &directory) {
  return (std::filesystem::path(directory) / fileName).string();
}

Status orcinus::writeCheckpointFile(const std::string &directory,
                                    nlohmann::ordered_json header,
                                    std::span<const FileSection> sections) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return Status::error(fmt::format("cannot make the checkpoint directory "
                                     "'{}': {}",
                                     directory, error.message()),
                         StatusCode::InputOutput);
  return writeSectionFile(checkpointPath(directory), checkpointKind,
                          std::move(header), sections);
}

StatusOr<SectionFile>
orcinus::openCheckpointFile(const std::string &directory) {
  return SectionFile::open(checkpointPath(directory), checkpointKind,
                           fmt::format("no checkpoint in '{}'", directory));
}

void orcinus::removeCheckpointLeftovers(const std::string &directory) {
  removeLeftovers(checkpointPath(directory));
}
