//===- Target.cpp - The machine that code is compiled for -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Target.h"

#include "passes/Lowering/HostProcessor.h"
#include "runtime/Jit/Sanitizers.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Error.h"

using namespace orcinus;

/// The version of docs/abi.md that compiled programs follow.
static constexpr llvm::StringLiteral abiVersion = "2";

StatusOr<llvm::orc::JITTargetMachineBuilder> orcinus::hostTarget() {
  auto builder = hostProcessor();
  if (!builder)
    return Status::error("cannot tell the host's processor: " +
                             llvm::toString(builder.takeError()),
                         StatusCode::Unavailable);
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  return *builder;
}

std::string
orcinus::describeTarget(const llvm::orc::JITTargetMachineBuilder &target) {
  return target.getTargetTriple().str() + "\n" + target.getCPU() + "\n" +
         target.getFeatures().getString() +
         "\nllvm " LLVM_VERSION_STRING "\nabi " + abiVersion.str() +
         "\nsanitizer " + programSanitizer().str();
}
