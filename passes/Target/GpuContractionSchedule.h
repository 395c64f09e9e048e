//===- GpuContractionSchedule.h - How a GPU runs a contraction --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H
#define ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H

#include "lib/Tuning/GpuTiling.h"
#include "passes/Lowering/ContractionSchedule.h"
#include "passes/Target/KernelModule.h"

namespace orcinus {

/// How a GPU executes a contraction, as an op's attribute `eto.schedule` spells
/// it: `#eto.schedule<block_rows = 64, block_columns = 64, block_reduction =
/// 16, thread_rows = 4, thread_columns = 4>`. Names that are left out have the
/// values of `GpuTiling`, which has the rules, and below.
struct GpuContractionSchedule : GpuTiling {
  /// 1 multiplies tiles by matrix instructions, in the precision that they have
  /// for the operands' type: f32 becomes tf32 on NVIDIA's GPUs. The threads of
  /// a subgroup then share a tile of which each has as many rows and columns as
  /// its own would have, wherever the instruction puts them. 0 multiplies by
  /// FMA in f32.
  int64_t matrixInstructions = 0;

  bool operator==(const GpuContractionSchedule &) const = default;

  /// All fields by their names.
  Schedule toSchedule() const;

  /// The schedule that `schedule` spells; an error at `location` where a name
  /// is unknown or its value out of range.
  static mlir::FailureOr<GpuContractionSchedule>
  fromSchedule(const Schedule &schedule, mlir::Location location);

  /// An error at `location` where it does not fit `target` or operands of
  /// `operandType`.
  mlir::LogicalResult verify(const GpuTarget &target, mlir::Type operandType,
                             mlir::Location location) const;

  /// `GpuTiling::byDefault`, with dynamic extents taken for large, and matrix
  /// instructions for f16 and bf16 where `target` has them.
  static GpuContractionSchedule byDefault(const ContractionExtents &extents,
                                          const GpuTarget &target,
                                          mlir::Type operandType);

  /// The tile of a subgroup that uses `instruction`.
  int64_t subgroupRows(const MatrixInstruction &instruction) const;
  int64_t subgroupColumns(const MatrixInstruction &instruction) const;

  /// Elements between two rows of a tile for matrix instructions beyond its
  /// depth, where they have so many bytes: without them the threads that read a
  /// column meet in one bank.
  static constexpr int64_t depthPadding(int64_t elementBytes) {
    return 16 / elementBytes;
  }
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H
