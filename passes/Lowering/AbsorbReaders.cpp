//===- AbsorbReaders.cpp - Elementwise ops behind a contraction -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

/// Whether nothing but `writers` and `reader` uses the memory of `value`.
static bool isReadByOne(Value value, ArrayRef<Operation *> writers,
                        Operation *reader) {
  if (!viewRoot(value).getDefiningOp<memref::AllocOp>())
    return false;
  for (Value alias : aliasesOf(value))
    for (Operation *user : alias.getUsers())
      if (user != reader && !llvm::is_contained(writers, user) &&
          !isa<ViewLikeOpInterface, memref::DeallocOp>(user))
        return false;
  return true;
}

/// The loop of `contraction` for each loop of `op`, which reads the result,
/// that lies where `resultMap` leads, by `operand`; nothing where these differ.
static SmallVector<unsigned> correspondingLoops(AffineMap resultMap,
                                                OpOperand &operand) {
  auto op = cast<linalg::GenericOp>(operand.getOwner());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isPermutation())
    return {};
  SmallVector<unsigned> loops(op.getNumLoops());
  for (unsigned at = 0; at < map.getNumResults(); ++at)
    loops[map.getDimPosition(at)] = resultMap.getDimPosition(at);
  return loops;
}

/// Whether the memory that `op` writes is none of `inputs`, and what it reads
/// of that memory is just where it writes.
static bool writesApart(linalg::GenericOp op, ArrayRef<Value> inputs) {
  OpOperand &output = *op.getDpsInitOperand(0);
  Value root = viewRoot(output.get());
  for (Value input : inputs)
    if (isa<MemRefType>(input.getType()) && viewRoot(input) == root)
      return false;
  for (OpOperand *input : op.getDpsInputOperands())
    if (isa<MemRefType>(input->get().getType()) &&
        viewRoot(input->get()) == root &&
        (input->get() != output.get() ||
         op.getMatchingIndexingMap(input) !=
             op.getMatchingIndexingMap(&output)))
      return false;
  return true;
}

SmallVector<linalg::GenericOp>
Contraction::absorbReaders(linalg::LinalgOp op, Operation *initialisation,
                           const llvm::DenseSet<Operation *> &taken) {
  SmallVector<linalg::GenericOp> absorbed;
  SmallVector<Operation *> writers{initialisation, op};
  SmallVector<Value> inputs{left, right};
  if (bias)
    inputs.push_back(bias);
  Value current = result;
  AffineMap currentMap = resultMap;
  while (true) {
    auto reader = dyn_cast_or_null<linalg::GenericOp>(
        nextUser(writers.back(), aliasesOf(current)));
    if (!reader || taken.contains(reader) || !reader.hasPureBufferSemantics() ||
        reader.getNumParallelLoops() != reader.getNumLoops() ||
        reader.getNumDpsInits() != 1)
      break;
    Value output = reader.getDpsInits()[0];
    auto produced =
        llvm::find_if(reader->getOpOperands(), [&](OpOperand &operand) {
          return operand.get() == current &&
                 !reader.getMatchingBlockArgument(&operand).use_empty();
        });
    // Another view of the result would be read as it was before.
    bool otherViews = llvm::any_of(reader->getOperands(), [&](Value operand) {
      return operand != current && viewRoot(operand) == viewRoot(current);
    });
    if (produced == reader->getOpOperands().end() || otherViews ||
        (output != current && !isReadByOne(current, writers, reader)) ||
        !writesApart(reader, inputs) || llvm::any_of(inputs, [&](Value input) {
          return writtenBetween(writers.back(), reader, input);
        }))
      break;
    SmallVector<unsigned> loops = correspondingLoops(currentMap, *produced);
    ContractionEpilogue longer = epilogue;
    if (loops.empty() ||
        !longer.add(reader, *produced, loops, extents.size(), column))
      break;
    size_t known = epilogue.operands.size();
    epilogue = std::move(longer);
    current = epilogue.result;
    currentMap = epilogue.resultMap;
    absorbed.push_back(reader);
    writers.push_back(reader);
    for (const ContractionEpilogue::Operand &operand :
         ArrayRef(epilogue.operands).drop_front(known))
      inputs.push_back(operand.value);
  }
  return absorbed;
}
