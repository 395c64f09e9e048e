//===- Target.h - The machine that code is compiled for ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_TARGET_H
#define ORCINUS_RUNTIME_JIT_TARGET_H

#include "orcinus/Support/Status.h"

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"

#include <string>

namespace orcinus {

/// The processor that hostProcessor() tells, at the level of optimization of
/// programs.
StatusOr<llvm::orc::JITTargetMachineBuilder> hostTarget();

/// What machine code depends on besides the program: the target, its CPU and
/// features, the LLVM release, the version of the runtime's contract and the
/// sanitizer of this build.
std::string describeTarget(const llvm::orc::JITTargetMachineBuilder &target);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_TARGET_H
