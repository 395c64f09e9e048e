//===- Follow.cpp - Answering lines of JSON -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Follow.h"

#include "EventLog.h"
#include "ScoreWriter.h"
#include "lib/Graph/IdMapping.h"
#include "lib/Support/Clock.h"
#include "lib/Support/Json.h"
#include "runtime/Train/CheckpointSchedule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

namespace {

/// What is wrong with a line.
struct BadLine {
  std::string message;
};

/// Why no further line can be answered.
struct DeadSession {
  Status status;
};

/// A line of JSON, and what becomes of it. Within this class a bad line is
/// thrown; answer() makes an answer of it.
class Follower {
public:
  Follower(Session &session, const SessionCommandOptions &options)
      : session(session), options(options), before(session.eventCount()) {}

  /// Events, those of the log and the snapshot included.
  int64_t taken() const { return session.eventCount() - before; }

  /// Takes the event of a line of the log.
  Status takeLogged(std::string_view line) {
    try {
      ordered_json value = parse(line);
      if (!value.contains("event"))
        throw BadLine{"it is not an event"};
      takeEvent(value["event"]);
      return Status();
    } catch (const BadLine &bad) {
      return Status::error(bad.message);
    } catch (const DeadSession &dead) {
      return dead.status;
    }
  }

  /// The answer to `line`. An event that was taken goes into `log`; an error of
  /// that ends everything, for nobody knows what the log then holds, and so
  /// does one after which the session cannot be used.
  StatusOr<ordered_json> answer(std::string_view line, EventLog *log) {
    try {
      ordered_json value = parse(line);
      const std::string &kind = value.begin().key();
      const ordered_json &content = value.begin().value();
      if (kind == "score")
        return score(content);
      if (kind == "top")
        return top(content);
      if (kind == "embed")
        return embed(content);
      if (kind != "event")
        throw BadLine{
            fmt::format("'{}' is none of event, score, top and embed", kind)};
      checkMembers(content, {"source", "destination", "time", "features"});
      takeEvent(content);
      if (log)
        if (Status status = log->append(printJson(value)); !status.ok())
          return status;
      return ordered_json{{"acknowledged", taken()}};
    } catch (const BadLine &bad) {
      return ordered_json{{"error", bad.message}};
    } catch (const DeadSession &dead) {
      return dead.status;
    }
  }

private:
  static ordered_json parse(std::string_view line) {
    // Of a key that is there twice one would be left out without a word.
    std::vector<std::set<std::string, std::less<>>> keys;
    auto checkKeys = [&](int, ordered_json::parse_event_t event,
                         const ordered_json &parsed) {
      if (event == ordered_json::parse_event_t::object_start)
        keys.emplace_back();
      else if (event == ordered_json::parse_event_t::object_end)
        keys.pop_back();
      else if (event == ordered_json::parse_event_t::key &&
               !keys.back().insert(parsed.get<std::string>()).second)
        throw BadLine{fmt::format("{} is there twice", printJson(parsed))};
      return true;
    };
    ordered_json value;
    try {
      value = ordered_json::parse(line, checkKeys);
    } catch (const ordered_json::out_of_range &) {
      throw BadLine{"a number of the line is too large"};
    } catch (const ordered_json::parse_error &error) {
      throw BadLine{
          fmt::format("the line is not JSON, from its byte {}", error.byte)};
    }
    if (!value.is_object() || value.size() != 1 ||
        !value.begin().value().is_object())
      throw BadLine{"the line is not a JSON object of one of event, score, top "
                    "and embed"};
    return value;
  }

  static void check(const Status &status) {
    if (status.code() == StatusCode::OutOfMemory ||
        status.code() == StatusCode::Unusable)
      throw DeadSession{status};
    if (!status.ok())
      throw BadLine{status.message()};
  }

  static const ordered_json &member(const ordered_json &object,
                                    const char *key) {
    auto found = object.find(key);
    if (found == object.end())
      throw BadLine{fmt::format("'{}' is missing", key)};
    return *found;
  }

  /// That `object` has nothing but what `keys` name, for what is misspelt would
  /// be left out without a word, and no text that stands for a missing value.
  static void checkMembers(const ordered_json &object,
                           std::initializer_list<std::string_view> keys) {
    for (const auto &[key, value] : object.items()) {
      if (std::ranges::find(keys, key) == keys.end())
        throw BadLine{
            fmt::format("'{}' is none of {}", key, fmt::join(keys, ", "))};
      if (value.is_string() &&
          isMissingId(value.get_ref<const std::string &>()))
        throw BadLine{fmt::format("'{}' is missing", key)};
    }
  }

