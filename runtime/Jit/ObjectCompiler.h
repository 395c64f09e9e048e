//===- ObjectCompiler.h - LLVM IR to object files ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OBJECTCOMPILER_H
#define ORCINUS_RUNTIME_JIT_OBJECTCOMPILER_H

#include "orcinus/Support/Status.h"

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/Module.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// Optimises `module` and compiles it for `target`, cut into `parts` that are
/// compiled at the same time. Returns one object file a part.
StatusOr<std::vector<std::string>>
compileToObjects(std::unique_ptr<llvm::Module> module,
                 const llvm::orc::JITTargetMachineBuilder &target, int parts);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OBJECTCOMPILER_H
