//===- AutodiffInterfaces.h - Reverse-mode differentiation ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_H
#define ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "dialects/Autodiff/IR/AutodiffInterfaces.h.inc"

#endif // ORCINUS_DIALECTS_AUTODIFF_IR_AUTODIFFINTERFACES_H
