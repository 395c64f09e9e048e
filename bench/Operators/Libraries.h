//===- Libraries.h - Libraries to compare with ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_LIBRARIES_H
#define ORCINUS_BENCH_OPERATORS_LIBRARIES_H

#include "LibraryOperator.h"

namespace orcinus::bench {

/// A matrix product, batched or not, as calls of `cblas_sgemm`.
TimedWork openBlasOperator(const OperatorDescription &description, int threads);

/// A convolution, whichever loops it has, as one primitive.
TimedWork oneDnnConvolution(const OperatorDescription &description);

/// Softmax or layer norm of rows, as one primitive.
TimedWork oneDnnNormalisation(const OperatorDescription &description);

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_LIBRARIES_H
