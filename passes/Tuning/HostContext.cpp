//===- HostContext.cpp - What measurements here can be compared with ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/HostContext.h"

#include "passes/CompilerDigest.h"

using namespace orcinus;

TuningContext orcinus::tuningContextOf(const TargetDescription &target) {
  return {target.key(), ORCINUS_COMPILER_DIGEST};
}

#include "passes/Lowering/HostDescription.h"
#include "passes/Lowering/VectorTarget.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Host.h"
orcinus::TargetDescription orcinus::describeHost(int64_t threads) {
  TargetDescription t; t.cpu = llvm::sys::getHostCPUName().str(); t.threads = threads;
  t.vectorBits = VectorTarget::host().vectorBits; t.vectorRegisters = VectorTarget::host().vectorRegisters; return t;
}
