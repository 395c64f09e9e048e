//===- OperatorKey.h - What tells operators apart ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_OPERATORKEY_H
#define ORCINUS_LIB_TUNING_OPERATORKEY_H

#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace orcinus {

/// What tells an operator from all others.
using OperatorKey = std::pair<std::string, std::vector<int64_t>>;

inline OperatorKey keyOf(const OperatorDescription &description) {
  return {description.kind(), description.extents()};
}

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_OPERATORKEY_H
