//===- EventFile.cpp - Event streams as they lie in memory ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventFile.h"

#include "AtomicFile.h"
#include "Formats.h"
#include "JoinedTexts.h"
#include "MappedFile.h"
#include "SectionPrefix.h"
#include "lib/Support/Json.h"
#include "orcinus/Graph/Writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

using namespace orcinus;
using nlohmann::json;

static constexpr std::string_view magic = "ORCEVENT";
static constexpr uint32_t version = 1;
static constexpr size_t alignment = 64;

namespace {

struct Section {
  std::string name;
  std::string_view bytes;
};

} // namespace

static size_t aligned(size_t offset) {
  return (offset + alignment - 1) / alignment * alignment;
}

template <typename Values>
static std::string_view bytesOf(const Values &values) {
  std::span all(values);
  return {reinterpret_cast<const char *>(all.data()), all.size_bytes()};
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// What a header says of a stream besides its sections.
static json describe(const EventStream &stream, const StreamSource &source) {
  json columns = json::array();
  for (const ColumnUse &column : source.columns)
    columns.push_back({{"name", column.name}, {"use", column.use}});
  return {{"description", source.description},
          {"columns", std::move(columns)},
          {"items_are_shifted", source.itemsAreShifted},
          {"nodes", stream.nodeCount},
          {"events", stream.eventCount()},
          {"ticks_per_second", stream.timeScale.ticksPerSecond()},
          {"edge_feature_columns", stream.edgeFeatures.columns},
          {"node_feature_columns", stream.nodeFeatures.columns},
          {"labels", stream.labels.size()}};
}

/// Writes the sections where the header says that they are.
static Status writeSections(AtomicFile &file, json header,
                            std::span<const Section> sections) {
  // Offsets count from the end of the header, whose size depends on them.
  json &list = header["sections"] = json::array();
  size_t offset = 0;
  for (const Section &section : sections) {
    list.push_back({{"name", section.name},
                    {"offset", offset},
                    {"bytes", section.bytes.size()},
                    {"crc", checksumOf(section.bytes)}});
    offset = aligned(offset + section.bytes.size());
  }
  std::string text = printJson(header);
  const std::string zeros(alignment, '\0');
  size_t written = 0;
  auto write = [&](std::string_view bytes) {
    written += bytes.size();
    return file.write(bytes);
  };
  auto pad = [&] {
    return write(std::string_view(zeros).substr(0, aligned(written) - written));
  };
  Status status = write(SectionPrefix::of(magic, version, text).bytes());
  if (status.ok())
    status = write(text);
  for (const Section &section : sections) {
    if (status.ok())
      status = pad();
    if (status.ok())
      status = write(section.bytes);
  }
  // A compiled program may read to the end of a vector behind the last row.
  if (status.ok())
    status = pad();
  return status.ok() ? write(zeros) : status;
}

Status orcinus::writeEventFile(const EventStream &stream,
                               const StreamSource &source,
                               const std::string &path) {
  JoinedTexts names(stream.externalNames);
  std::vector<JoinedTexts> labelTexts;
  std::vector<std::string> labelNames;
  for (const LabelColumn &label : stream.labels) {
    labelTexts.emplace_back(label.texts);
    labelNames.push_back(label.name);
  }
  JoinedTexts labels(labelNames);
  std::vector<Section> sections{
      {"source", bytesOf(stream.source)},
      {"destination", bytesOf(stream.destination)},
      {"time", bytesOf(stream.time)},
      {"edge_features", bytesOf(stream.edgeFeatures.values)},
      {"node_features", bytesOf(stream.nodeFeatures.values)},
      {"node_ids", bytesOf(stream.externalIds)},
      {"node_names", names.bytes},
      {"node_name_ends", bytesOf(names.ends)},
      {"label_names", labels.bytes},
      {"label_name_ends", bytesOf(labels.ends)}};
  for (size_t each = 0; each != labelTexts.size(); ++each) {
    std::string name = "label " + std::to_string(each) + " ";
    sections.push_back({name + "codes", bytesOf(stream.labels[each].codes)});
    sections.push_back({name + "texts", labelTexts[each].bytes});
    sections.push_back({name + "text_ends", bytesOf(labelTexts[each].ends)});
  }
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = writeSections(file, describe(stream, source), sections);
  return status.ok() ? file.commit() : status;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

bool orcinus::isEventFile(const std::string &path) {
  // Of a pipe, which cannot be mapped, these bytes would be lost.
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return false;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 8> begin{};
  file.read(begin.data(), begin.size());
  return file && std::ranges::equal(begin, magic);
}

namespace {

/// What is wrong with a file, thrown within loadEventFile().
struct Damage : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The sections of a mapped file.
class EventFileReader {
public:
  explicit EventFileReader(std::shared_ptr<const MappedFile> file)
      : mapping(std::move(file)) {
    std::string_view all = mapping->bytes();
    SectionPrefix prefix;
    if (all.size() < sizeof(prefix))
      throw Damage("it is truncated");
    std::memcpy(&prefix, all.data(), sizeof(prefix));
    if (prefix.version != version)
      throw Damage("its format version is " + std::to_string(prefix.version) +
                   ", this program reads version " + std::to_string(version) +
                   ": convert the stream again");
    if (prefix.headerBytes > all.size() - sizeof(prefix))
      throw Damage("it is truncated");
    std::string_view text = all.substr(sizeof(prefix), prefix.headerBytes);
    if (checksumOf(text) != prefix.headerChecksum)
      throw Damage("its header was altered");
    header = json::parse(text);
    findSections(aligned(sizeof(prefix) + text.size()));
  }

  LoadedStream read() const {
    LoadedStream result;
    result.description = header.at("description").get<std::string>();
    for (const json &column : header.at("columns"))
      result.columns.push_back({column.at("name").get<std::string>(),
                                column.at("use").get<std::string>()});
    result.itemsAreShifted = header.at("items_are_shifted").get<bool>();
    EventStream &stream = result.stream;
    stream.nodeCount = number<int32_t>("nodes");
    events = number<int32_t>("events");
    auto ticks = number<int64_t>("ticks_per_second");
    stream.timeScale = ticks > 0 ? TimeScale::ticks(ticks) : TimeScale();
    size_t count = static_cast<size_t>(events);
    size_t nodes = static_cast<size_t>(stream.nodeCount);
    stream.source = column<int32_t>("source", count);
    stream.destination = column<int32_t>("destination", count);
    stream.time = column<Timestamp>("time", count);
    stream.edgeFeatures = features("edge", count);
    stream.nodeFeatures = features("node", nodes);
    stream.externalIds = idsOf(nodes);
    stream.externalNames = texts("node_names", "node_name_ends");
    if (!stream.externalNames.empty() && stream.externalNames.size() != nodes)
      throw Damage("its names are not one a node");
    readLabels(stream);
    check(stream);
    return result;
  }

private:
  void findSections(size_t begin) {
    std::string_view all = mapping->bytes();
    for (const json &each : header.at("sections")) {
      auto offset = asInteger<uint64_t>(each.at("offset"));
      auto bytes = asInteger<uint64_t>(each.at("bytes"));
      if (!offset || !bytes || begin > all.size() ||
          *offset > all.size() - begin ||
          *bytes > all.size() - begin - *offset ||
          all.size() - begin - *offset - *bytes < alignment)
        throw Damage("it is truncated");
      if (*offset % alignment != 0)
        throw Damage("a section is not aligned");
      std::string_view found = all.substr(begin + *offset, *bytes);
      auto name = each.at("name").get<std::string>();
      if (each.at("crc") != checksumOf(found))
        throw Damage("its section '" + name + "' was altered");
      sections[name] = found;
    }
  }

  template <typename T>
  T number(const char *name) const {
    std::optional<T> value = asInteger<T>(header.at(name), 0);
    if (!value)
      throw Damage(std::string("its ") + name + " are no number");
    return *value;
  }

  std::string_view section(const std::string &name) const {
    auto found = sections.find(name);
    if (found == sections.end())
      throw Damage("it has no section '" + name + "'");
    return found->second;
  }

  template <typename T>
  std::span<const T> values(const std::string &name) const {
    std::string_view bytes = section(name);
    if (bytes.size() % sizeof(T) != 0)
      throw Damage("its section '" + name + "' has an odd size");
    return {reinterpret_cast<const T *>(bytes.data()),
            bytes.size() / sizeof(T)};
  }

  template <typename T>
  Column<T> column(const std::string &name, size_t count) const {
    std::span<const T> all = values<T>(name);
    if (all.size() != count)
      throw Damage("its section '" + name + "' has not the size it should");
    return Column<T>::borrow(all, mapping);
  }

  FeatureMatrix features(const std::string &kind, size_t rows) const {
    FeatureMatrix result;
    result.columns = number<int32_t>((kind + "_feature_columns").c_str());
    result.values = column<float>(kind + "_features",
                                  rows * static_cast<size_t>(result.columns));
    result.rows = result.columns > 0 ? static_cast<int64_t>(rows) : 0;
    for (float value : result.values)
      if (!std::isfinite(value))
        throw Damage("a " + kind + " feature is not finite");
    return result;
  }

  std::vector<int64_t> idsOf(size_t nodes) const {
    std::span<const int64_t> ids = values<int64_t>("node_ids");
    if (!ids.empty() && ids.size() != nodes)
      throw Damage("its ids are not one a node");
    return {ids.begin(), ids.end()};
  }

  std::vector<std::string> texts(const std::string &bytesName,
                                 const std::string &endsName) const {
    auto result = splitTexts(section(bytesName), values<uint64_t>(endsName));
    if (!result)
      throw Damage("its texts in '" + bytesName + "' end nowhere");
    return *std::move(result);
  }

  void readLabels(EventStream &stream) const {
    std::vector<std::string> names = texts("label_names", "label_name_ends");
    for (size_t each = 0; each != names.size(); ++each) {
      std::string prefix = "label " + std::to_string(each) + " ";
      LabelColumn label;
      label.name = names[each];
      label.texts = texts(prefix + "texts", prefix + "text_ends");
      std::span<const int32_t> codes = values<int32_t>(prefix + "codes");
      label.codes.assign(codes.begin(), codes.end());
      auto isCode = [&](int32_t code) {
        return code >= -1 && code < std::ssize(label.texts);
      };
      if (std::ssize(codes) != events || !std::ranges::all_of(codes, isCode))
        throw Damage("its labels '" + label.name + "' are none of its events");
      stream.labels.push_back(std::move(label));
    }
  }

  static void check(const EventStream &stream) {
    auto isNode = [&](int32_t node) {
      return node >= 0 && node < stream.nodeCount;
    };
    if (!std::ranges::all_of(stream.source, isNode) ||
        !std::ranges::all_of(stream.destination, isNode))
      throw Damage("an event has an end that is no node");
    if (!stream.time.empty() && stream.time.front() < Timestamp())
      throw Damage("a time is negative");
    if (!std::ranges::is_sorted(stream.time))
      throw Damage("its times do not ascend");
  }

  std::shared_ptr<const MappedFile> mapping;
  json header;
  std::map<std::string, std::string_view> sections;
  mutable int64_t events = 0;
};

} // namespace

/// Leaves the labels that are `wanted`, names between commas, in that order.
static Status chooseLabels(const std::string &path, const std::string &wanted,
                           std::vector<LabelColumn> &labels) {
  std::vector<LabelColumn> chosen;
  for (size_t begin = 0; begin < wanted.size();) {
    size_t end = std::min(wanted.find(',', begin), wanted.size());
    std::string name = wanted.substr(begin, end - begin);
    auto found = std::ranges::find(labels, name, &LabelColumn::name);
    if (found == labels.end())
      return Status::error("event file '" + path + "' has no labels '" + name +
                           "'; convert the stream again with --label-columns");
    chosen.push_back(*found);
    begin = end + 1;
  }
  labels = std::move(chosen);
  return Status();
}

StatusOr<LoadedStream> orcinus::loadEventFile(const std::string &path,
                                              const LoadOptions &options) try {
  if (choosesColumns(options))
    return Status::error(
        "the columns, features and times of event file '" + path +
        "' are settled; leave out the options about them, or convert the "
        "stream again with them");
  auto file = MappedFile::open(path);
  if (!file.ok())
    return file.status();
  LoadedStream loaded = EventFileReader(std::move(*file)).read();
  if (Status status = chooseLabels(path, options.labels, loaded.stream.labels);
      !status.ok())
    return status;
  loaded.description = "event file of " + loaded.description;
  return loaded;
} catch (const Damage &damage) {
  return Status::error("event file '" + path +
                           "' cannot be read: " + damage.what(),
                       StatusCode::Damaged);
} catch (const json::exception &malformed) {
  return Status::error("event file '" + path +
                           "' cannot be read: " + malformed.what(),
                       StatusCode::Damaged);
}
