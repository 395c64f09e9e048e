//===- ExpandMatrixInstructions.h - Products by shuffles --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_EXPANDMATRIXINSTRUCTIONS_H
#define ORCINUS_PASSES_TARGET_EXPANDMATRIXINSTRUCTIONS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace orcinus {

/// Replaces the matrix instructions in `module` by shuffles, which bring each
/// lane the elements that it needs, and FMAs in f32 along the depth. What tf32
/// does not look at is cut off. Fails at one that is not known or not for
/// subgroups of `subgroupSize`.
mlir::LogicalResult expandMatrixInstructions(mlir::gpu::GPUModuleOp module,
                                             int64_t subgroupSize);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_EXPANDMATRIXINSTRUCTIONS_H
