//===- GpuContractionSchedule.cpp - How a GPU runs a contraction ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/GpuContractionSchedule.h"

using namespace mlir;
using namespace orcinus;

FailureOr<GpuContractionSchedule>
GpuContractionSchedule::fromSchedule(const Schedule &schedule,
                                     Location location) {
  StatusOr<GpuTiling> tiling = GpuTiling::fromSchedule(schedule);
  if (!tiling.ok())
    return emitError(location) << tiling.message();
  return GpuContractionSchedule{*tiling};
}

LogicalResult GpuContractionSchedule::verify(const GpuTarget &target,
                                             Location location) const {
  Status status = GpuTiling::verify(target.workgroupBytes);
  if (!status.ok())
    return emitError(location) << status.message();
  return success();
}

GpuContractionSchedule
GpuContractionSchedule::byDefault(const ContractionExtents &extents) {
  constexpr int64_t many = 4096;
  auto known = [](int64_t extent) {
    return ShapedType::isDynamic(extent) ? many : extent;
  };
  return {
      GpuTiling::byDefault({known(extents.batches), known(extents.allRows),
                            known(extents.columns), known(extents.reduction)})};
}
