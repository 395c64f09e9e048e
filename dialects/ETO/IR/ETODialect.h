//===- ETODialect.h - The eto dialect ---------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_ETO_IR_ETODIALECT_H
#define ORCINUS_DIALECTS_ETO_IR_ETODIALECT_H

#include "mlir/IR/Dialect.h"

#include "dialects/ETO/IR/ETODialect.h.inc"

#endif // ORCINUS_DIALECTS_ETO_IR_ETODIALECT_H
