//===- DropoutMask.h - Which elements a dropout keeps -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_DROPOUTMASK_H
#define ORCINUS_PASSES_KERNELS_DROPOUTMASK_H

#include "passes/Kernels/KernelBuilder.h"

namespace orcinus {

/// The counter-based generator of all dropouts. Element i is kept where
///
///     hash(hash(i) xor key) >= rate · 2^32
///     key = hash(low(seed) xor high(seed) xor hash(salt))
///
/// with low and high the halves of the 64-bit seed, and hash the 32-bit integer
/// finaliser «lowbias32» that Chris Wellons found by search
/// (nullprogram.com/blog/2018/07/31/, in the public domain):
///
///     x ^= x >> 16; x *= 0x7feb352d; x ^= x >> 15; x *= 0x846ca68b;
///     x ^= x >> 16
///
/// It is hashed twice so that the masks of two keys are not permutations of
/// each other by a plain xor of positions.
class DropoutMask {
public:
  /// Computes the key, for all elements.
  DropoutMask(KernelBuilder &b, mlir::Value seed, int64_t salt, double rate);

  /// Whether anything is dropped at all.
  bool isActive() const { return rate > 0; }

  /// `value` where its elements are kept, scaled by 1 / (1 - rate), else zero.
  /// Lane l is element `first` + l, of which the low 32 bits count.
  mlir::Value apply(mlir::Value value, mlir::Value first) const;

private:
  mlir::Value hash(mlir::Value value) const;
  mlir::Value constant(uint32_t value, mlir::Type type) const;

  KernelBuilder &b;
  double rate;
  mlir::Value key;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_DROPOUTMASK_H
