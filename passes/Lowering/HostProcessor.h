//===- HostProcessor.h - The processor of the host --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_HOSTPROCESSOR_H
#define ORCINUS_PASSES_LOWERING_HOSTPROCESSOR_H

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"

namespace orcinus {

/// The processor that the host's code is compiled for: the one that this
/// process runs on with all its features, or the one that the environment
/// variable ORCINUS_CPU names as LLVM does (x86-64-v3, znver3, …), so that
/// machines of different kinds run the same code. Errors: a name that LLVM does
/// not know, a host that it cannot tell.
llvm::Expected<llvm::orc::JITTargetMachineBuilder> hostProcessor();

/// The processor that LLVM calls `name`, of the host's architecture.
llvm::Expected<llvm::orc::JITTargetMachineBuilder>
namedProcessor(llvm::StringRef name);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_HOSTPROCESSOR_H
