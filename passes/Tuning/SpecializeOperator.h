//===- SpecializeOperator.h - An operator at other extents ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_SPECIALIZEOPERATOR_H
#define ORCINUS_PASSES_TUNING_SPECIALIZEOPERATOR_H

#include "passes/Tuning/OperatorAnalysis.h"

namespace orcinus {

/// A copy of `analysis`' operator, in no module, with static extents: loop
/// number i has `extents[i]` iterations.
eto::OperatorOp specializeOperator(const OperatorAnalysis &analysis,
                                   llvm::ArrayRef<int64_t> extents);

/// `analysis`' operator at `bucket` (0 where it has none) with its text as a
/// function, as the tuner measures it.
TunableOperator makeTunable(const OperatorAnalysis &analysis, int64_t bucket);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_SPECIALIZEOPERATOR_H
