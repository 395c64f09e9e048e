//===- OperatorSets.h - Sets of operators to tune ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_OPERATORSETS_H
#define ORCINUS_TUNING_OPERATORSETS_H

#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace orcinus {

/// A set of operators that is built in.
struct OperatorSet {
  std::string_view name;
  std::string_view summary;
};

/// All sets:
/// - gemm-grid: 64 of the 216 products whose extents are powers of two from 32
///   to 1024;
/// - gemm-apart: 16 of these of which no two share two extents;
/// - network-mix: 12 products, 4 convolutions, a softmax and a layer norm of
///   networks, as different as a network's operators are;
/// - standard: the operators common in the literature on tuning, and those of
///   ResNet-50, MobileNet-V2 and BERT.
std::span<const OperatorSet> operatorSets();

/// The operators of a set, by name. `seed` decides which shapes of gemm-grid
/// are taken. Errors: an unknown name; the message lists all.
StatusOr<std::vector<TunableOperator>> operatorSet(std::string_view name,
                                                   uint64_t seed);

} // namespace orcinus

#endif // ORCINUS_TUNING_OPERATORSETS_H
