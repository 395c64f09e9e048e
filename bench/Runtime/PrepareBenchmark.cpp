//===- PrepareBenchmark.cpp - Rate of a step's index work -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The index work of TGN's training step: two layers, 10 neighbours, batches of
// 200 from the last 70 % of wikipedia.txt's training events. The counters say
// how large the tables are. The environment variable ORCINUS_TEST_DATA names
// the folder of wikipedia.txt; where it is not there, a synthetic stream is
// used.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Prepare/StepTables.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

using namespace orcinus;

static const EventStream &benchmarkStream() {
  static const EventStream stream = [] {
    const char *folder = std::getenv("ORCINUS_TEST_DATA");
    auto loaded =
        loadEventStream(std::string(folder ? folder : ORCINUS_BENCHMARK_DATA) +
                        "/wikipedia.txt");
    if (!loaded.ok())
      loaded = loadEventStream("synthetic:nodes=9000,events=150000");
    return std::move(loaded->stream);
  }();
  return stream;
}

/// The calls of a two-layer program whose inner frontier has `key`.
static void prepareTwoLayers(StepTables &tables, int32_t key) {
  orcinus_rt_targets(&tables, 0);
  orcinus_rt_sample(&tables, 0, 1, 10, 0);
  orcinus_rt_frontier(&tables, 0, 1, 2, key);
  orcinus_rt_sample(&tables, 2, 3, 10, 0);
  orcinus_rt_frontier(&tables, 2, 3, 4, 2);
  orcinus_rt_pending(&tables, 4, 5);
  orcinus_rt_commit(&tables, 4, 6, 0);
}

static int64_t rowsOf(const StepTables &tables, int32_t handle) {
  return tables.find(handle, Component::Nodes)->shape()[0];
}

static void prepareStep(benchmark::State &state) {
  const EventStream &stream = benchmarkStream();
  TemporalGraph graph = TemporalGraph::build(stream);
  std::vector<int32_t> events(stream.eventCount());
  std::iota(events.begin(), events.end(), 0);
  size_t end = events.size() * 7 / 10, begin = end * 3 / 10;
  IndexState index(stream.nodeCount);
  StepTables tables;
  StepInput input;
  input.stream = &stream;
  input.graph = &graph;
  input.state = &index;
  size_t next = begin;
  int64_t inner = 0, outer = 0;
  for (auto _ : state) {
    input.events = std::span(events).subspan(next, 200);
    // Any node will do as a negative.
    input.negatives = std::span(stream.source).subspan(next / 2, 200);
    next = next + 400 < end ? next + 200 : begin;
    tables.begin(input);
    prepareTwoLayers(tables, static_cast<int32_t>(state.range(0)));
    benchmark::DoNotOptimize(tables.finish().ok());
    inner += rowsOf(tables, 2);
    outer += rowsOf(tables, 4);
  }
  using benchmark::Counter;
  state.counters["rows"] = Counter(inner, Counter::kAvgIterations);
  state.counters["nodes"] = Counter(outer, Counter::kAvgIterations);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(prepareStep)
    ->ArgName("key")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMicrosecond);
