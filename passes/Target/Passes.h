//===- Passes.h - What runs a program, if not the host ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_PASSES_H
#define ORCINUS_PASSES_TARGET_PASSES_H

#include "passes/Target/MatrixInstruction.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace orcinus {

#define GEN_PASS_DECL
#include "passes/Target/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Target/Passes.h.inc"

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_PASSES_H
