//===- ContractionKernels.h - Tiled contractions on GPUs --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_CONTRACTIONKERNELS_H
#define ORCINUS_PASSES_TARGET_CONTRACTIONKERNELS_H

#include "passes/Lowering/Contraction.h"
#include "passes/Target/GpuContractionSchedule.h"
#include "passes/Target/KernelModule.h"

namespace orcinus {

/// Whether `mapContraction` can take it: sums in f32, maps without panels, and
/// no dimension that all three operands have innermost.
bool hasTiledKernel(const Contraction &contraction);

/// Launches before `op` the kernels that compute `contraction`; one whose
/// reduction is cut must start from the result.
void mapContraction(mlir::Operation *op, Contraction contraction,
                    const GpuContractionSchedule &schedule,
                    KernelModule &kernels);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_CONTRACTIONKERNELS_H
