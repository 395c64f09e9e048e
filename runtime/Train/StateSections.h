//===- StateSections.h - Parameters and states in files ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_STATESECTIONS_H
#define RUNTIME_TRAIN_STATESECTIONS_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/SectionFile.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace orcinus {

/// The sections of a file with the memory that they are read into, or written
/// from where that is constant.
template <typename Byte>
class SectionPlaces {
public:
  struct Place {
    std::string name;
    std::span<Byte> bytes;
    /// Where the section has all rows of an array and the place those of one
    /// process: the bytes of a row, and how many there are.
    size_t rowBytes = 0;
    int64_t rows = 0;
    RowPartition partition = {};

    size_t sectionBytes() const {
      return rowBytes ? rowBytes * rows : bytes.size();
    }
  };

  template <typename T>
  void add(std::string name, std::span<T> values) {
    if constexpr (std::is_const_v<Byte>)
      places.push_back({std::move(name), std::as_bytes(values)});
    else
      places.push_back({std::move(name), std::as_writable_bytes(values)});
  }

  /// What `partition` leaves a process of `rows` rows, of `rowSize` values
  /// each.
  template <typename T>
  void addRows(std::string name, std::span<T> values, int64_t rowSize,
               int64_t rows, const RowPartition &partition) {
    add(std::move(name), values);
    places.back().rowBytes = rowSize * sizeof(T);
    places.back().rows = rows;
    places.back().partition = partition;
  }

  auto begin() const { return places.begin(); }
  auto end() const { return places.end(); }

private:
  std::vector<Place> places;
};

using PlacesToRead = SectionPlaces<std::byte>;
using PlacesToWrite = SectionPlaces<const std::byte>;

/// Adds all values of the arrays, "kind:name".
template <typename Byte, typename Arrays>
void addGroup(SectionPlaces<Byte> &places, const std::string &kind,
              Arrays &arrays) {
  for (auto &array : arrays)
    places.add(kind + ":" + array.name(), array.values());
}

/// Adds the first `nodes` rows of the arrays, which have one a node.
template <typename Byte, typename Arrays>
void addFirstRows(SectionPlaces<Byte> &places, Arrays &arrays, size_t nodes) {
  for (auto &array : arrays)
    places.add(array.name(), array.values().first(nodes * array.rowSize()));
}

/// Adds what `index` has of the first `nodes` nodes.
template <typename Byte, typename Index>
void addIndex(SectionPlaces<Byte> &places, const std::string &prefix,
              Index &index, size_t nodes) {
  places.add(prefix + "pending_events", index.pendingEvents().first(nodes));
  places.add(prefix + "last_updates", index.lastUpdates().first(nodes));
  for (size_t each = 0; each != index.walks.size(); ++each) {
    auto &walks = index.walks[each];
    std::string name = fmt::format("{}walks {} ", prefix, each + 1);
    size_t room = walks.updates().size();
    size_t width = room ? walks.values().size() / room : 0;
    places.add(name + "values", walks.values().first(nodes * width));
    places.add(name + "updates", walks.updates().first(nodes));
    places.add(name + "clock", walks.clock());
  }
  for (size_t each = 0; each != index.mailboxes.size(); ++each) {
    auto &mailbox = index.mailboxes[each];
    std::string name = fmt::format("{}mailbox {} ", prefix, each + 1);
    places.add(name + "mails", mailbox.mailsGiven().first(nodes));
    places.add(name + "times",
               mailbox.sendTimes().first(nodes * mailbox.slots()));
  }
}

/// That the file has all places, as they are.
Status checkPlaces(const SectionFile &file, const PlacesToRead &places);

/// Reads all places, or none if one cannot be read.
Status readPlaces(SectionFile &file, const PlacesToRead &places);

/// That `index`, which was read by `prefix` from a file of the kind `kind`, is
/// one that batches of `stream` have left; the features of `stream` do not
/// count.
Status checkIndex(const IndexState &index, const EventStream &stream,
                  std::string_view kind, const std::string &prefix);

} // namespace orcinus

#endif // RUNTIME_TRAIN_STATESECTIONS_H
