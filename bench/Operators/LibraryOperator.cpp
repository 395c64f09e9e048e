//===- LibraryOperator.cpp - Operators by OpenBLAS and oneDNN -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LibraryOperator.h"

#include "Libraries.h"
#include "LoopRoles.h"

#include <dlfcn.h>

using namespace orcinus;
using namespace orcinus::bench;

/// oneDNN runs on GNU's OpenMP, which is not the compiled programs'.
static void setGnuThreads(int threads) {
  if (auto *set = reinterpret_cast<void (*)(int)>(
          dlsym(RTLD_DEFAULT, "omp_set_num_threads")))
    set(threads);
}

TimedWork bench::libraryOperator(const OperatorDescription &description,
                                 int threads) {
  setGnuThreads(threads);
  if (description.body == "softmax" || description.body == "layer_norm")
    return oneDnnNormalisation(description);
  if (description.body != "multiply_add")
    return {};
  bool windows = description.family == OperatorFamily::Depthwise ||
                 LoopRoles(description).hasWindows();
  return windows ? oneDnnConvolution(description)
                 : openBlasOperator(description, threads);
}
