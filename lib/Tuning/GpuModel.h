//===- GpuModel.h - How long a contraction takes on a GPU -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An analytic model of the kernels that passes/Target/ContractionKernels.cpp
// makes, for machines that have no GPU to run them on. It takes the larger of
// what computing and what memory need at least, as the roofline model does
// (Williams, Waterman, Patterson, "Roofline: an insightful visual performance
// model for multicore architectures", CACM 52(4), 2009), and, for a
// multiprocessor, of what its resident blocks keep busy together and what one
// of them takes alone with all its waiting, which decides where too few of them
// are there to hide it (in the manner of Hong, Kim, "An analytical model for a
// GPU architecture with memory-level and thread-level parallelism awareness",
// ISCA 2009). The formulas and constants are ours.
//
// It says which of two schedules is likely faster. Its microseconds are no
// measurement.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_GPUMODEL_H
#define ORCINUS_LIB_TUNING_GPUMODEL_H

#include "GpuTiling.h"

#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/Operator.h"

#include <span>

namespace orcinus {

/// The product of matrices that the contraction `description` is. Errors: it
/// has no tiled kernel on a GPU: other elements than f32, nothing to sum over,
/// no column, or a column in both operands.
StatusOr<ProductExtents> productExtents(const OperatorDescription &description);

/// Blocks of threads that compute it, the parts of the reduction counted.
int64_t blocksOf(const ProductExtents &extents, const GpuTiling &tiling);

/// Microseconds of the contraction, from the launch to the end of its last
/// kernel. `kernel` is what the compiled contraction takes. Errors: it does not
/// fit the chip, or its registers do not hold a thread's tile.
StatusOr<double> contractionMicroseconds(const GpuChip &chip,
                                         const ProductExtents &extents,
                                         const GpuTiling &tiling,
                                         const KernelResources &kernel);

/// The same of an operator under `schedule`, whose contraction is among
/// `kernels`. What its epilogue takes is not counted: no schedule changes it.
StatusOr<double> operatorMicroseconds(const GpuChip &chip,
                                      const OperatorDescription &description,
                                      const Schedule &schedule,
                                      std::span<const KernelResources> kernels);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_GPUMODEL_H
