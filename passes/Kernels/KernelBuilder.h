//===- KernelBuilder.h - Short spellings for kernels' code ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_KERNELBUILDER_H
#define ORCINUS_PASSES_KERNELS_KERNELBUILDER_H

#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/VectorTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace orcinus {

/// [begin, end) of one loop dimension.
struct IndexRange {
  mlir::Value begin, end;
};

/// The extents of `memref`.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value memref) {
  return mlir::cast<mlir::MemRefType>(memref.getType()).getShape();
}

/// Loops, and arithmetic on f32 vectors of the target's full width. Where a
/// function takes floats, they are scalars or such vectors.
///
/// A CPU holds a vector in a register. A GPU's subgroup holds it in a register
/// of each of its threads, a lane each: there a vector is, in the IR, a scalar,
/// and what is a scalar everywhere is the same in all threads. So one text of a
/// kernel serves both; only memory that lanes exchange values through needs
/// `synchronize`.
class KernelBuilder : public LoopBuilder {
public:
  /// Vectors in registers.
  KernelBuilder(mlir::OpBuilder &builder, mlir::Location location,
                const VectorTarget &target)
      : LoopBuilder(builder, location),
        lanes(target.lanes(builder.getF32Type())),
        registers(target.vectorRegisters) {}

  /// Vectors over the threads of a subgroup: `lane` is the index of the thread
  /// among its `lanes`.
  KernelBuilder(mlir::OpBuilder &builder, mlir::Location location,
                mlir::Value lane, int64_t lanes)
      : LoopBuilder(builder, location), lanes(lanes),
        registers(subgroupRegisters), lane(lane) {}

  /// Whether the threads of a subgroup hold the lanes.
  bool isSubgroup() const { return static_cast<bool>(lane); }
  /// In a subgroup, the index of this thread's lane.
  mlir::Value laneIndex() const { return lane; }

  /// The type of a full vector of `element`s.
  mlir::Type vectorOf(mlir::Type element) {
    return isSubgroup() ? element : mlir::VectorType::get({lanes}, element);
  }

  // Constants and vectors of equal lanes.
  mlir::Value scalar(double value);
  mlir::Value splat(double value);
  mlir::Value splat(mlir::Value scalar);

  /// 0, 1, 2, … as i32.
  mlir::Value laneNumbers();

  // Single elements; a store is made once, not once a lane.
  mlir::Value loadElement(mlir::Value memref, mlir::ValueRange at);
  void storeElement(mlir::Value value, mlir::Value memref, mlir::ValueRange at);
  /// An i32 that is a non-negative index.
  mlir::Value loadIndex(mlir::Value memref, mlir::ValueRange at);
  /// An element in every lane.
  mlir::Value loadSplat(mlir::Value memref, mlir::ValueRange at) {
    return splat(loadElement(memref, at));
  }

  // Arithmetic on floats.
  mlir::Value addf(mlir::Value left, mlir::Value right);
  mlir::Value subf(mlir::Value left, mlir::Value right);
  mlir::Value mulf(mlir::Value left, mlir::Value right);
  mlir::Value divf(mlir::Value left, mlir::Value right);
  mlir::Value maxf(mlir::Value left, mlir::Value right);
  mlir::Value negf(mlir::Value value);
  /// factor · other + addend on vectors, rounded once where the target can.
  mlir::Value fma(mlir::Value factor, mlir::Value other, mlir::Value addend);
  /// 1 / count in all lanes, of an index; of 0 some number.
  mlir::Value shareOf(mlir::Value count);
  /// 1 / (1 + exp(-value)) of a vector.
  mlir::Value sigmoid(mlir::Value value);
  /// `value` where `condition`, else zero; vectors, or one condition for all.
  mlir::Value keepIf(mlir::Value condition, mlir::Value value);

  // Over the lanes of a vector.
  mlir::Value sum(mlir::Value vector);
  mlir::Value maximum(mlir::Value vector);

  /// Lets all lanes read what any of them has stored before, and store where
  /// any of them has read before. Every lane must get here.
  void synchronize();

  /// The lanes below `count`, an index that may be negative.
  mlir::Value lanesBelow(mlir::Value count);

  /// The indices of element `position` of row-major `shape`, whose first extent
  /// may be dynamic.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value position,
                                             llvm::ArrayRef<int64_t> shape);

  /// Runs `body` for every index of `range`.
  void forEach(IndexRange range, llvm::function_ref<void(mlir::Value)> body) {
    forLoop(range.begin, range.end, /*step=*/1, body);
  }

  /// A buffer that lives as long as the function that is being built, on its
  /// stack or in a GPU's workgroup memory: to be called outside its loops.
  mlir::Value scratch(llvm::ArrayRef<int64_t> shape);

  /// The width in elements that rows of `width` take in a scratch buffer so
  /// that each starts a vector.
  int64_t paddedWidth(int64_t width) const {
    return isSubgroup() ? width : (width + lanes - 1) / lanes * lanes;
  }

  const int64_t lanes;
  const int64_t registers;

private:
  /// Of the 255 that a thread can have, as many as leave room for several
  /// subgroups at a time on each multiprocessor.
  static constexpr int64_t subgroupRegisters = 48;

  mlir::Value lane;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_KERNELBUILDER_H
