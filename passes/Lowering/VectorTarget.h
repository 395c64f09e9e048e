//===- VectorTarget.h - The vector unit that code is made for ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_VECTORTARGET_H
#define ORCINUS_PASSES_LOWERING_VECTORTARGET_H

#include <cstdint>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace mlir {
class Type;
} // namespace mlir

namespace orcinus {

/// What the lowerings need to know of a machine's vector unit.
struct VectorTarget {
  /// The width of the widest vector register that is worth using, in bits.
  int64_t vectorBits = 128;
  /// How many of them there are.
  int64_t vectorRegisters = 16;

  /// How many values of `elementType` (a float or integer type) one register
  /// holds.
  int64_t lanes(mlir::Type elementType) const;

  /// What LLVM's cost model says of `machine`.
  static VectorTarget of(llvm::TargetMachine &machine);

  /// That of hostProcessor(), asked once.
  static const VectorTarget &host();

  /// A target with these values, each that is zero taken from the host.
  static VectorTarget fromOptions(int64_t vectorBits, int64_t vectorRegisters);
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_VECTORTARGET_H
