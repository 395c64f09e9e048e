//===- CompilerDigest.cpp - Which compiler this is ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/CompilerDigest.h"

#include "passes/Lowering/CompilerDigestValues.h"

std::string_view orcinus::compilerDigest() { return ORCINUS_COMPILER_DIGEST; }

std::string_view orcinus::operatorDigest(bool gpu) {
  return gpu ? ORCINUS_GPU_OPERATOR_DIGEST : ORCINUS_HOST_OPERATOR_DIGEST;
}
