//===- StateSections.cpp - Parameters and states in files -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/StateSections.h"

#include <algorithm>
#include <cmath>
#include <string_view>

using namespace orcinus;

Status orcinus::checkPlaces(const SectionFile &file,
                            const PlacesToRead &places) {
  for (const PlacesToRead::Place &place : places)
    if (!file.has(place.name, place.sectionBytes()))
      return Status::error(fmt::format(
          "the {} was made with another model: it has no '{}' of {} "
          "bytes",
          file.kindName(), place.name, place.sectionBytes()));
  return Status();
}

/// Reads what the place has of its section, some megabytes of which at once.
static Status readPlace(SectionFile &file, const PlacesToRead::Place &place,
                        std::span<std::byte> content) {
  if (!place.rowBytes || place.partition.size == 1)
    return file.read(place.name, content);
  auto rowsAtOnce = static_cast<int64_t>(
      std::clamp<size_t>((size_t(1) << 22) / place.rowBytes, 1, 1 << 20));
  std::vector<std::byte> rows;
  for (int64_t begin = 0; begin < place.rows; begin += rowsAtOnce) {
    int64_t count = std::min(rowsAtOnce, place.rows - begin);
    rows.resize(count * place.rowBytes);
    if (Status status = file.read(place.name, rows, begin * place.rowBytes);
        !status.ok())
      return status;
    for (int64_t row = begin; row != begin + count; ++row)
      if (place.partition.owns(static_cast<int32_t>(row)))
        std::copy_n(
            rows.begin() + (row - begin) * place.rowBytes, place.rowBytes,
            content.begin() + place.partition.place(static_cast<int32_t>(row)) *
                                  place.rowBytes);
  }
  return Status();
}

Status orcinus::readPlaces(SectionFile &file, const PlacesToRead &places) {
  if (Status status = checkPlaces(file, places); !status.ok())
    return status;
  std::vector<std::vector<std::byte>> contents;
  for (const PlacesToRead::Place &place : places) {
    contents.emplace_back(place.bytes.size());
    if (Status status = readPlace(file, place, contents.back()); !status.ok())
      return status;
  }
  auto content = contents.begin();
  for (const PlacesToRead::Place &place : places)
    std::ranges::copy(*content++, place.bytes.begin());
  return Status();
}

/// Whether the node's mails are of times of the stream, the latest last.
static bool holdsPossibleMails(const Mailbox &mailbox, int32_t node,
                               const EventStream &stream) {
  if (mailbox.mailsGiven()[node] < 0)
    return false;
  Timestamp later = stream.eventCount() > 0 ? stream.time.back() : Timestamp();
  for (int32_t place = 0; place != mailbox.slots(); ++place) {
    Timestamp sent = mailbox.sent(mailbox.row(node, place));
    bool isMail = place < mailbox.count(node);
    if (isMail ? sent > later : sent != Timestamp())
      return false;
    later = isMail ? sent : later;
  }
  return true;
}

Status orcinus::checkIndex(const IndexState &index, const EventStream &stream,
                           std::string_view kind, const std::string &prefix) {
  auto reject = [&](int32_t node, std::string_view what) {
    return Status::error(
        fmt::format("the {} is malformed: in '{}', node {} has {}", kind,
                    prefix, node, what),
        StatusCode::Damaged);
  };
  for (int32_t node = 0; node != stream.nodeCount; ++node) {
    Timestamp updated = index.lastUpdate(node);
    if (updated < Timestamp() ||
        (stream.eventCount() > 0 && updated > stream.time.back()))
      return reject(node, "an update at no time of the stream");
    if (!index.hasPending(node)) {
      if (updated != Timestamp())
        return reject(node, "an update without a message");
      continue;
    }
    int32_t event = index.pendingEvent(node);
    if (event < 0 || event >= stream.eventCount() ||
        (stream.source[event] != node && stream.destination[event] != node))
      return reject(node, "a message of an event that is not its own");
    if (updated > stream.time[event])
      return reject(node, "an update after its message");
  }
  for (const WalkMatrices &walks : index.walks) {
    std::span<const float> values = walks.values();
    if (!std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); }))
      return Status::error(fmt::format("the {} is malformed: in '{}', walks "
                                       "are not finite",
                                       kind, prefix),
                           StatusCode::Damaged);
    double clock = walks.clock()[0], epoch = walks.clock()[1];
    if (!(epoch >= 0 && epoch < 1e9) || epoch != std::floor(epoch))
      return Status::error(fmt::format("the {} is malformed: in '{}', walks "
                                       "are of the epoch {}",
                                       kind, prefix, epoch),
                           StatusCode::Damaged);
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      if (!(walks.updates()[node] <= clock) || !std::isfinite(clock))
        return reject(node, "walks of a time to come");
  }
  for (const Mailbox &mailbox : index.mailboxes)
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      if (!holdsPossibleMails(mailbox, node, stream))
        return reject(node, "mails that no events sent");
  return Status();
}
