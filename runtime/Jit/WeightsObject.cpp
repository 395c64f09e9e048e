//===- WeightsObject.cpp - Weights as part of a library -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/WeightsObject.h"

#include "runtime/Jit/ObjectCompiler.h"
#include "runtime/Jit/Target.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"

using namespace orcinus;

/// `text` between quotes, as an assembler reads it.
static std::string quote(llvm::StringRef text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

StatusOr<std::string>
orcinus::makeWeightsObject(const std::vector<StoredWeight> &weights) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  target->setRelocationModel(llvm::Reloc::PIC_);
  llvm::InitializeNativeTargetAsmParser();
  // The assembler copies the file's bytes; as constants of LLVM IR they would
  // take many times their size.
  std::string text = ".section .rodata.weights,\"a\",@progbits\n";
  llvm::raw_string_ostream stream(text);
  for (const StoredWeight &weight : weights) {
    std::string symbol = quote(weight.symbol);
    stream << ".balign 64\n.globl " << symbol << "\n.hidden " << symbol << "\n"
           << symbol << ":\n";
    if (weight.bytes != 0)
      stream << ".incbin " << quote(weight.path) << ", " << weight.offset
             << ", " << weight.bytes << "\n";
  }
  llvm::LLVMContext context;
  auto module = std::make_unique<llvm::Module>("weights", context);
  module->setModuleInlineAsm(text);
  StatusOr<std::vector<std::string>> objects =
      compileToObjects(std::move(module), *target, /*parts=*/1);
  if (!objects.ok())
    return objects.status();
  return std::move(objects->front());
}