  /// A name or a time: text, or a number as it is written.
  static std::string text(const ordered_json &value, const char *key) {
    if (value.is_string() && !value.get_ref<const std::string &>().empty())
      return value.get<std::string>();
    if (!value.is_number())
      throw BadLine{fmt::format("'{}' is neither a number nor text", key)};
    return printJson(value);
  }

  /// A node's name. Of numbers beyond 2^53 that are no 64-bit integers the last
  /// digits are lost.
  static std::string name(const ordered_json &value, const char *key) {
    if (value.is_number_float() && std::abs(value.get<double>()) >= 0x1p53)
      throw BadLine{fmt::format(
          "'{}' is a number whose last digits are lost: give it as text", key)};
    return text(value, key);
  }

  Timestamp time(const std::string &text) const {
    auto parsed = parseMoment(session, options, text);
    check(parsed.status());
    return *parsed;
  }

  /// That of the query, or right after the newest event.
  Moment moment(const ordered_json &query) const {
    auto given = query.find("time");
    return given == query.end() ? session.now()
                                : Moment{time(text(*given, "time"))};
  }

  int32_t node(const ordered_json &value, const char *key) const {
    auto found = findNode(session, name(value, key));
    check(found.status());
    return *found;
  }

  void takeEvent(const ordered_json &event) {
    std::string source = name(member(event, "source"), "source");
    std::string destination = name(member(event, "destination"), "destination");
    std::vector<float> features;
    if (auto given = event.find("features"); given != event.end()) {
      if (!given->is_array())
        throw BadLine{"'features' is not an array of numbers"};
      for (const ordered_json &value : *given) {
        if (!value.is_number())
          throw BadLine{"'features' is not an array of numbers"};
        features.push_back(value.get<float>());
      }
    }
    NewEvent added{source, destination,
                   time(text(member(event, "time"), "time")), features};
    check(session.append(std::span(&added, 1)));
  }

  ordered_json score(const ordered_json &query) {
    checkMembers(query, {"source", "destination", "time"});
    PairQuery pair{node(member(query, "source"), "source"),
                   node(member(query, "destination"), "destination"),
                   moment(query)};
    float logit = 0;
    check(session.score(std::span(&pair, 1), std::span(&logit, 1)));
    return {{"score", probability(logit)}};
  }

  ordered_json top(const ordered_json &query) {
    checkMembers(query, {"source", "k", "candidates", "time"});
    auto count = asInteger<int64_t>(member(query, "k"), 0);
    if (!count)
      throw BadLine{"'k' is not a whole number"};
    int32_t source = node(member(query, "source"), "source");
    std::vector<int32_t> given;
    auto named = query.find("candidates");
    if (named != query.end()) {
      if (!named->is_array())
        throw BadLine{"'candidates' is not an array of nodes"};
      for (const ordered_json &each : *named)
        given.push_back(node(each, "candidates"));
    }
    std::span<const int32_t> candidates = session.destinations();
    if (named != query.end())
      candidates = given;
    auto best = session.topK(source, moment(query), candidates, *count);
    check(best.status());
    ordered_json result = ordered_json::array();
    for (const RankedCandidate &each : *best)
      result.push_back({{"destination", named != query.end()
                                            ? (*named)[each.place]
                                            : nameOf(candidates[each.place])},
                        {"score", probability(each.logit)}});
    return {{"top", std::move(result)}};
  }

  ordered_json embed(const ordered_json &query) {
    checkMembers(query, {"node", "time"});
    int32_t of = node(member(query, "node"), "node");
    Moment when = moment(query);
    std::vector<float> row(session.embeddingWidth());
    check(session.embed(std::span(&of, 1), std::span(&when, 1), row));
    return {{"embedding", row}};
  }

  /// A number where the name is one.
  ordered_json nameOf(int32_t node) const {
    const std::string &name = session.names().name(node);
    int64_t number = 0;
    auto [rest, error] =
        std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && std::to_string(number) == name)
      return number;
    return name;
  }

  Session &session;
  const SessionCommandOptions &options;
  /// Events of the history.
  int64_t before;
};

