//===- GpuContractionSchedule.cpp - How a GPU runs a contraction ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/GpuContractionSchedule.h"

using namespace mlir;
using namespace orcinus;

static constexpr StringLiteral matrixField = "matrix_instructions";

Schedule GpuContractionSchedule::toSchedule() const {
  Schedule schedule = GpuTiling::toSchedule();
  schedule.set(matrixField, matrixInstructions);
  return schedule;
}

FailureOr<GpuContractionSchedule>
GpuContractionSchedule::fromSchedule(const Schedule &schedule,
                                     Location location) {
  GpuContractionSchedule result;
  Schedule tilingFields;
  for (const auto &[name, value] : schedule.entries()) {
    if (name != matrixField) {
      tilingFields.set(name, value);
      continue;
    }
    if (value != 0 && value != 1)
      return emitScheduleError(location, name) << " must be 0 or 1";
    result.matrixInstructions = value;
  }
  StatusOr<GpuTiling> tiling = GpuTiling::fromSchedule(tilingFields);
  if (!tiling.ok())
    return emitError(location) << tiling.message();
  static_cast<GpuTiling &>(result) = *tiling;
  return result;
}

int64_t GpuContractionSchedule::subgroupRows(
    const MatrixInstruction &instruction) const {
  return threadRows * (instruction.lanes / instruction.result.groupLanes);
}

int64_t GpuContractionSchedule::subgroupColumns(
    const MatrixInstruction &instruction) const {
  return threadColumns * instruction.result.groupLanes;
}

/// An error where subgroups that use the target's matrix instructions do not
/// fill the block's tile, or the tiles that they read not the memory.
static LogicalResult verifyMatrices(const GpuContractionSchedule &schedule,
                                    const GpuTarget &target, Type operandType,
                                    Location location) {
  const MatrixInstruction *instruction =
      MatrixInstruction::find(target.matrixInstructions, operandType);
  if (!instruction)
    return emitScheduleError(location, matrixField)
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
  int64_t elementBytes = operandType.getIntOrFloatBitWidth() / 8;
  int64_t bytes = elementBytes * schedule.stages *
                  (schedule.blockRows + schedule.blockColumns) *
                  (schedule.blockReduction +
                   GpuContractionSchedule::depthPadding(elementBytes));
  if (bytes > target.workgroupBytes)
    return emitError(location)
           << "the schedule needs " << bytes
           << " bytes of workgroup memory, more than " << target.workgroupBytes;
  return success();
}

LogicalResult GpuContractionSchedule::verify(const GpuTarget &target,
                                             Type operandType,
                                             Location location) const {
  // Tiles for matrix instructions have another layout and size.
  int64_t blockBytes = matrixInstructions ? std::numeric_limits<int64_t>::max()
                                          : target.workgroupBytes;
  Status status = GpuTiling::verify(blockBytes);
  if (!status.ok())
    return emitError(location) << status.message();
  if (!matrixInstructions)
    return success();
  return verifyMatrices(*this, target, operandType, location);
}

GpuContractionSchedule
GpuContractionSchedule::byDefault(const ContractionExtents &extents,
                                  const GpuTarget &target, Type operandType) {
  constexpr int64_t many = 4096;
  auto known = [](int64_t extent) {
    return ShapedType::isDynamic(extent) ? many : extent;
  };
  GpuContractionSchedule schedule = {
      GpuTiling::byDefault({known(extents.batches), known(extents.allRows),
                            known(extents.columns), known(extents.reduction)})};
  const MatrixInstruction *instruction =
      MatrixInstruction::find(target.matrixInstructions, operandType);
  // Not on f32: NVIDIA's would take digits from it, and of AMD's the tuner,
  // with which defaults compete, has no model.
  if (!instruction || operandType.isF32())
    return schedule;
  schedule.matrixInstructions = 1;
  schedule.blockColumns =
      std::max(schedule.blockColumns, schedule.subgroupColumns(*instruction));
  schedule.blockReduction =
      std::max(schedule.blockReduction, 2 * instruction->depth);
  return schedule;
}
