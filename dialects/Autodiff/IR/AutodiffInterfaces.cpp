//===- AutodiffInterfaces.cpp - Reverse-mode differentiation --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Autodiff/IR/AutodiffInterfaces.h"

#include "dialects/Autodiff/IR/AutodiffInterfaces.cpp.inc"
