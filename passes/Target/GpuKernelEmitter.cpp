//===- GpuKernelEmitter.cpp - Kernels by subgroups ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/GpuKernelEmitter.h"

using namespace mlir;
using namespace orcinus;

/// Subgroups of a block whose kernel exchanges nothing through memory. Others
/// have one: items differ in their loops, but all of a block's threads must
/// meet at a barrier.
static constexpr int64_t independentSubgroups = 4;

static int64_t subgroupsOf(gpu::GPUFuncOp kernel) {
  WalkResult found =
      kernel.walk([](gpu::BarrierOp) { return WalkResult::interrupt(); });
  return found.wasInterrupted() ? 1 : independentSubgroups;
}

void GpuKernelEmitter::forEachItem(Operation *op, StringRef name, Value count,
                                   int64_t /*cost*/, ValueRange arguments,
                                   Body body) {
  builder.setInsertionPoint(op);
  SmallVector<Value> operands =
      KernelModule::withAnyOffsets(builder, arguments);
  operands.push_back(count);
  int64_t lanes = kernels.target.subgroupSize;
  gpu::GPUFuncOp kernel = kernels.kernel(
      name, keyOf(op, name, operands), ValueRange(operands).getTypes(),
      op->getLoc(), [&](OpBuilder &inside, gpu::GPUFuncOp function) {
        using gpu::Dimension;
        Location location = op->getLoc();
        Value lane = gpu::ThreadIdOp::create(inside, location, Dimension::x);
        Value subgroup =
            gpu::ThreadIdOp::create(inside, location, Dimension::y);
        Value subgroups =
            gpu::BlockDimOp::create(inside, location, Dimension::y);
        Value block = gpu::BlockIdOp::create(inside, location, Dimension::x);
        KernelBuilder b(inside, location, lane, lanes);
        // Scratch buffers will be arguments, too.
        SmallVector<Value> parameters(function.getArguments());
        Value count = parameters.pop_back_val();
        Value item = b.add(b.multiply(block, subgroups), subgroup);
        emitWhereBelow(b, item, count, [&] {
          body(b, {item, b.add(item, b.constant(1))}, parameters);
        });
      });
  LoopBuilder b(builder, op->getLoc());
  int64_t subgroups = subgroupsOf(kernel);
  Value one = b.constant(1);
  Value blocks = b.maximum(b.divideUp(count, b.constant(subgroups)), one);
  kernels.launch(builder, op->getLoc(), kernel, {blocks, one, one},
                 {lanes, subgroups, 1}, operands);
}

void GpuKernelEmitter::once(Operation *op, StringRef name, ValueRange arguments,
                            Body body) {
  forEachItem(op, name, builderBefore(op).constant(1), 0, arguments, body);
}
