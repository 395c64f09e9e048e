//===- ShardForecast.cpp - What the shards of an epoch do -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardForecast.h"

#include "runtime/Train/TrainerImplementation.h"

using namespace orcinus;

class Trainer::Implementation::ShardForecastConsumer : public BatchConsumer {
public:
  explicit ShardForecastConsumer(const Implementation &trainer)
      : trainer(trainer) {}

  StepScalars scalars(int64_t batch) override {
    return trainer.scalarsWithoutLearning(batch);
  }
  Status consume(int64_t, const Invocation &) override { return Status(); }

private:
  const Implementation &trainer;
};

StatusOr<ShardForecast>
Trainer::Implementation::forecastShards(bool measures,
                                        std::span<const int64_t> counts) {
  ShardForecast forecast;
  BatchSequence sequence = trainSequence();
  forecast.batches = sequence.batchCount();
  forecast.sumMessages = sharder->messages();
  forecast.gradientBytes = sharder->gradientBytes();
  const ShardedCaches *caches = sharder->readCaches();
  forecast.keepsCaches = caches != nullptr;
  ShardForecastConsumer consumer(*this);
  model->useThreads(options.threads);
  state->clearNodeStates();
  Interruption interruption(*this, [] { return false; });
  ShardTimes &times = forecast.times;
  sharder->measure(&times);
  std::vector<RowTraffic> traffics;
  if (state->exchange || (options.state == "sharded" && caches))
    for (int64_t count : counts)
      traffics.emplace_back(count, sharder->rowBytes(),
                            /*remembers=*/device == nullptr);
  sharder->countRows(traffics);
  bool needsAll = caches || !traffics.empty();
  int64_t done = 0, counted = 0;
  for (auto [begin, end] : measuredBatches(forecast.batches)) {
    Status status;
    if (needsAll) {
      status = sharder->replay(sequence, done, begin);
      counted += begin - done;
    }
    if (status.ok())
      status = measures ? sharder->run(sequence, begin, end, consumer)
                        : sharder->replay(sequence, begin, end);
    if (!status.ok())
      return status;
    counted += end - begin;
    done = end;
  }
  if (needsAll) {
    Status status = sharder->replay(sequence, done, forecast.batches);
    if (!status.ok())
      return status;
    counted += forecast.batches - done;
  }
  auto batches = static_cast<double>(counted);
  ShardLoad &load = forecast.load;
  load.shards = *options.shards;
  load.shardsOfBatch = static_cast<double>(times.taken) / batches;
  for (int64_t rows : times.rows)
    load.rows.push_back(static_cast<double>(rows) /
                        static_cast<double>(times.taken));
  if (caches) {
    load.keyBytes =
        static_cast<double>(caches->gatheredSoFar().keyBytes) / batches;
    load.rowBytes =
        static_cast<double>(caches->gatheredSoFar().rowBytes) / batches;
  }
  for (const RowTraffic &traffic : traffics) {
    double steps = batches * static_cast<double>(traffic.processes());
    load.sharedRows[traffic.processes()] = {
        static_cast<double>(traffic.messages()) / steps,
        static_cast<double>(traffic.bytes()) / steps};
  }
  sharder->measure(nullptr);
  sharder->countRows({});
  return forecast;
}
