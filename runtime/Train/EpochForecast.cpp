//===- EpochForecast.cpp - What an epoch will do and take -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/EpochForecast.h"

#include "lib/Support/Clock.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/TrainerImplementation.h"

#include <algorithm>
#include <cmath>
#include <utility>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// The cost of a step
//===----------------------------------------------------------------------===//

double StepCost::secondsOf(int64_t batches,
                           std::span<const int64_t> rows) const {
  double seconds = perStep * static_cast<double>(batches);
  for (size_t layer = 0; layer != perRow.size(); ++layer)
    seconds += perRow[layer] * static_cast<double>(rows[layer]);
  return seconds;
}

double StepCost::secondsOf(std::span<const double> rows) const {
  double seconds = perStep;
  for (size_t layer = 0; layer != perRow.size(); ++layer)
    seconds += perRow[layer] * rows[layer];
  return seconds;
}

namespace {

/// Least absolute deviations without negative coefficients: least squares, of
/// which each sample weighs the less the further it is off, again and again.
class CostFit {
public:
  explicit CostFit(std::span<const StepSample> samples)
      : samples(samples), columns(samples.front().rows.size() + 1),
        scales(columns, 0.0), coefficients(columns, 0.0) {
    // In units of the largest rows, so that all columns are about 1.
    for (size_t column = 0; column != columns; ++column)
      for (const StepSample &sample : samples)
        scales[column] = std::max(scales[column], rawValue(sample, column));
  }

  StepCost run() {
    std::vector<double> weights(samples.size(), 1.0);
    for (int round = 0; round != 50; ++round) {
      solve(weights);
      for (size_t index = 0; index != samples.size(); ++index) {
        double off = std::abs(samples[index].seconds - predict(samples[index]));
        weights[index] = 1.0 / std::max(off, 1e-3 * meanSeconds());
      }
    }
    StepCost cost;
    cost.perStep = coefficients[0];
    for (size_t column = 1; column != columns; ++column)
      cost.perRow.push_back(
          scales[column] > 0 ? coefficients[column] / scales[column] : 0.0);
    return cost;
  }

private:
  static double rawValue(const StepSample &sample, size_t column) {
    return column == 0 ? 1.0 : static_cast<double>(sample.rows[column - 1]);
  }
  double value(const StepSample &sample, size_t column) const {
    return scales[column] > 0 ? rawValue(sample, column) / scales[column] : 0.0;
  }
  double predict(const StepSample &sample) const {
    double seconds = 0;
    for (size_t column = 0; column != columns; ++column)
      seconds += coefficients[column] * value(sample, column);
    return seconds;
  }
  double meanSeconds() const {
    double sum = 0;
    for (const StepSample &sample : samples)
      sum += sample.seconds;
    return std::max(sum / static_cast<double>(samples.size()), 1e-12);
  }

  /// Weighted least squares, one coefficient at a time, each kept from below 0.
  void solve(const std::vector<double> &weights) {
    std::vector<std::vector<double>> products(
        columns, std::vector<double>(columns, 0.0));
    std::vector<double> targets(columns, 0.0);
    for (size_t index = 0; index != samples.size(); ++index)
      for (size_t left = 0; left != columns; ++left) {
        double weighted = weights[index] * value(samples[index], left);
        targets[left] += weighted * samples[index].seconds;
        for (size_t right = 0; right != columns; ++right)
          products[left][right] += weighted * value(samples[index], right);
      }
    for (int sweep = 0; sweep != 1000; ++sweep)
      for (size_t column = 0; column != columns; ++column) {
        if (products[column][column] <= 0)
          continue;
        double rest = targets[column];
        for (size_t other = 0; other != columns; ++other)
          if (other != column)
            rest -= products[column][other] * coefficients[other];
        coefficients[column] = std::max(0.0, rest / products[column][column]);
      }
  }

  std::span<const StepSample> samples;
  size_t columns;
  std::vector<double> scales;
  std::vector<double> coefficients;
};

} // namespace

StepCost orcinus::fitStepCost(std::span<const StepSample> samples) {
  return samples.empty() ? StepCost() : CostFit(samples).run();
}

//===----------------------------------------------------------------------===//
// The epoch
//===----------------------------------------------------------------------===//

StepScalars
Trainer::Implementation::scalarsWithoutLearning(int64_t batch) const {
  StepScalars result;
  result.step = batch + 1;
  result.dropoutSeed = static_cast<int64_t>(
      randomBits(options.seed, randomStream("dropout"), batch));
  return result;
}

/// Counts batches, and measures those whose steps are run.
class Trainer::Implementation::ForecastConsumer : public BatchConsumer {
public:
  ForecastConsumer(Implementation &trainer, EpochForecast &forecast)
      : trainer(trainer), forecast(forecast) {}

  /// Steps follow. The first one's preparation is not hidden behind another
  /// step: it is measured only where the epoch has no other.
  void beginSteps() {
    measures = forecast.batches == 1;
    last = Clock::now();
  }

  StepScalars scalars(int64_t batch) override {
    return trainer.scalarsWithoutLearning(batch);
  }

  Status consume(int64_t, const Invocation &results) override {
    auto now = Clock::now();
    count(results.tables());
    StepSample sample;
    results.tables().addRowsOfLayers(sample.rows);
    sample.seconds = secondsBetween(last, now);
    if (measures)
      forecast.samples.push_back(std::move(sample));
    measures = true;
    last = Clock::now();
    return Status();
  }

  /// Adds up what a batch reads and computes.
  void count(const StepTables &tables) {
    tables.addRowsOfLayers(forecast.rows);
    forecast.reuse += tables.reuse();
  }

private:
  Implementation &trainer;
  EpochForecast &forecast;
  bool measures = false;
  Clock::time_point last;
};

std::vector<std::pair<int64_t, int64_t>>
orcinus::measuredBatches(int64_t batches) {
  constexpr int64_t mostRuns = 8, steps = 7;
  std::vector<std::pair<int64_t, int64_t>> measured;
  int64_t runs = std::clamp<int64_t>(batches / steps, 1, mostRuns);
  int64_t done = 0;
  for (int64_t run = 0; run != runs; ++run) {
    // In the middle of a run's part of the epoch.
    int64_t middle = batches * (2 * run + 1) / (2 * runs);
    int64_t begin = std::max(done, middle - steps / 2);
    done = std::min(begin + steps, batches);
    measured.emplace_back(begin, done);
  }
  return measured;
}

StatusOr<EpochForecast> Trainer::Implementation::forecastEpoch() {
  EpochForecast forecast;
  BatchSequence sequence = trainSequence();
  forecast.batches = sequence.batchCount();
  ForecastConsumer consumer(*this, forecast);
  auto countBatch = [&](const Invocation &prepared) {
    consumer.count(prepared.tables());
  };
  model->useThreads(options.threads);
  state->clearNodeStates();
  Interruption interruption(*this, [] { return false; });
  int64_t done = 0;
  for (auto [begin, end] : measuredBatches(forecast.batches)) {
    Status status = trainer->replay(sequence, done, begin, countBatch);
    consumer.beginSteps();
    if (status.ok())
      status = trainer->run(sequence, begin, end, consumer);
    if (!status.ok())
      return status;
    done = end;
  }
  Status status = trainer->replay(sequence, done, forecast.batches, countBatch);
  if (!status.ok())
    return status;
  return forecast;
}

StatusOr<std::vector<int32_t>>
Trainer::Implementation::usefulCacheRows() const {
  return usefulRows(cacheWorkload(), manifest);
}
