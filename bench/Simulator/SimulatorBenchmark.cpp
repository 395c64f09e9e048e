//===- SimulatorBenchmark.cpp - Simulated threads per second --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels of next to no work of their own, written by hand: what is left is the
// simulator. `threads/s` are threads that ran to their end, `waits/s` barriers
// and shuffles that a thread waited at.
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/Simulator.h"
#include "runtime/Simulator/SimulatorAbi.h"

#include <benchmark/benchmark.h>

#include <array>
#include <vector>

using namespace orcinus;

static constexpr int64_t blocks = 64, threads = 256, rounds = 16;

static float *elementOf(void **params, SimulatorThread *self) {
  return *static_cast<float **>(params[0]) +
         self->blockId[0] * self->blockDim[0] + self->threadId[0];
}

static void addOne(void **params, SimulatorThread *self) {
  *elementOf(params, self) += 1;
}

static void waitAtBarriers(void **params, SimulatorThread *self) {
  for (int64_t round = 0; round < rounds; ++round) {
    *elementOf(params, self) += 1;
    orcinus_sim_barrier(self, "benchmark:1:1");
  }
}

static void waitAtShuffles(void **params, SimulatorThread *self) {
  int32_t bits = self->threadId[0], valid;
  for (int64_t round = 0; round < rounds; ++round)
    bits += orcinus_sim_shuffle(self, static_cast<int32_t>(ShuffleMode::Xor),
                                bits, 1, 32, &valid, "benchmark:2:1");
  *elementOf(params, self) = bits;
}

/// A round is an access to global memory and two to workgroup memory.
static void accessMemory(void **params, SimulatorThread *self) {
  float *element = elementOf(params, self);
  float *shared =
      reinterpret_cast<float *>(self->workgroup) + self->threadId[0];
  constexpr auto read = static_cast<int32_t>(AccessKind::Read);
  constexpr auto write = static_cast<int32_t>(AccessKind::Write);
  for (int64_t round = 0; round < rounds; ++round) {
    orcinus_sim_access(self, shared, 4, write, "benchmark:3:1");
    *shared = 1;
    orcinus_sim_access(self, shared, 4, read, "benchmark:4:1");
    orcinus_sim_access(self, element, 4, write, "benchmark:5:1");
    *element = *shared;
  }
}

/// Runs `kernel`, whose threads do `perThread` of what is counted as `what`.
static void run(benchmark::State &state, const SimulatedKernel &kernel,
                SimulatorOptions options, const char *what, int64_t perThread) {
  std::vector<float> elements(blocks * threads);
  float *data = elements.data();
  void *params[] = {&data};
  Simulator simulator(options);
  for (auto _ : state) {
    Status status =
        simulator.launch(kernel, {blocks, 1, 1}, {threads, 1, 1}, 0, params);
    if (!status.ok())
      state.SkipWithError(status.message().c_str());
  }
  auto total = static_cast<double>(state.iterations() * blocks * threads);
  state.counters["threads/s"] =
      benchmark::Counter(total, benchmark::Counter::kIsRate);
  if (perThread > 0)
    state.counters[what] = benchmark::Counter(
        total * static_cast<double>(perThread), benchmark::Counter::kIsRate);
}

static void inTurn(benchmark::State &state) {
  run(state, {&addOne, "in turn", 0, 32, 0}, {}, "", 0);
}
BENCHMARK(inTurn);

static void onFibers(benchmark::State &state) {
  run(state, {&addOne, "on fibers", 0, 32, 1}, {}, "", 0);
}
BENCHMARK(onFibers);

static void barriers(benchmark::State &state) {
  run(state, {&waitAtBarriers, "barriers", 0, 32, 1}, {}, "waits/s", rounds);
}
BENCHMARK(barriers);

static void shuffles(benchmark::State &state) {
  run(state, {&waitAtShuffles, "shuffles", 0, 32, 1}, {}, "waits/s", rounds);
}
BENCHMARK(shuffles);

static void checkedAccesses(benchmark::State &state) {
  run(state, {&accessMemory, "accesses", 4 * threads, 32, 1}, {.check = true},
      "accesses/s", 3 * rounds);
}
BENCHMARK(checkedAccesses);
