//===- GpuTiling.cpp - How a GPU tiles a contraction ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuTiling.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

namespace {

struct Field {
  const char *name;
  int64_t GpuTiling::*value;
  int64_t least, most;
};

} // namespace

/// Threads of a block on any GPU.
static constexpr int64_t mostThreads = 1024;
/// Multiprocessors of a large GPU: fewer blocks leave some idle.
static constexpr int64_t multiprocessors = 128;
/// Registers of a thread for elements on their way into the other tile.
static constexpr int64_t mostOnTheirWay = 32;

static constexpr Field fields[] = {
    {"block_rows", &GpuTiling::blockRows, 4, 512},
    {"block_columns", &GpuTiling::blockColumns, 4, 512},
    {"block_reduction", &GpuTiling::blockReduction, 1, 256},
    {"thread_rows", &GpuTiling::threadRows, 4, 16},
    {"thread_columns", &GpuTiling::threadColumns, 4, 16},
    {"reduction_parts", &GpuTiling::reductionParts, 1, 256},
    {"stages", &GpuTiling::stages, 1, 2}};

int64_t GpuTiling::workgroupBytes() const {
  return 4 * stages * blockReduction * (blockRows + blockColumns + 2 * padding);
}

int64_t GpuTiling::copiedByThread() const {
  return divideUp(blockReduction * blockRows, threads()) +
         divideUp(blockReduction * blockColumns, threads());
}

Schedule GpuTiling::toSchedule() const {
  Schedule schedule;
  for (const Field &field : fields)
    schedule.set(field.name, this->*field.value);
  return schedule;
}

StatusOr<GpuTiling> GpuTiling::fromSchedule(const Schedule &schedule) {
  GpuTiling tiling;
  for (const auto &[name, value] : schedule.entries()) {
    const Field *field =
        std::find_if(std::begin(fields), std::end(fields),
                     [&](const Field &other) { return other.name == name; });
    if (field == std::end(fields))
      return Status::error(fmt::format("unknown '{}' in the schedule", name));
    if (value < field->least)
      return Status::error(fmt::format(
          "'{}' in the schedule must be at least {}", name, field->least));
    if (value > field->most)
      return Status::error(fmt::format(
          "'{}' in the schedule must be at most {}", name, field->most));
    tiling.*field->value = value;
  }
  return tiling;
}

/// Whether a thread's tile is a part of the block's.
static Status verifyPart(const char *name, int64_t part, int64_t tile) {
  if (part % GpuTiling::chunk != 0)
    return Status::error(
        fmt::format("'{}' in the schedule must be a multiple of {}", name,
                    GpuTiling::chunk));
  if (tile % part != 0)
    return Status::error(fmt::format(
        "'{}' in the schedule must divide the block's {}", name, tile));
  return Status();
}

Status GpuTiling::verify(int64_t blockBytes) const {
  if (Status status = verifyPart("thread_rows", threadRows, blockRows);
      !status.ok())
    return status;
  if (Status status = verifyPart("thread_columns", threadColumns, blockColumns);
      !status.ok())
    return status;
  if (threads() > mostThreads)
    return Status::error(
        fmt::format("the schedule has blocks of {} threads, more than {}",
                    threads(), mostThreads));
  if (workgroupBytes() > blockBytes)
    return Status::error(fmt::format(
        "the schedule needs {} bytes of workgroup memory, more than {}",
        workgroupBytes(), blockBytes));
  if (stages > 1 && copiedByThread() > mostOnTheirWay)
    return Status::error(fmt::format(
        "the schedule has {} elements of a step on their way through each "
        "thread, more than {}",
        copiedByThread(), mostOnTheirWay));
  return Status();
}

GpuTiling GpuTiling::byDefault(const ProductExtents &extents) {
  GpuTiling tiling;
  if (extents.columns <= 32)
    tiling.blockColumns = 32;
  if (extents.rows >= 1024) {
    tiling.blockRows = 128;
    tiling.threadRows = 8;
  } else if (extents.rows <= 32) {
    tiling.blockRows = 32;
  }
  int64_t blocks = divideUp(extents.rows, tiling.blockRows) *
                   divideUp(extents.columns, tiling.blockColumns) *
                   extents.batches;
  // Each part should have some steps of its own.
  int64_t longest = std::max<int64_t>(1, extents.reduction / 128);
  if (blocks < multiprocessors)
    tiling.reductionParts =
        std::clamp<int64_t>(2 * multiprocessors / std::max<int64_t>(1, blocks),
                            1, std::min<int64_t>(longest, 32));
  return tiling;
}
