//===- Shrinker.h - The smallest module that still fails --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_SHRINKER_H
#define ORCINUS_TEST_DIFFERENTIAL_SHRINKER_H

#include "Specification.h"

#include <functional>

namespace orcinus::differential {

/// Makes `specification` smaller as long as `fails` says that it still fails,
/// asking it at most `attempts` times: fewer ops, loops and options, shorter
/// extents, simpler schedules and indices.
Specification shrink(Specification specification,
                     const std::function<bool(const Specification &)> &fails,
                     int attempts);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_SHRINKER_H
