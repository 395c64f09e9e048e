//===- Spaces.h - The schedule space of each family -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_SPACES_SPACES_H
#define ORCINUS_LIB_TUNING_SPACES_SPACES_H

#include "orcinus/Tuning/ScheduleSpace.h"

namespace orcinus {

/// Register tiles, blocks at three levels, their order, tasks of rows and
/// columns, packed operands. Errors: what is not lowered as a contraction.
StatusOr<std::unique_ptr<ScheduleSpace>>
createContractionSpace(const OperatorDescription &description,
                       const TargetDescription &target);

/// Tiles of a block and of a thread, and parts of the reduction, on a GPU.
/// Errors: what has no tiled kernel there, as a contraction whose operands both
/// have the column.
StatusOr<std::unique_ptr<ScheduleSpace>>
createGpuContractionSpace(const OperatorDescription &description,
                          const TargetDescription &target);

/// Tiles of output pixels by vectors of channels, with the window unrolled.
/// Errors: a sum without pixels, or whose channels are not innermost.
StatusOr<std::unique_ptr<ScheduleSpace>>
createDepthwiseSpace(const OperatorDescription &description,
                     const TargetDescription &target);

/// Blocks and tasks of rows, and vectors within them: for reductions and chains
/// of elementwise ops.
StatusOr<std::unique_ptr<ScheduleSpace>>
createRowSpace(const OperatorDescription &description,
               const TargetDescription &target);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_SPACES_SPACES_H
