//===- VectorAccess.h - Several elements at a time --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread of a GPU loads or stores up to 16 bytes by one instruction, where
// they begin at a multiple of their size.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_VECTORACCESS_H
#define ORCINUS_PASSES_TARGET_VECTORACCESS_H

#include "passes/Lowering/LoopBuilder.h"

#include "mlir/IR/AffineMap.h"

namespace orcinus {

/// Bytes of the largest access.
constexpr int64_t accessBytes = 16;

/// How many elements of `memref` one access can take where `dimension`, a loop
/// of `extent` iterations, goes on from a multiple of so many and all others
/// stand still: 16 or 8 bytes of them, or 1. The indices are `map`'s. Where the
/// first of the elements is inside, all are.
///
/// Arguments of functions and allocations begin at multiples of 16 bytes
/// (docs/abi.md); views count by what is known of their offsets and strides.
int64_t vectorWidth(mlir::Value memref, mlir::AffineMap map, unsigned dimension,
                    int64_t extent);

/// `width` elements of `memref` from `indices` on: a vector, or where `width`
/// is 1 the element.
mlir::Value loadElements(LoopBuilder &b, mlir::Value memref,
                         mlir::ValueRange indices, int64_t width);

/// Stores `value`, which is a vector or an element.
void storeElements(LoopBuilder &b, mlir::Value value, mlir::Value memref,
                   mlir::ValueRange indices);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_VECTORACCESS_H
