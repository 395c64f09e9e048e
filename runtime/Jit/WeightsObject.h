//===- WeightsObject.h - Weights as part of a library -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H
#define ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <string>
#include <vector>

namespace orcinus {

/// The elements of a weight in a file, and the symbol that they get.
struct StoredWeight {
  std::string symbol;
  std::string path;
  size_t offset = 0;
  size_t bytes = 0;
};

/// An object file with `weights`, which nothing writes to: a library is mapped,
/// not read.
StatusOr<std::string>
makeWeightsObject(const std::vector<StoredWeight> &weights);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H
