//===- HostObject.cpp - Modules of the LLVM dialect to objects ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/HostObject.h"

#include "runtime/Jit/ObjectCompiler.h"
#include "runtime/Jit/Sanitizers.h"
#include "runtime/Jit/Target.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace orcinus;

void orcinus::registerHostTranslations(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerOpenMPDialectTranslation(registry);
}

StatusOr<std::string> orcinus::makeHostObject(mlir::ModuleOp module,
                                              const char *what, bool checked) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> translated =
      mlir::translateModuleToLLVMIR(module, llvmContext, what);
  if (!translated)
    return Status::error("cannot translate the " + std::string(what) +
                             " to LLVM IR",
                         StatusCode::Internal);
  if (checked) {
    markForSanitizer(*translated);
  } else {
    // Whoever links it decides where it lies.
    target->setRelocationModel(llvm::Reloc::PIC_);
    target->setCodeModel(llvm::CodeModel::Small);
    translated->setPICLevel(llvm::PICLevel::BigPIC);
  }
  StatusOr<std::vector<std::string>> objects =
      compileToObjects(std::move(translated), *target, /*parts=*/1);
  if (!objects.ok())
    return objects.status();
  return std::move(objects->front());
}
