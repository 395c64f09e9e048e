//===- CheckpointFile.cpp - The file format of checkpoints ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CheckpointFile.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <unistd.h>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

static constexpr std::string_view magic("ORCINUS\0", 8);
static constexpr uint32_t formatVersion = 2;
static constexpr std::string_view fileName = "checkpoint";

namespace {

/// What stands before the header.
struct Prefix {
  std::array<char, 8> magic;
  uint32_t version;
  uint32_t headerChecksum;
  uint64_t headerBytes;
};
static_assert(sizeof(Prefix) == 24, "the prefix has no padding");

} // namespace

static uint32_t checksum(std::span<const std::byte> bytes,
                         uint32_t previous = 0) {
  return static_cast<uint32_t>(crc32_z(
      previous, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

std::string orcinus::checkpointPath(const std::string &directory) {
  return (std::filesystem::path(directory) / fileName).string();
}

static std::string_view asText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// A renamed file survives a power cut only once its directory is durable.
static void syncDirectory(const std::string &directory) {
  int descriptor =
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  (void)fsync(descriptor);
  close(descriptor);
}

Status
orcinus::writeCheckpointFile(const std::string &directory, ordered_json header,
                             std::span<const CheckpointSection> sections) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return Status::error(fmt::format("cannot make the checkpoint directory "
                                     "'{}': {}",
                                     directory, error.message()));
  ordered_json &list = header["sections"] = ordered_json::array();
  for (const CheckpointSection &section : sections)
    list.push_back({{"name", section.name},
                    {"bytes", section.bytes.size()},
                    {"crc", checksum(section.bytes)}});
  // A model file may hold bytes that are not UTF-8; JSON may not.
  std::string headerText = printJson(header);
  Prefix prefix{{},
                formatVersion,
                checksum(std::as_bytes(std::span(headerText))),
                headerText.size()};
  std::copy(magic.begin(), magic.end(), prefix.magic.begin());

  AtomicFile file(checkpointPath(directory));
  Status status = file.open();
  if (status.ok())
    status = file.write(asText(std::as_bytes(std::span(&prefix, 1))));
  if (status.ok())
    status = file.write(headerText);
  for (const CheckpointSection &section : sections)
    if (status.ok())
      status = file.write(asText(section.bytes));
  if (status.ok())
    status = file.commit();
  if (status.ok())
    syncDirectory(directory);
  return status;
}

void orcinus::removeCheckpointLeftovers(const std::string &directory) {
  std::error_code error;
  std::string prefix = std::string(fileName) + ".tmp.";
  std::vector<std::filesystem::path> leftovers;
  for (std::filesystem::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with(prefix))
      leftovers.push_back(entry->path());
  for (const std::filesystem::path &leftover : leftovers)
    std::filesystem::remove(leftover, error);
}

Status CheckpointFile::damaged(const std::string &how) const {
  return Status::error(
      fmt::format("checkpoint '{}' is damaged: {}", path, how));
}

StatusOr<CheckpointFile> CheckpointFile::open(const std::string &directory) {
  CheckpointFile file;
  file.path = checkpointPath(directory);
  file.stream.open(file.path, std::ios::binary);
  if (!file.stream)
    return Status::error(fmt::format("no checkpoint in '{}': {}", directory,
                                     std::strerror(errno)));
  if (Status status = file.readHeader(); !status.ok())
    return status;
  return file;
}

Status CheckpointFile::readHeader() {
  Prefix prefix;
  stream.read(reinterpret_cast<char *>(&prefix), sizeof(prefix));
  if (!stream || !std::equal(magic.begin(), magic.end(), prefix.magic.begin()))
    return Status::error(
        fmt::format("'{}' is not a checkpoint of Orcinus", path));
  if (prefix.version != formatVersion)
    return Status::error(
        fmt::format("checkpoint '{}' has format version {}, this program reads "
                    "version {}",
                    path, prefix.version, formatVersion));
  std::error_code error;
  uint64_t fileBytes = std::filesystem::file_size(path, error);
  if (error || prefix.headerBytes > fileBytes - sizeof(prefix))
    return damaged("it is truncated");
  std::string text(prefix.headerBytes, 0);
  stream.read(text.data(), text.size());
  if (!stream ||
      checksum(std::as_bytes(std::span(text))) != prefix.headerChecksum)
    return damaged("its header does not have the checksum it was written with");
  try {
    headerValue = ordered_json::parse(text);
    uint64_t offset = sizeof(prefix) + text.size();
    for (const ordered_json &each : headerValue.at("sections")) {
      auto bytes = asInteger<uint64_t>(each.at("bytes"));
      auto crc = asInteger<uint32_t>(each.at("crc"));
      if (!bytes || !crc)
        return damaged("a section has no size or no checksum");
      if (*bytes > fileBytes - offset)
        return damaged("it is truncated");
      places[each.at("name").get<std::string>()] = {offset, *bytes, *crc};
      offset += *bytes;
    }
    if (offset != fileBytes)
      return damaged(
          fmt::format("it has {} bytes in place of {}", fileBytes, offset));
  } catch (const nlohmann::json::exception &malformed) {
    return damaged(malformed.what());
  }
  return checkSections();
}

Status CheckpointFile::checkSections() {
  std::vector<std::byte> buffer(size_t(1) << 20);
  for (const auto &[name, place] : places) {
    stream.seekg(static_cast<std::streamoff>(place.offset));
    uint32_t found = checksum({});
    for (uint64_t left = place.bytes; left && stream;) {
      size_t count = std::min<uint64_t>(left, buffer.size());
      stream.read(reinterpret_cast<char *>(buffer.data()), count);
      found = checksum(std::span(buffer).first(count), found);
      left -= count;
    }
    if (!stream || found != place.checksum)
      return damaged(fmt::format("'{}' does not have the checksum it was "
                                 "written with",
                                 name));
  }
  return Status();
}

bool CheckpointFile::has(const std::string &name, size_t bytes) const {
  auto place = places.find(name);
  return place != places.end() && place->second.bytes == bytes;
}

Status CheckpointFile::read(const std::string &name,
                            std::span<std::byte> bytes) {
  stream.seekg(static_cast<std::streamoff>(places.at(name).offset));
  stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size());
  return stream ? Status() : damaged("it cannot be read any more");
}
