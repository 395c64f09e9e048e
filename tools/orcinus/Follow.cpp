//===- Follow.cpp - Answering lines of JSON -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Follow.h"

#include "EventLog.h"
#include "ScoreWriter.h"
#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

namespace {

/// What is wrong with a line.
struct BadLine {
  std::string message;
};

/// A line of JSON, and what becomes of it. Within this class a bad line is
/// thrown; answer() makes an answer of it.
class Follower {
public:
  Follower(Session &session, const SessionCommandOptions &options)
      : session(session), options(options) {}

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
    }
  }

  /// The answer to `line`. An event that was taken goes into `log`; an error of
  /// that ends everything, for nobody knows what the log then holds.
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
      takeEvent(content);
      if (log)
        if (Status status = log->append(printJson(value)); !status.ok())
          return status;
      return ordered_json{{"acknowledged", taken}};
    } catch (const BadLine &bad) {
      return ordered_json{{"error", bad.message}};
    }
  }

private:
  static ordered_json parse(std::string_view line) {
    ordered_json value = ordered_json::parse(line, nullptr, false);
    if (!value.is_object() || value.size() != 1 ||
        !value.begin().value().is_object())
      throw BadLine{"the line is not a JSON object of one of event, score, top "
                    "and embed"};
    return value;
  }

  static void check(const Status &status) {
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

  /// A name or a time: text, or a number as it is written.
  static std::string text(const ordered_json &value, const char *key) {
    if (value.is_string() && !value.get_ref<const std::string &>().empty())
      return value.get<std::string>();
    if (!value.is_number())
      throw BadLine{fmt::format("'{}' is neither a number nor text", key)};
    return printJson(value);
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
    return session.node(text(value, key));
  }

  void takeEvent(const ordered_json &event) {
    std::string source = text(member(event, "source"), "source");
    std::string destination = text(member(event, "destination"), "destination");
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
    ++taken;
  }

  ordered_json score(const ordered_json &query) {
    PairQuery pair{node(member(query, "source"), "source"),
                   node(member(query, "destination"), "destination"),
                   moment(query)};
    float logit = 0;
    check(session.score(std::span(&pair, 1), std::span(&logit, 1)));
    return {{"score", probability(logit)}};
  }

  ordered_json top(const ordered_json &query) {
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
  /// Events, those of the log included.
  int64_t taken = 0;
};

} // namespace

/// What a log belongs to: the history that its events follow.
static std::string logHeader(const Session &session) {
  return printJson(ordered_json{
      {"log",
       {{"events", session.eventCount()},
        {"nodes", session.names().nodeCount()},
        {"newest", session.eventTime(session.eventCount() - 1).key()}}}});
}

Status orcinus::follow(const SessionCommandOptions &options,
                       const std::string &logPath) {
  auto session = openSession(options, stderr);
  if (!session.ok())
    return session.status();
  Follower follower(*session, options);
  std::optional<EventLog> log;
  if (!logPath.empty()) {
    auto opened = EventLog::open(
        logPath, logHeader(*session),
        [&](std::string_view line) { return follower.takeLogged(line); });
    if (!opened.ok())
      return opened.status();
    log.emplace(std::move(*opened));
  }
  for (std::string line; std::getline(std::cin, line);) {
    auto answer = follower.answer(line, log ? &*log : nullptr);
    if (!answer.ok())
      return answer.status();
    fmt::print("{}\n", printJson(*answer));
    if (std::fflush(stdout) != 0)
      return Status::error("cannot write to the standard output");
  }
  return Status();
}
