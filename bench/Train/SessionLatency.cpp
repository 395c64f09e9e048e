//===- SessionLatency.cpp - How long a trained model takes to answer ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens a checkpoint over all but the last events of its stream, and goes
// through these one by one, as a server does: the event's link is scored, the
// event is appended and taken into the states, and the best candidates of its
// source are ranked. Prints the median and the 99th percentile of each.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Session.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

using namespace orcinus;

namespace {

struct LatencyOptions {
  std::string data, checkpoint;
  SessionOptions session;
  int64_t events = 2000;
  int64_t candidates = 1000;
};

/// Seconds of calls.
class Latencies {
public:
  template <typename Call>
  Status time(Call call) {
    auto start = std::chrono::steady_clock::now();
    Status status = call();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
    return status;
  }
  void print(const std::string &what) {
    std::sort(seconds.begin(), seconds.end());
    fmt::print("{}: median {:.3f} ms, 99th percentile {:.3f} ms, {} calls\n",
               what, 1e3 * seconds[seconds.size() / 2],
               1e3 * seconds[seconds.size() * 99 / 100], seconds.size());
  }

private:
  std::vector<double> seconds;
};

} // namespace

/// The events before `end`.
static EventStream beginningOf(const EventStream &stream, int64_t end) {
  EventStream result = stream;
  result.source.resize(end);
  result.destination.resize(end);
  result.time.resize(end);
  result.edgeFeatures.rows = stream.edgeFeatures.columns ? end : 0;
  result.edgeFeatures.values.resize(end * stream.edgeFeatures.columns);
  return result;
}

static StatusOr<Session> open(const LatencyOptions &options,
                              const EventStream &stream) {
  auto stored = readCheckpoint(options.checkpoint);
  if (!stored.ok())
    return stored.status();
  CompileOptions compile = sessionCompileOptions(stored->compile);
  compile.threads = options.session.threads;
  auto model = compileModel(compile);
  if (!model.ok())
    return model.status();
  return Session::open(
      options.checkpoint,
      beginningOf(stream, stream.eventCount() - options.events), *model,
      options.session);
}

static Status run(const LatencyOptions &options) {
  auto loaded = loadEventStream(options.data);
  if (!loaded.ok())
    return loaded.status();
  const EventStream &stream = loaded->stream;
  if (stream.eventCount() <= options.events)
    return Status::error("the stream has no events before those to measure");
  auto session = open(options, stream);
  if (!session.ok())
    return session.status();
  std::vector<int32_t> candidates(session->destinations().begin(),
                                  session->destinations().end());
  candidates.resize(std::min<size_t>(candidates.size(), options.candidates));
  Latencies scores, appends, both, ranks;
  // The states of all events before are made by the first query.
  std::vector<float> logit(1);
  PairQuery warm{0, 0, session->now()};
  if (Status status = session->score(std::span(&warm, 1), logit); !status.ok())
    return status;
  for (int64_t event = stream.eventCount() - options.events;
       event != stream.eventCount(); ++event) {
    std::string source = stream.nodeName(stream.source[event]);
    std::string destination = stream.nodeName(stream.destination[event]);
    NewEvent added{source, destination, stream.time[event], {}};
    if (stream.edgeFeatures.columns)
      added.features = {stream.edgeFeatures.row(event),
                        static_cast<size_t>(stream.edgeFeatures.columns)};
    int32_t from = session->node(source), to = session->node(destination);
    auto score = [&](Moment moment) {
      PairQuery pair{from, to, moment};
      return session->score(std::span(&pair, 1), logit);
    };
    auto append = [&] {
      Status status = session->append(std::span(&added, 1));
      return status.ok() ? session->advance() : status;
    };
    Status status = scores.time([&] { return score(session->now()); });
    if (status.ok())
      status = both.time([&] {
        Status appended = appends.time(append);
        return appended.ok() ? score(session->now()) : appended;
      });
    if (status.ok())
      status = ranks.time([&] {
        return session->topK(from, session->now(), candidates, 10).status();
      });
    if (!status.ok())
      return status;
  }
  scores.print("one pair scored");
  appends.print("one event appended and in the states");
  both.print("one event appended and one pair scored");
  ranks.print(fmt::format("top 10 of {} candidates", candidates.size()));
  return Status();
}

int main(int argc, char **argv) {
  LatencyOptions options;
  options.session.blockSize = 1;
  CLI::App app("Times the answers of a trained model");
  app.add_option("--data", options.data, "The checkpoint's events")->required();
  app.add_option("--checkpoint", options.checkpoint, "Its directory")
      ->required();
  app.add_option("--threads", options.session.threads, "Threads; 0 for all")
      ->capture_default_str();
  app.add_option("--events", options.events, "Events to go through")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--candidates", options.candidates, "Candidates to rank")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Status status = run(options);
  if (!status.ok())
    std::cerr << "error: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