/// The log and the snapshot. The log begins behind events that a snapshot has
/// made durable; between the two steps of that, and where the first failed, it
/// begins earlier.
class Keeper {
public:
  Keeper(Session &session, Follower &follower, const FollowFiles &files)
      : session(session), follower(follower), files(files),
        history{{"events", session.eventCount()},
                {"nodes", session.names().nodeCount()},
                {"newest", session.eventTime(session.eventCount() - 1).key()},
                {"checksum", session.identity()}},
        schedule(cadence) {
    cadence.everyBatches = files.snapshotEvents;
  }

  /// Takes what was kept.
  Status restore();
  EventLog *eventLog() { return log ? &*log : nullptr; }
  /// Writes the snapshot if it is time to, once an event was taken.
  Status afterEvent();
  /// Writes the snapshot if it lacks events.
  Status finish();

private:
  std::string header() const;
  Status checkHeader(std::string_view line);
  Status openLog();
  Status save();

  Session &session;
  Follower &follower;
  const FollowFiles &files;
  /// What the log belongs to.
  ordered_json history;
  std::optional<EventLog> log;
  /// Events before the log's next line, while it is read.
  int64_t logged = 0;
  /// Events of the snapshot.
  int64_t saved = 0;
  CheckpointOptions cadence;
  CheckpointSchedule schedule;
};

} // namespace

/// Of a log that begins now.
std::string Keeper::header() const {
  ordered_json of = history;
  of["after"] = follower.taken();
  return printJson(ordered_json{{"log", std::move(of)}});
}

Status Keeper::checkHeader(std::string_view line) {
  ordered_json value = ordered_json::parse(line, nullptr, false);
  ordered_json of = value.is_object() && value.contains("log") ? value["log"]
                                                               : ordered_json();
  std::optional<int64_t> after;
  if (of.is_object() && of.contains("after"))
    after = asInteger<int64_t>(of["after"], 0);
  if (!after)
    return Status::error("it is not the log of a server");
  of.erase("after");
  // Not in logs from before it was written.
  if (!of.contains("checksum"))
    of["checksum"] = history["checksum"];
  if (of != history)
    return Status::error("it belongs to another checkpoint or history: give "
                         "these, or another log");
  if (*after > follower.taken())
    return Status::error(fmt::format(
        "it begins after event {}, but {} events are known: give the snapshot "
        "that it was begun with",
        *after, follower.taken()));
  logged = *after;
  return Status();
}

Status Keeper::openLog() {
  auto opened = EventLog::open(
      files.log, header(),
      [&](std::string_view line) { return checkHeader(line); },
      [&](std::string_view line) {
        // What the snapshot has comes first.
        return ++logged <= follower.taken() ? Status()
                                            : follower.takeLogged(line);
      });
  if (!opened.ok())
    return opened.status();
  log.emplace(std::move(*opened));
  // A log that ends before the snapshot goes on behind it.
  return logged < follower.taken() ? log->restart(header()) : Status();
}

Status Keeper::restore() {
  std::error_code error;
  if (!files.snapshot.empty() && std::filesystem::exists(files.snapshot, error))
    if (Status status = session.restore(files.snapshot); !status.ok())
      return status;
  saved = follower.taken();
  return files.log.empty() ? Status() : openLog();
}

Status Keeper::save() {
  auto start = Clock::now();
  if (Status status = session.save(files.snapshot); !status.ok())
    return status;
  schedule.saved(start);
  saved = follower.taken();
  return log ? log->restart(header()) : Status();
}

Status Keeper::afterEvent() {
  return !files.snapshot.empty() && schedule.dueAfterBatch() ? save()
                                                             : Status();
}

Status Keeper::finish() {
  return files.snapshot.empty() || saved == follower.taken() ? Status()
                                                             : save();
}

Status orcinus::follow(const SessionCommandOptions &options,
                       const FollowFiles &files) {
  auto session = openSession(options, stderr);
  if (!session.ok())
    return session.status();
  Follower follower(*session, options);
  Keeper keeper(*session, follower, files);
  if (Status status = keeper.restore(); !status.ok())
    return status;
  for (std::string line; std::getline(std::cin, line);) {
    int64_t before = follower.taken();
    auto answer = follower.answer(line, keeper.eventLog());
    if (!answer.ok())
      return answer.status();
    fmt::print("{}\n", printJson(*answer));
    if (std::fflush(stdout) != 0)
      return Status::error("cannot write to the standard output",
                           StatusCode::InputOutput);
    if (follower.taken() != before)
      if (Status status = keeper.afterEvent(); !status.ok())
        return status;
  }
  return keeper.finish();
}
