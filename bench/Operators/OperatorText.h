//===- OperatorText.h - Programs with packed weights ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_OPERATORTEXT_H
#define ORCINUS_BENCH_OPERATORS_OPERATORTEXT_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus::bench {

/// A program of one function `operator` on memrefs.
struct OperatorText {
  std::string module;
  Schedule schedule;
  /// The shapes of the function's arguments, the result last.
  std::vector<std::vector<int64_t>> shapes;
};

/// The sum of products that `description` is. Where `schedule` packs a weight,
/// the function takes it in panels of the schedule's width, for vectors of
/// `lanes` lanes, and the schedule packs it no more.
OperatorText sumOfProductsText(const OperatorDescription &description,
                               Schedule schedule, int64_t lanes);

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_OPERATORTEXT_H
