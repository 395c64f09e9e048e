//===- SessionOptions.cpp - Opening sessions from the command line --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SessionOptions.h"

#include "NumberOption.h"
#include "lib/Graph/EventFile.h"
#include "lib/Graph/TextRows.h"
#include "lib/Graph/TimeColumn.h"
#include "orcinus/Graph/NodeNames.h"

#include <fmt/format.h>

#include <utility>

using namespace orcinus;

void orcinus::addSessionOptions(CLI::App &command,
                                SessionCommandOptions &options) {
  command
      .add_option("--checkpoint", options.checkpoint,
                  "The directory of the checkpoint")
      ->type_name(anyDirectory)
      ->required();
  addDataOptions(command, options.data);
  command
      .add_option("--new", options.newFiles,
                  "Files of events after those of --data, in the order of "
                  "their times; their nodes are known by their names")
      ->type_name(inputFile);
  addNumber(command, "--block-size", options.session.blockSize, int64_t(0),
            int64_t(1) << 20,
            "Events that states take in at once; 0 for the checkpoint's "
            "evaluation batch size");
  command
      .add_option_function<std::string>(
          "--late-events",
          [&late = options.session.lateEvents](const std::string &text) {
            late = text == "clamp" ? LateEvents::ClampToNewest
                                   : LateEvents::Refuse;
          },
          "What becomes of new events before the newest: refuse, or clamp to "
          "its time")
      ->check(CLI::IsMember({"refuse", "clamp"}))
      ->default_str("refuse");
  addThreadsOption(command, options.run.train);
  addProgramCacheOptions(command, options.run.compile);
}

/// Appends the events of `loaded` by the names of their nodes.
static Status appendStream(Session &session, const LoadedStream &loaded) {
  const EventStream &stream = loaded.stream;
  if (loaded.itemsAreShifted)
    return Status::error("items are numbered behind the users of each file: "
                         "give new events of a JODIE csv in one file with the "
                         "history, or as plain text");
  if (stream.eventCount() &&
      isOfAnotherCount(stream.seconds(0), session.stream()))
    return Status::error("the times are since 1970, but those of the history "
                         "are not; give them as they are there");
  std::vector<std::string> names;
  for (int32_t node = 0; node != stream.nodeCount; ++node)
    names.push_back(stream.nodeName(node));
  std::vector<NewEvent> events;
  for (int64_t event = 0; event != stream.eventCount(); ++event) {
    std::span<const float> features;
    if (stream.edgeFeatures.columns)
      features = {stream.edgeFeatures.row(event),
                  static_cast<size_t>(stream.edgeFeatures.columns)};
    events.push_back(
        {names[stream.source[event]], names[stream.destination[event]],
         convertTime(stream.time[event], stream.timeScale, session.timeScale()),
         features});
  }
  return session.append(events);
}

static void warnOfHistory(CheckpointMatch match) {
  if (match == CheckpointMatch::Model)
    warn("these are not the events that the model was trained on, nor do they "
         "begin with them: states start empty and neighbours are missing; give "
         "the training events, and new ones by --new");
  if (match == CheckpointMatch::History)
    warn("no epoch of the checkpoint's run was validated: its current "
         "parameters are used, and states start empty");
}

StatusOr<Session> orcinus::openSession(const SessionCommandOptions &options,
                                       std::FILE *messages) {
  auto stored = readCheckpoint(options.checkpoint);
  if (!stored.ok())
    return stored.status();
  auto history = loadFile(options.data.data, options.data.load, messages);
  if (!history.ok())
    return history.status();
  if (Status status = alignWithCheckpoint(options.checkpoint, history->stream);
      !status.ok())
    return status;
  CompileOptions compile = sessionCompileOptions(stored->compile);
  compile.cacheDirectory = options.run.compile.cacheDirectory;
  compile.useCache = options.run.compile.useCache;
  compile.threads = options.run.train.threads;
  warnOfMissingDatabase(compile);
  auto model = compileForStream(compile, history->stream, messages);
  if (!model.ok())
    return model.status();
  SessionOptions how = options.session;
  how.threads = options.run.train.threads;
  auto session = Session::open(options.checkpoint, std::move(history->stream),
                               *model, how);
  if (!session.ok())
    return session;
  warnOfHistory(session->match());
  LoadOptions ofNew = options.data.load;
  ofNew.timeUnit = unitOfFurtherTimes(ofNew.timeUnit, session->stream());
  for (const std::string &path : options.newFiles) {
    LoadOptions load = ofNew;
    if (isEventFile(path))
      load.timeUnit = options.data.load.timeUnit;
    auto loaded = loadFile(path, load, messages);
    if (!loaded.ok())
      return loaded.status();
    if (Status status = appendStream(*session, *loaded); !status.ok())
      return status.within(path);
  }
  return session;
}

StatusOr<int32_t> orcinus::findNode(const Session &session,
                                    std::string_view text) {
  int32_t node = session.node(text);
  if (node == unknownNode)
    if (Status status = checkNodeName(text); !status.ok())
      return status;
  return node;
}

StatusOr<Timestamp> orcinus::parseMoment(const Session &session,
                                         const SessionCommandOptions &options,
                                         std::string_view text) {
  if (text == "end")
    return session.now().time;
  return parseTime(text, options.data.load.timeUnit, session.stream());
}
