//===- GpuContractionSchedule.cpp - How a GPU runs a contraction ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/GpuContractionSchedule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

/// Threads of a block on any GPU.
static constexpr int64_t mostThreads = 1024;
/// Multiprocessors of a large GPU: fewer blocks leave some idle.
static constexpr int64_t multiprocessors = 128;

static constexpr ScheduleField fields[] = {
    {"block_rows", 4, 512},       {"block_columns", 4, 512},
    {"block_reduction", 1, 256},  {"thread_rows", 4, 16},
    {"thread_columns", 4, 16},    {"reduction_parts", 1, 256},
    {"matrix_instructions", 0, 1}};

int64_t GpuContractionSchedule::subgroupRows(
    const MatrixInstruction &instruction) const {
  return threadRows * (instruction.lanes / instruction.result.groupLanes);
}

int64_t GpuContractionSchedule::subgroupColumns(
    const MatrixInstruction &instruction) const {
  return threadColumns * instruction.result.groupLanes;
}

int64_t GpuContractionSchedule::workgroupBytes(Type operandType) const {
  if (matrixInstructions) {
    int64_t bytes = operandType.getIntOrFloatBitWidth() / 8;
    return bytes * (blockReduction + padding(bytes)) *
           (blockRows + blockColumns);
  }
  return 4 * blockReduction * (blockRows + blockColumns + 2 * padding(4));
}

Schedule GpuContractionSchedule::toSchedule() const {
  return spellSchedule(fields,
                       {blockRows, blockColumns, blockReduction, threadRows,
                        threadColumns, reductionParts, matrixInstructions});
}

FailureOr<GpuContractionSchedule>
GpuContractionSchedule::fromSchedule(const Schedule &schedule,
                                     Location location) {
  GpuContractionSchedule result;
  int64_t *values[] = {&result.blockRows,         &result.blockColumns,
                       &result.blockReduction,    &result.threadRows,
                       &result.threadColumns,     &result.reductionParts,
                       &result.matrixInstructions};
  if (failed(readSchedule(schedule, fields, values, location)))
    return failure();
  return result;
}

/// An error where subgroups that use the target's matrix instructions do not
/// fill the block's tile.
static LogicalResult verifyMatrices(const GpuContractionSchedule &schedule,
                                    const GpuTarget &target, Type operandType,
                                    Location location) {
  const MatrixInstruction *instruction =
      MatrixInstruction::find(target.matrixInstructions, operandType);
  if (!instruction)
    return emitScheduleError(location, "matrix_instructions")
           << " must be 0: the target has none for " << operandType;
  for (auto [name, tile, part] :
       {std::tuple("block_rows", schedule.blockRows,
                   schedule.subgroupRows(*instruction)),
        std::tuple("block_columns", schedule.blockColumns,
                   schedule.subgroupColumns(*instruction)),
        std::tuple("block_reduction", schedule.blockReduction,
                   instruction->depth)})
    if (tile % part != 0)
      return emitScheduleError(location, name)
             << " must be a multiple of " << part
             << " for matrix instructions on " << operandType;
  return success();
}

LogicalResult GpuContractionSchedule::verify(const GpuTarget &target,
                                             Type operandType,
                                             Location location) const {
  for (auto [name, tile, part] :
       {std::tuple("thread_rows", blockRows, threadRows),
        std::tuple("thread_columns", blockColumns, threadColumns)}) {
    if (part % 4 != 0)
      return emitScheduleError(location, name) << " must be a multiple of 4";
    if (tile % part != 0)
      return emitScheduleError(location, name)
             << " must divide the block's " << tile;
  }
  if (matrixInstructions &&
      failed(verifyMatrices(*this, target, operandType, location)))
    return failure();
  if (threads() > mostThreads)
    return emitError(location) << "the schedule has blocks of " << threads()
                               << " threads, more than " << mostThreads;
  if (workgroupBytes(operandType) > target.workgroupBytes)
    return emitError(location)
           << "the schedule needs " << workgroupBytes(operandType)
           << " bytes of workgroup memory, more than " << target.workgroupBytes;
  return success();
}

GpuContractionSchedule
GpuContractionSchedule::byDefault(const ContractionExtents &extents,
                                  const MatrixInstruction *instruction) {
  GpuContractionSchedule schedule;
  bool byMatrices = instruction && !instruction->truncatesToTf32;
  schedule.matrixInstructions = byMatrices;
  constexpr int64_t many = 4096;
  auto known = [](int64_t extent) {
    return ShapedType::isDynamic(extent) ? many : extent;
  };
  int64_t rows = known(extents.allRows), columns = known(extents.columns);
  int64_t reduction = known(extents.reduction);
  if (columns <= 32 &&
      !(byMatrices && schedule.subgroupColumns(*instruction) > 32))
    schedule.blockColumns = 32;
  if (rows >= 1024) {
    schedule.blockRows = 128;
    schedule.threadRows = 8;
  } else if (rows <= 32) {
    schedule.blockRows = 32;
  }
  if (byMatrices)
    schedule.blockReduction =
        std::max(schedule.blockReduction, 2 * instruction->depth);
  int64_t blocks = llvm::divideCeil(rows, schedule.blockRows) *
                   llvm::divideCeil(columns, schedule.blockColumns) *
                   known(extents.batches);
  // Each part should have some steps of its own.
  int64_t longest = std::max<int64_t>(1, reduction / 128);
  if (blocks < multiprocessors)
    schedule.reductionParts = std::clamp<int64_t>(
        2 * multiprocessors / blocks, 1, std::min<int64_t>(longest, 32));
  return schedule;
}
