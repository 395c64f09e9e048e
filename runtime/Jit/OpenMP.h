//===- OpenMP.h - The OpenMP runtime of compiled programs -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPENMP_H
#define ORCINUS_RUNTIME_JIT_OPENMP_H

#include "orcinus/Support/Status.h"

#include <string>

namespace orcinus {

/// LLVM's OpenMP runtime. It is opened for compiled programs alone: another
/// library of the process may have brought another OpenMP, whose functions
/// have the same names.
class OpenMP {
public:
  /// The runtime, opened at the first call; an error where it is missing.
  static StatusOr<OpenMP *> open();

  /// The address of one of its functions; null where it has none such.
  void *lookup(const char *name) const;

  /// The path of its file.
  std::string path() const;

  /// How many threads the parallel loops that the calling thread starts have.
  void setThreads(int threads) const;

private:
  explicit OpenMP(void *library) : library(library) {}

  void *library;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPENMP_H
