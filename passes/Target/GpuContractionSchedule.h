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
/// values of `GpuTiling`, which has the rules.
struct GpuContractionSchedule : GpuTiling {
  bool operator==(const GpuContractionSchedule &) const = default;

  /// The schedule that `schedule` spells; an error at `location` where a name
  /// is unknown or its value out of range.
  static mlir::FailureOr<GpuContractionSchedule>
  fromSchedule(const Schedule &schedule, mlir::Location location);

  /// An error at `location` where it does not fit `target`.
  mlir::LogicalResult verify(const GpuTarget &target,
                             mlir::Location location) const;

  /// `GpuTiling::byDefault`, with dynamic extents taken for large.
  static GpuContractionSchedule byDefault(const ContractionExtents &extents);
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_GPUCONTRACTIONSCHEDULE_H
