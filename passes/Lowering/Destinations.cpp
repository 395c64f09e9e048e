//===- Destinations.cpp - Where tensors are written -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Destinations.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

OpOperand *orcinus::destinationOf(Value value) {
  Block *block = value.getParentBlock();
  OpOperand *destination = nullptr;
  while (auto op = value.getDefiningOp<linalg::LinalgOp>()) {
    if (op->getBlock() != block || (destination && !value.hasOneUse()))
      return nullptr;
    destination = op.getDpsInitOperand(cast<OpResult>(value).getResultNumber());
    value = destination->get();
  }
  return value.getDefiningOp<tensor::EmptyOp>() ? destination : nullptr;
}
