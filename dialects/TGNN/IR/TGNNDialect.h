//===- TGNNDialect.h - The tgnn dialect -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNDIALECT_H
#define ORCINUS_DIALECTS_TGNN_IR_TGNNDIALECT_H

#include "mlir/IR/Dialect.h"

#include "dialects/TGNN/IR/TGNNDialect.h.inc"

namespace orcinus::tgnn {

/// Registers how the kernel ops bufferize.
void registerBufferizationModels(mlir::DialectRegistry &registry);

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNDIALECT_H
