//===- GpuContractionSchedule.h - How a GPU runs a contraction --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H
#define ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H

#include "passes/Lowering/ContractionSchedule.h"
#include "passes/Target/KernelModule.h"

namespace orcinus {

/// How a GPU executes a contraction, as an op's attribute `eto.schedule` spells
/// it: `#eto.schedule<block_rows = 64, block_columns = 64, block_reduction =
/// 16, thread_rows = 4, thread_columns = 4>`. Names that are left out have the
/// values below.
///
/// A block of threads computes a tile of the result. For each step of the
/// reduction it copies the tile's parts of both operands into workgroup memory,
/// and each thread adds their products to a smaller tile in its registers, or
/// each subgroup to one in the registers of all its threads, by matrix
/// instructions.
struct GpuContractionSchedule {
  /// The block's tile, and the steps of the reduction between two barriers.
  int64_t blockRows = 64, blockColumns = 64, blockReduction = 16;
  /// A thread's tile, multiples of 4. With matrix instructions the threads of a
  /// subgroup share a tile in which each has that many rows and columns,
  /// wherever the instruction puts them.
  int64_t threadRows = 4, threadColumns = 4;
  /// Parts that the reduction is cut into, each a block of its own; another
  /// kernel adds them in order. 1 does not cut it.
  int64_t reductionParts = 1;
  /// 1 multiplies by matrix instructions, in the precision that they have for
  /// the operands' type: f32 becomes tf32 on NVIDIA's GPUs. 0 by FMA in f32.
  int64_t matrixInstructions = 0;

  bool operator==(const GpuContractionSchedule &) const = default;

  int64_t threads() const {
    return (blockRows / threadRows) * (blockColumns / threadColumns);
  }
  /// The tile of a subgroup that uses `instruction`.
  int64_t subgroupRows(const MatrixInstruction &instruction) const;
  int64_t subgroupColumns(const MatrixInstruction &instruction) const;

  /// Elements between two rows of a tile in workgroup memory, beyond those that
  /// it needs, where they have so many bytes: without them the threads that
  /// read or write a column meet in one bank.
  static constexpr int64_t padding(int64_t elementBytes) {
    return 16 / elementBytes;
  }

  /// Bytes of workgroup memory for operands of `operandType`.
  int64_t workgroupBytes(mlir::Type operandType) const;

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

  /// A good schedule without measuring anything: large tiles where there are
  /// rows for them, parts of the reduction where tiles alone would leave most
  /// multiprocessors idle; `instruction`, what the target has for the operands'
  /// type or null, where it takes no precision from them.
  static GpuContractionSchedule byDefault(const ContractionExtents &extents,
                                          const MatrixInstruction *instruction);
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H
