//===- StepOperators.h - The operators of a training step -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_STEPOPERATORS_H
#define ORCINUS_RUNTIME_JIT_STEPOPERATORS_H

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// The contractions of the steps of the model that `options` names, each at
/// each of its buckets, as `compileModel` looks them up in a tuning database.
/// Those of fewer than `fewestMultiplications`, which take a few microseconds
/// whatever their schedule, are left out. Errors: those of the model.
StatusOr<std::vector<TunableOperator>>
stepOperators(const CompileOptions &options,
              int64_t fewestMultiplications = 1 << 20);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_STEPOPERATORS_H
