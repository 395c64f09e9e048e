//===- NodeNameSections.cpp - What nodes are called, in checkpoints -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/NodeNameSections.h"

#include "lib/Support/Json.h"
#include "orcinus/Runtime/Trainer.h"

#include <fmt/format.h>

#include <span>

using namespace orcinus;

static constexpr const char *idsName = "node_ids";
static constexpr const char *namesName = "node_names";
static constexpr const char *endsName = "node_name_ends";

NodeNameSections::NodeNameSections(const EventStream &stream)
    : stream(stream), names(stream.externalNames) {}

void NodeNameSections::addTo(std::vector<FileSection> &sections) const {
  if (!stream.externalIds.empty())
    sections.push_back({idsName, std::as_bytes(std::span(stream.externalIds))});
  if (names.ends.empty())
    return;
  sections.push_back({endsName, std::as_bytes(std::span(names.ends))});
  sections.push_back({namesName, std::as_bytes(std::span(names.bytes))});
}

static Status damagedNames(const SectionFile &file) {
  return Status::error(fmt::format("the {} is damaged: its names of nodes are "
                                   "not those of its stream",
                                   file.kindName()),
                       StatusCode::Damaged);
}

/// Reads the array `name` of `count` elements.
template <typename Array>
static Status readArray(SectionFile &file, const char *name, size_t count,
                        Array &array) {
  if (!file.has(name, count * sizeof(typename Array::value_type)))
    return damagedNames(file);
  array.resize(count);
  return file.read(name, std::as_writable_bytes(std::span(array)));
}

/// The parts of the section of names, which end at `ends`.
static StatusOr<std::vector<std::string>>
readParts(SectionFile &file, const std::vector<uint64_t> &ends) {
  std::string names;
  if (Status status =
          readArray(file, namesName, ends.empty() ? 0 : ends.back(), names);
      !status.ok())
    return status;
  auto result = splitTexts(names, ends);
  return result ? StatusOr(*std::move(result)) : damagedNames(file);
}

StatusOr<std::vector<std::string>> orcinus::readNodeNames(SectionFile &file,
                                                          int32_t nodeCount) {
  size_t count = static_cast<size_t>(nodeCount);
  std::vector<int64_t> ids;
  std::vector<uint64_t> ends;
  if (file.has(endsName, count * sizeof(uint64_t))) {
    if (Status status = readArray(file, endsName, count, ends); !status.ok())
      return status;
    return readParts(file, ends);
  }
  if (file.has(idsName, count * sizeof(int64_t)))
    if (Status status = readArray(file, idsName, count, ids); !status.ok())
      return status;
  std::vector<std::string> result;
  for (size_t node = 0; node != count; ++node)
    result.push_back(
        std::to_string(ids.empty() ? static_cast<int64_t>(node) : ids[node]));
  return result;
}

StatusOr<std::vector<std::string>> orcinus::readNodeNames(SectionFile &file) {
  auto stream = file.header().value("stream", nlohmann::ordered_json());
  auto nodes = stream.is_object() && stream.contains("nodes")
                   ? stream["nodes"]
                   : nlohmann::ordered_json();
  std::optional<int32_t> count = asInteger<int32_t>(nodes, 0);
  return count ? readNodeNames(file, *count) : damagedNames(file);
}

StatusOr<std::vector<std::string>>
orcinus::readCheckpointNodeNames(const std::string &directory) {
  StatusOr<SectionFile> file = openCheckpointFile(directory);
  return file.ok() ? readNodeNames(*file) : file.status();
}
