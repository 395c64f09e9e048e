//===- VectorTarget.cpp - The vector unit that code is made for -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/VectorTarget.h"

#include "passes/Lowering/HostProcessor.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>

using namespace orcinus;

int64_t VectorTarget::lanes(mlir::Type elementType) const {
  // A truth value takes the lane of the float that it goes with.
  int64_t bits = elementType.isIndex()
                     ? 64
                     : std::max(elementType.getIntOrFloatBitWidth(), 32u);
  return std::max<int64_t>(1, vectorBits / bits);
}

VectorTarget VectorTarget::of(llvm::TargetMachine &machine) {
  // The cost model answers for a function, which may have features of its own:
  // give it an empty one.
  llvm::LLVMContext context;
  llvm::Module module("vector-target", context);
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       /*isVarArg=*/false);
  llvm::Function *function = llvm::Function::Create(
      type, llvm::GlobalValue::ExternalLinkage, "probe", module);
  llvm::TargetTransformInfo info = machine.getTargetTransformInfo(*function);

  VectorTarget target;
  int64_t bits =
      info.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector)
          .getFixedValue();
  // A machine without vectors still runs the same code, which LLVM splits.
  target.vectorBits = std::max<int64_t>(bits, 128);
  int64_t registers =
      info.getNumberOfRegisters(info.getRegisterClassForType(/*Vector=*/true));
  target.vectorRegisters = std::max<int64_t>(registers, 8);
  return target;
}

const VectorTarget &VectorTarget::host() {
  static const VectorTarget target = [] {
    auto builder = hostProcessor();
    if (!builder) {
      llvm::consumeError(builder.takeError());
      return VectorTarget();
    }
    auto machine = builder->createTargetMachine();
    if (!machine) {
      llvm::consumeError(machine.takeError());
      return VectorTarget();
    }
    return of(**machine);
  }();
  return target;
}

VectorTarget VectorTarget::fromOptions(int64_t vectorBits,
                                       int64_t vectorRegisters) {
  VectorTarget target;
  target.vectorBits = vectorBits ? vectorBits : host().vectorBits;
  target.vectorRegisters =
      vectorRegisters ? vectorRegisters : host().vectorRegisters;
  return target;
}
