//===- GraphBenchmark.cpp - Rates of loading, building and sampling -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// items_per_second is events a second or queries a second. The environment
// variable ORCINUS_TEST_DATA names the folder of wikipedia.txt; where that is
// not there its benchmarks are skipped.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Graph/Writer.h"
#include "orcinus/Sampling/NeighbourSampler.h"
#include "orcinus/Support/Processors.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace orcinus;

static std::string wikipediaPath() {
  const char *folder = std::getenv("ORCINUS_TEST_DATA");
  return std::string(folder ? folder : ORCINUS_BENCHMARK_DATA) +
         "/wikipedia.txt";
}

/// The stream of wikipedia.txt, loaded once; skips `state` where it is missing.
static const EventStream *wikipedia(benchmark::State &state) {
  static StatusOr<LoadedStream> loaded = loadEventStream(wikipediaPath());
  if (loaded.ok())
    return &loaded->stream;
  state.SkipWithError(loaded.message().c_str());
  return nullptr;
}

static void loadFile(benchmark::State &state, const std::string &path) {
  int64_t events = 0;
  for (auto _ : state) {
    StatusOr<LoadedStream> loaded = loadEventStream(path);
    if (!loaded.ok()) {
      state.SkipWithError(loaded.message().c_str());
      return;
    }
    events += loaded->stream.eventCount();
  }
  state.SetItemsProcessed(events);
}

static void loadWikipedia(benchmark::State &state) {
  loadFile(state, wikipediaPath());
}
BENCHMARK(loadWikipedia)->Unit(benchmark::kMillisecond);

/// Loads a generated file; arguments: events, columns of edge features.
static void loadGenerated(benchmark::State &state) {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("orcinus-bench-" + std::to_string(state.range(0)) + "-" +
                       std::to_string(state.range(1)) + ".csv"))
                         .string();
  StatusOr<EventStream> stream = generateEventStream(
      {state.range(0) / 100, state.range(0), 1, state.range(1)});
  Status status = stream.ok() ? writeEventCsv(*stream, path) : stream.status();
  if (status.ok())
    loadFile(state, path);
  else
    state.SkipWithError(status.message().c_str());
  std::filesystem::remove(path);
}
BENCHMARK(loadGenerated)
    ->ArgNames({"events", "features"})
    ->Args({1000000, 0})
    ->Args({100000, 16})
    ->Unit(benchmark::kMillisecond);

/// Generates a stream; argument: events.
static void generate(benchmark::State &state) {
  for (auto _ : state) {
    StatusOr<EventStream> stream =
        generateEventStream({state.range(0) / 100, state.range(0), 1, 0});
    benchmark::DoNotOptimize(stream);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(generate)->ArgName("events")->Arg(1000000)->Unit(
    benchmark::kMillisecond);

/// Arguments from one thread to all of them.
static void threadCounts(benchmark::internal::Benchmark *benchmark) {
  int64_t all = usableProcessors();
  benchmark->ArgName("threads")->Arg(1)->UseRealTime();
  if (all > 1)
    benchmark->Arg(all);
}

/// Builds the adjacency of wikipedia.txt; argument: threads.
static void buildTemporalGraph(benchmark::State &state) {
  const EventStream *stream = wikipedia(state);
  if (!stream)
    return;
  for (auto _ : state) {
    TemporalGraph graph =
        TemporalGraph::build(*stream, {}, static_cast<int>(state.range(0)));
    benchmark::DoNotOptimize(graph);
  }
  state.SetItemsProcessed(state.iterations() * stream->eventCount());
}
BENCHMARK(buildTemporalGraph)
    ->Apply(threadCounts)
    ->Unit(benchmark::kMillisecond);

/// Samples 10 neighbours of both endpoints of every event of wikipedia.txt at
/// the event's time, in batches of 400 queries; argument: threads.
static void sample(benchmark::State &state, SamplingPolicy policy) {
  const EventStream *stream = wikipedia(state);
  if (!stream)
    return;
  constexpr size_t k = 10, batch = 400;
  TemporalGraph graph = TemporalGraph::build(*stream);
  std::vector<int32_t> nodes;
  std::vector<Timestamp> times;
  for (size_t event = 0; event < stream->time.size(); ++event) {
    nodes.insert(nodes.end(),
                 {stream->source[event], stream->destination[event]});
    times.insert(times.end(), 2, stream->time[event]);
  }
  std::vector<int32_t> neighbours(batch * k), events(batch * k), counts(batch);
  std::vector<Timestamp> eventTimes(batch * k);
  std::vector<float> timeDeltas(batch * k);
  for (auto _ : state)
    for (size_t first = 0; first + batch <= nodes.size(); first += batch)
      sampleNeighbours(graph, std::span(nodes).subspan(first, batch),
                       std::span(times).subspan(first, batch), k, policy, 1,
                       static_cast<int>(state.range(0)),
                       {neighbours, events, eventTimes, timeDeltas, counts});
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(nodes.size() / batch * batch));
}
BENCHMARK_CAPTURE(sample, recent, SamplingPolicy::Recent)
    ->Apply(threadCounts)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sample, uniform, SamplingPolicy::Uniform)
    ->Apply(threadCounts)
    ->Unit(benchmark::kMillisecond);
