//===- KernelEmitter.cpp - Kernels as functions over ranges ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelEmitter.h"

#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

/// Items of a block of `sumItems`: enough to make the second sum small, few
/// enough to divide a batch among threads.
static constexpr int64_t sumBlock = 64;

LoopBuilder KernelEmitter::builderBefore(Operation *op) {
  builder.setInsertionPoint(op);
  return LoopBuilder(builder, op->getLoc());
}

std::string KernelEmitter::keyOf(Operation *op, StringRef name,
                                 ValueRange arguments) {
  std::string key;
  llvm::raw_string_ostream(key)
      << name << op->getAttrDictionary() << arguments.getTypes();
  return key;
}

void KernelEmitter::sumItems(Operation *op, StringRef name, Value count,
                             int64_t cost, ValueRange arguments,
                             ValueRange outs, SumBody body) {
  int64_t outCount = outs.size();
  int64_t width = cast<MemRefType>(outs[0].getType()).getDimSize(0);
  LoopBuilder before = builderBefore(op);
  Value blocks = before.divideUp(count, before.constant(sumBlock));
  Value sums = memref::AllocOp::create(
      builder, op->getLoc(),
      MemRefType::get({ShapedType::kDynamic, outCount, width},
                      builder.getF32Type()),
      ValueRange{blocks});

  SmallVector<Value> blockArguments(arguments);
  blockArguments.append({sums, count});
  forEachItem(
      op, (name + "_blocks").str(), blocks, cost * sumBlock, blockArguments,
      [&](KernelBuilder &b, IndexRange range, ValueRange all) {
        Value count = all.back(), sums = all.drop_back().back();
        b.forEach(range, [&](Value block) {
          Value begin = b.multiply(block, b.constant(sumBlock));
          Value end = b.minimum(b.add(begin, b.constant(sumBlock)), count);
          body(b, {begin, end}, all.drop_back(2), sums, block);
        });
      });

  SmallVector<Value> sumArguments{sums};
  llvm::append_range(sumArguments, outs);
  once(op, (name + "_sum").str(), sumArguments,
       [&](KernelBuilder &b, IndexRange, ValueRange all) {
         RowVectors columns(b, width);
         Value blocks = b.extent(all[0], 0);
         for (int64_t out = 0; out < outCount; ++out)
           columns.forEach([&](const RowVector &vector) {
             SmallVector<Value> sum = b.reduceLoop(
                 b.constant(0), blocks, /*step=*/1, b.splat(0.0),
                 [&](Value block, ValueRange carried) -> SmallVector<Value> {
                   Value part =
                       columns.load(all[0], {block, b.constant(out)}, vector);
                   return {b.addf(carried[0], part)};
                 });
             columns.store(sum[0], all[1 + out], {}, vector);
           });
       });
  memref::DeallocOp::create(builder, op->getLoc(), sums);
}
