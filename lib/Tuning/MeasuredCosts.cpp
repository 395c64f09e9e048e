//===- MeasuredCosts.cpp - What tuning is expected to take ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/MeasuredCosts.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

/// What a kind is taken for where nothing at all was measured: in proportion
/// about right, which is what a plan depends on.
static constexpr double unmeasuredCompileSeconds = 0.05;
static constexpr double unmeasuredRunSeconds = 0.03;
static constexpr double unmeasuredSecondsPerOperation = 1e-10;

/// The line of least squares; horizontal where it would fall, or where all
/// points have the same abscissa.
MeasuredCosts::Line MeasuredCosts::fit(const Points &points) {
  if (points.empty())
    return {};
  double meanX = 0, meanY = 0;
  for (auto [x, y] : points) {
    meanX += x / static_cast<double>(points.size());
    meanY += y / static_cast<double>(points.size());
  }
  double covariance = 0, variance = 0;
  for (auto [x, y] : points) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) * (x - meanX);
  }
  double slope = variance > 0 ? std::max(0.0, covariance / variance) : 0;
  // A negative fixed part would make small operators cheaper than nothing.
  if (slope * meanX > meanY)
    slope = meanX > 0 ? meanY / meanX : 0;
  return {meanY - slope * meanX, slope};
}

MeasuredCosts::KindCosts
MeasuredCosts::costsOf(const std::vector<TuningRecord> &records,
                       const OperatorDescription &representative) const {
  KindCosts costs;
  Points runs, loads;
  for (const TuningRecord &record : records) {
    const Measurement &measurement = record.measurement;
    double operations = static_cast<double>(
        representative.withExtents(record.extents).floatingPointOperations());
    costs.compileSeconds +=
        measurement.compileSeconds / static_cast<double>(records.size());
    runs.emplace_back(operations, measurement.runSeconds);
    if (measurement.loadSeconds > 0)
      loads.emplace_back(operations, measurement.loadSeconds);
  }
  costs.run = fit(runs);
  costs.load = fit(loads);
  return costs;
}

/// What was measured, where anything was: what was modelled took no time to
/// run.
static void dropModelled(std::vector<TuningRecord> &records) {
  auto isModelled = [](const TuningRecord &record) {
    return record.measurement.origin == TimeOrigin::Modelled;
  };
  if (!std::all_of(records.begin(), records.end(), isModelled))
    std::erase_if(records, isModelled);
}

StatusOr<MeasuredCosts>
MeasuredCosts::create(const TuningDatabase &database,
                      const std::vector<OperatorDescription> &operators,
                      TrialCounts trials) {
  MeasuredCosts costs;
  costs.trials = trials;
  for (const OperatorDescription &op : operators) {
    std::string kind = op.kind();
    if (costs.knows(kind))
      continue;
    StatusOr<std::vector<TuningRecord>> records = database.records(kind);
    if (!records.ok())
      return records.status();
    std::erase_if(*records, [&](const TuningRecord &record) {
      return record.extents.size() != op.loops.size();
    });
    dropModelled(*records);
    if (!records->empty())
      costs.kinds.emplace(kind, costs.costsOf(*records, op));
  }
  double count = static_cast<double>(costs.kinds.size());
  for (const auto &[kind, each] : costs.kinds) {
    costs.average.compileSeconds += each.compileSeconds / count;
    costs.average.run.fixed += each.run.fixed / count;
    costs.average.run.slope += each.run.slope / count;
    costs.average.load.fixed += each.load.fixed / count;
    costs.average.load.slope += each.load.slope / count;
  }
  if (costs.kinds.empty())
    costs.average = {
        unmeasuredCompileSeconds,
        {unmeasuredRunSeconds, unmeasuredSecondsPerOperation},
        {0, unmeasuredSecondsPerOperation},
    };
  return costs;
}

double MeasuredCosts::seconds(const OperatorDescription &op,
                              int64_t candidates) const {
  auto known = kinds.find(op.kind());
  const KindCosts &costs = known == kinds.end() ? average : known->second;
  double operations = static_cast<double>(op.floatingPointOperations());
  return costs.load.at(operations) +
         static_cast<double>(candidates) *
             (costs.compileSeconds + costs.run.at(operations));
}

double MeasuredCosts::searchSeconds(const OperatorDescription &op) const {
  return seconds(op, trials.search);
}

double MeasuredCosts::reuseSeconds(const OperatorDescription &source,
                                   const OperatorDescription &target) const {
  constexpr double lostShare = 0.02, farShare = 0.05;
  std::vector<int64_t> from = source.extents(), to = target.extents();
  auto further =
      static_cast<double>(std::max<int64_t>(0, differingExtents(from, to) - 1));
  return seconds(target, trials.reuse) +
         (lostShare * std::log2(extentRatio(from, to)) + farShare * further) *
             searchSeconds(target);
}
