//===- StreamAlignment.cpp - Streams that go on from a run's --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/IdMapping.h"
#include "lib/Support/Json.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/NodeNameSections.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

using namespace orcinus;

/// Whether the first `events` times of `stream` are whole seconds, in ticks.
static bool beginsInWholeSeconds(const EventStream &stream, int64_t events) {
  int64_t ticks = stream.timeScale.ticksPerSecond();
  return ticks > 1 && events <= stream.eventCount() &&
         std::ranges::all_of(
             std::span(stream.time).first(events),
             [&](Timestamp time) { return time.key() % ticks == 0; });
}

Status orcinus::alignWithCheckpoint(const std::string &directory,
                                    EventStream &stream) {
  auto file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  auto of = file->header().value("stream", nlohmann::ordered_json());
  std::optional<int64_t> events;
  if (of.is_object() && of.contains("events"))
    events = asInteger<int64_t>(of["events"], 0);
  if (events && beginsInWholeSeconds(stream, *events)) {
    std::vector<double> seconds;
    for (int64_t event = 0; event != stream.eventCount(); ++event)
      seconds.push_back(stream.seconds(event));
    stream.setSeconds(seconds);
  }
  auto names = readNodeNames(*file);
  if (names.ok())
    numberNodesAs(*names, stream);
  return names.status();
}
