//===- HostProcessor.cpp - The processor of the host ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/HostProcessor.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <memory>
#include <optional>

using llvm::orc::JITTargetMachineBuilder;

static void initialiseNativeTarget() {
  static const bool initialised = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialised;
}

llvm::Expected<JITTargetMachineBuilder>
orcinus::namedProcessor(llvm::StringRef name) {
  initialiseNativeTarget();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  // Asked for a generic processor, since LLVM prints a line for an unknown one.
  std::unique_ptr<llvm::MCSubtargetInfo> processors(
      target->createMCSubtargetInfo(triple, /*CPU=*/"", /*Features=*/""));
  if (!processors || !processors->isCPUStringValid(name))
    return llvm::createStringError("there is no processor '" + name +
                                   "' (ORCINUS_CPU takes LLVM's names, such as "
                                   "x86-64-v3 or znver4)");
  JITTargetMachineBuilder builder(triple);
  builder.setCPU(name.str());
  return builder;
}

llvm::Expected<JITTargetMachineBuilder> orcinus::hostProcessor() {
  initialiseNativeTarget();
  if (std::optional<std::string> name =
          llvm::sys::Process::GetEnv("ORCINUS_CPU"))
    return namedProcessor(*name);
  return JITTargetMachineBuilder::detectHost();
}
