//===- GpuContractionSpace.cpp - Schedules of contractions on GPUs --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"
#include "Spaces.h"

#include "lib/Tuning/GpuModel.h"
#include "lib/Tuning/GpuTiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace orcinus;

namespace {

class GpuContractionSpace : public ScheduleSpace {
public:
  GpuContractionSpace(OperatorDescription description, TargetDescription target,
                      const GpuChip &chip, ContractionLoops loops,
                      ProductExtents extents);

  Status legal(const Schedule &schedule) const override;
  Schedule defaultSchedule() const override {
    return GpuTiling::byDefault(extents).toSchedule();
  }
  Schedule compilerSchedule() const override { return defaultSchedule(); }
  std::vector<float> features(const Schedule &schedule) const override;

private:
  double expectedMicroseconds(const GpuTiling &tiling) const;

  const GpuChip &chip;
  ProductExtents extents;
};

} // namespace

/// The values up to the first that holds all of `extent`.
static std::vector<int64_t> upTo(std::vector<int64_t> values, int64_t extent) {
  auto whole = std::lower_bound(values.begin(), values.end(), extent);
  if (whole != values.end())
    values.erase(whole + 1, values.end());
  return values;
}

GpuContractionSpace::GpuContractionSpace(OperatorDescription description,
                                         TargetDescription target,
                                         const GpuChip &chip,
                                         ContractionLoops loops,
                                         ProductExtents extents)
    : ScheduleSpace(std::move(description), std::move(target)), chip(chip),
      extents(extents) {
  const std::vector<int64_t> tiles = {16, 32, 48, 64, 96, 128, 192, 256};
  const std::vector<int64_t> parts = {4, 8, 12, 16};
  // A part that is shorter than this spends its time on starting and adding.
  constexpr int64_t shortestPart = 32;
  std::vector<int64_t> cuts = {1};
  for (int64_t cut : {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64})
    if (cut * shortestPart <= extents.reduction)
      cuts.push_back(cut);
  addParameter({"block_rows", ParameterRole::OuterTile, loops.row, 1,
                upTo(tiles, extents.rows)});
  addParameter({"block_columns", ParameterRole::OuterTile, loops.column, 1,
                upTo(tiles, extents.columns)});
  // The tiles below are parts of a block's, not of a loop: they fit any extent.
  addParameter({"block_reduction", ParameterRole::InnerTile, -1, 1,
                upTo({8, 16, 32, 64}, extents.reduction)});
  addParameter({"thread_rows", ParameterRole::InnerTile, -1, 1, parts});
  addParameter({"thread_columns", ParameterRole::InnerTile, -1, 1, parts});
  addParameter({"reduction_parts", ParameterRole::ParallelSplit,
                loops.reduction, 1, cuts});
  addParameter({"stages", ParameterRole::InnerTile, -1, 1, {1, 2}});
}

Status GpuContractionSpace::legal(const Schedule &schedule) const {
  StatusOr<GpuTiling> tiling = GpuTiling::fromSchedule(schedule);
  if (!tiling.ok())
    return tiling.status();
  // The compiler takes the fields in any order, and the defaults of those that
  // are not there; a tuner's schedules are spelled in one way.
  if (tiling->toSchedule() != schedule)
    return Status::error(fmt::format("a schedule of '{}' has all of '{}'",
                                     description().name,
                                     tiling->toSchedule().toString()));
  return tiling->verify(chip.blockBytes);
}

/// What the model says before anything is compiled, with the registers that a
/// thread's tile and its addresses need at least; much where it does not fit.
double
GpuContractionSpace::expectedMicroseconds(const GpuTiling &tiling) const {
  constexpr int64_t otherRegisters = 32;
  KernelResources kernel;
  kernel.threads = tiling.threads();
  kernel.registers = tiling.threadRows * tiling.threadColumns +
                     tiling.threadRows + tiling.threadColumns + otherRegisters;
  if (tiling.stages > 1)
    kernel.registers += tiling.copiedByThread();
  kernel.workgroupBytes = tiling.workgroupBytes();
  StatusOr<double> time =
      contractionMicroseconds(chip, extents, tiling, kernel);
  constexpr double much = 1e6;
  return time.ok() ? *time : much;
}

std::vector<float>
GpuContractionSpace::features(const Schedule &schedule) const {
  std::vector<float> result = ScheduleSpace::features(schedule);
  GpuTiling tiling = *GpuTiling::fromSchedule(schedule);
  auto add = [&](double value) { result.push_back(static_cast<float>(value)); };
  double rows = double(tiling.blockRows), columns = double(tiling.blockColumns);
  add(std::log2(double(tiling.threads())));
  add(std::log2(double(tiling.workgroupBytes())));
  // What is copied, and loaded from the copy, for each multiplication.
  add((rows + columns) / (rows * columns));
  add(double(tiling.threadRows + tiling.threadColumns) /
      double(tiling.threadRows * tiling.threadColumns));
  double blocks = double(blocksOf(extents, tiling));
  add(std::log2(blocks));
  // The share of the last wave that does nothing, where a multiprocessor holds
  // one block.
  double waves = blocks / chip.multiprocessors;
  add(std::ceil(waves) / waves - 1);
  constexpr double furthest = 4;
  add(std::min(furthest,
               std::log2(expectedMicroseconds(tiling) /
                         expectedMicroseconds(GpuTiling::byDefault(extents)))));
  double work = double(extents.batches * extents.rows * extents.columns);
  add(blocks / double(tiling.reductionParts) * rows * columns / work - 1);
  return result;
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createGpuContractionSpace(const OperatorDescription &description,
                                   const TargetDescription &target) {
  StatusOr<const GpuChip *> chip = findGpuChip(target.name);
  if (!chip.ok())
    return chip.status();
  StatusOr<ContractionLoops> loops = ContractionLoops::of(description);
  if (!loops.ok())
    return loops.status();
  StatusOr<ProductExtents> extents = productExtents(description);
  if (!extents.ok())
    return extents.status();
  return std::unique_ptr<ScheduleSpace>(std::make_unique<GpuContractionSpace>(
      description, target, **chip, *loops, *extents));
}
