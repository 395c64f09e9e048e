//===- CapacitySweep.cpp - What each capacity of caches gives -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CapacitySweep.h"

#include "lib/Support/MemoryGuard.h"
#include "runtime/Train/TrainerImplementation.h"

#include <algorithm>
#include <tuple>
#include <utility>

using namespace orcinus;

size_t orcinus::recommendPoint(std::span<const SweepPoint> points,
                               bool recomputesMisses) {
  auto share = [](const ReuseCounts &reuse) {
    return static_cast<double>(reuse.hits) /
           static_cast<double>(std::max<int64_t>(reuse.outOfBatchReads, 1));
  };
  auto isWorthIt = [&](const SweepPoint &more, const SweepPoint &less) {
    if (recomputesMisses)
      return more.seconds < (1 - littleGain) * less.seconds;
    return share(more.epoch.reuse) > share(less.epoch.reuse) + littleGain;
  };
  for (size_t point = 0; point + 1 < points.size(); ++point)
    if (std::none_of(points.begin() + static_cast<std::ptrdiff_t>(point) + 1,
                     points.end(), [&](const SweepPoint &more) {
                       return isWorthIt(more, points[point]);
                     }))
      return point;
  return points.size() - 1;
}

/// From no room to all that the policy has use for.
static std::vector<CacheRoom> doublings(const Manifest &manifest,
                                        std::span<const int32_t> usefulRows) {
  constexpr int64_t largestDivisor = 32;
  std::vector<CacheRoom> series{{{}, 0}};
  int64_t most = 0, least = 0;
  for (size_t cache = 0; cache != manifest.caches.size(); ++cache) {
    int64_t bytes = embeddingBytes(manifest.caches[cache]);
    most += usefulRows[cache] * bytes;
    least += bytes;
  }
  for (int64_t divisor = largestDivisor; divisor != 0; divisor /= 2) {
    if (usefulRows.size() != 1) {
      if (most / divisor >= least)
        series.push_back({most / divisor, {}});
    } else if (usefulRows.front() / divisor > 0) {
      series.push_back(
          {{}, static_cast<int32_t>(usefulRows.front() / divisor)});
    }
  }
  return series;
}

/// Makes the points of a sweep.
class orcinus::CapacitySweeper {
public:
  CapacitySweeper(const std::shared_ptr<const EventStream> &stream,
                  const std::shared_ptr<const CompiledModel> &model,
                  const TrainOptions &options)
      : stream(stream), model(model), options(options) {}

  StatusOr<CapacitySweep> run(std::vector<CacheRoom> series) {
    if (series.empty()) {
      auto made = defaultSeries();
      if (!made.ok())
        return made.status();
      series = std::move(*made);
    }
    for (const CacheRoom &room : series)
      if (Status status = addPoint(room); !status.ok())
        return status;
    // Of what gives the same caches, the least that was asked for comes first.
    std::ranges::sort(sweep.points, {}, [](const SweepPoint &point) {
      return std::tuple(point.bytes, point.room.memory, point.room.capacity);
    });
    sweep.cost = fitStepCost(samples);
    for (SweepPoint &point : sweep.points)
      point.seconds =
          sweep.cost.secondsOf(point.epoch.batches, point.epoch.rows);
    sweep.recommended = recommendPoint(sweep.points, recomputesMisses);
    return std::move(sweep);
  }

private:
  StatusOr<std::unique_ptr<Trainer::Implementation>>
  makeTrainer(const CacheRoom &room) const {
    return Trainer::Implementation::create(stream, model, options,
                                           /*labels=*/nullptr, room);
  }

  StatusOr<std::vector<CacheRoom>> defaultSeries() const {
    auto trainer = makeTrainer({{}, 0});
    if (!trainer.ok())
      return trainer.status();
    auto rows = (*trainer)->usefulCacheRows();
    if (!rows.ok())
      return rows.status();
    return doublings((*trainer)->program(), *rows);
  }

  Status addPoint(const CacheRoom &room) {
    auto trainer = makeTrainer(room);
    if (!trainer.ok())
      return trainer.status();
    SweepPoint point;
    point.room = room;
    for (const CacheSpecification &cache : (*trainer)->program().caches) {
      point.capacities.push_back(*cache.capacity);
      point.bytes += *cache.capacity * embeddingBytes(cache);
      recomputesMisses = cache.recomputesMisses;
    }
    auto epoch = (*trainer)->forecastEpoch();
    if (!epoch.ok())
      return epoch.status();
    point.epoch = std::move(*epoch);
    samples.insert(samples.end(), point.epoch.samples.begin(),
                   point.epoch.samples.end());
    point.epoch.samples.clear();
    sweep.points.push_back(std::move(point));
    return Status();
  }

  const std::shared_ptr<const EventStream> &stream;
  const std::shared_ptr<const CompiledModel> &model;
  const TrainOptions &options;
  bool recomputesMisses = true;
  std::vector<StepSample> samples;
  CapacitySweep sweep;
};

StatusOr<CapacitySweep>
orcinus::sweepCapacities(const std::shared_ptr<const EventStream> &stream,
                         const std::shared_ptr<const CompiledModel> &model,
                         const TrainOptions &options,
                         std::vector<CacheRoom> series) {
  return guarded([&] {
    return CapacitySweeper(stream, model, options).run(std::move(series));
  });
}
