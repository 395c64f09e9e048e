//===- SectionFile.cpp - Files of a header and arrays ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/SectionFile.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Graph/SectionPrefix.h"
#include "lib/Support/Json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

static std::string_view asText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

Status orcinus::writeSectionFile(const std::string &path,
                                 const SectionFileKind &kind,
                                 ordered_json header,
                                 std::span<const FileSection> sections) {
  ordered_json &list = header["sections"] = ordered_json::array();
  for (const FileSection &section : sections)
    list.push_back({{"name", section.name},
                    {"bytes", section.bytes.size()},
                    {"crc", checksumOf(asText(section.bytes))}});
  // A model file may hold bytes that are not UTF-8; JSON may not.
  std::string headerText = printJson(header);
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = file.write(
        SectionPrefix::of(kind.magic, kind.version, headerText).bytes());
  if (status.ok())
    status = file.write(headerText);
  for (const FileSection &section : sections)
    if (status.ok())
      status = file.write(asText(section.bytes));
  return status.ok() ? file.commit() : status;
}

void orcinus::removeLeftovers(const std::string &path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::string prefix =
      std::filesystem::path(path).filename().string() + ".tmp.";
  std::error_code error;
  std::vector<std::filesystem::path> leftovers;
  for (std::filesystem::directory_iterator
           entry(folder.empty() ? "." : folder, error),
       end;
       !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with(prefix))
      leftovers.push_back(entry->path());
  for (const std::filesystem::path &leftover : leftovers)
    std::filesystem::remove(leftover, error);
}

Status SectionFile::damaged(const std::string &how) const {
  return Status::error(
      fmt::format("{} '{}' is damaged: {}", kind.name, path, how),
      StatusCode::Damaged);
}

StatusOr<SectionFile> SectionFile::open(const std::string &path,
                                        const SectionFileKind &kind,
                                        const std::string &missing) {
  SectionFile file;
  file.path = path;
  file.kind = kind;
  file.stream.open(file.path, std::ios::binary);
  if (!file.stream)
    return Status::error(fmt::format("{}: {}", missing, std::strerror(errno)),
                         StatusCode::InputOutput);
  if (Status status = file.readHeader(); !status.ok())
    return status;
  return file;
}

Status SectionFile::readHeader() {
  SectionPrefix prefix;
  stream.read(reinterpret_cast<char *>(&prefix), sizeof(prefix));
  if (!stream || !std::ranges::equal(kind.magic, prefix.magic))
    return Status::error(
        fmt::format("'{}' is not a {} of Orcinus", path, kind.name));
  if (prefix.version != kind.version)
    return Status::error(
        fmt::format("{} '{}' has format version {}, this program reads version "
                    "{}",
                    kind.name, path, prefix.version, kind.version));
  std::error_code error;
  uint64_t fileBytes = std::filesystem::file_size(path, error);
  if (error || prefix.headerBytes > fileBytes - sizeof(prefix))
    return damaged("it is truncated");
  std::string text(prefix.headerBytes, 0);
  stream.read(text.data(), text.size());
  if (!stream || checksumOf(text) != prefix.headerChecksum)
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

Status SectionFile::checkSections() {
  constexpr uint64_t mostAtOnce = uint64_t(1) << 20;
  std::vector<std::byte> buffer;
  for (const auto &[name, place] : places) {
    buffer.resize(std::max<size_t>(
        buffer.size(), std::min<uint64_t>(place.bytes, mostAtOnce)));
    stream.seekg(static_cast<std::streamoff>(place.offset));
    uint32_t found = checksumOf({});
    for (uint64_t left = place.bytes; left && stream;) {
      size_t count = std::min<uint64_t>(left, buffer.size());
      stream.read(reinterpret_cast<char *>(buffer.data()), count);
      found = checksumOf(asText(std::span(buffer).first(count)), found);
      left -= count;
    }
    if (!stream || found != place.checksum)
      return damaged(fmt::format("'{}' does not have the checksum it was "
                                 "written with",
                                 name));
  }
  return Status();
}

bool SectionFile::has(const std::string &name, size_t bytes) const {
  auto place = places.find(name);
  return place != places.end() && place->second.bytes == bytes;
}

Status SectionFile::read(const std::string &name, std::span<std::byte> bytes,
                         uint64_t offset) {
  stream.seekg(static_cast<std::streamoff>(places.at(name).offset + offset));
  stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size());
  return stream ? Status() : damaged("it cannot be read any more");
}
