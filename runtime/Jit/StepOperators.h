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
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// The contractions of the steps of the model that `options` names, each at
/// each of its buckets, as `compileModel` looks them up in a tuning database.
/// Those of fewer than `fewestMultiplications`, which take a few microseconds
/// whatever their schedule, are left out. Errors: those of the model.
StatusOr<std::vector<TunableOperator>>
stepOperators(const CompileOptions &options,
              int64_t fewestMultiplications = 1 << 20);

/// The set of a step's operators, beside those of
/// orcinus/Tuning/OperatorSets.h, which need no compiler.
inline constexpr std::string_view stepSet = "tgnn";

/// The model whose step that is where nothing else is said: TGN with the 172
/// edge features of Wikipedia and Reddit, the usual data.
CompileOptions stepSetModel();

/// The operators of `set`: for `stepSet` those of `model`, else a built-in
/// set's, with its `seed`. Errors: an unknown name, those of the model.
StatusOr<std::vector<TunableOperator>>
operatorsOfSet(const std::string &set, const CompileOptions &model,
               uint64_t seed);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_STEPOPERATORS_H
