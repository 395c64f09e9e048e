//===- KernelEmitter.cpp - Kernels as functions over ranges ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelEmitter.h"

#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

/// Pieces of a kernel's items for each thread, dealt in turn: items differ in
/// cost (rows in their references), mostly as slowly as this evens out.
static constexpr int64_t piecesPerThread = 8;

/// Items of a block of `sumItems`: enough to make the second sum small, few
/// enough to divide a batch among threads.
static constexpr int64_t sumBlock = 64;

KernelBuilder KernelEmitter::builderBefore(Operation *op) {
  builder.setInsertionPoint(op);
  return KernelBuilder(builder, op->getLoc(), target);
}

func::FuncOp KernelEmitter::functionFor(Operation *op, StringRef name,
                                        ValueRange arguments, Body body) {
  std::string key;
  llvm::raw_string_ostream(key)
      << name << op->getAttrDictionary() << arguments.getTypes();
  func::FuncOp &function = functions[key];
  if (function)
    return function;

  OpBuilder builder(op->getContext());
  SmallVector<Type> types(2, builder.getIndexType());
  llvm::append_range(types, arguments.getTypes());
  function = func::FuncOp::create(op->getLoc(), ("orcinus_" + name).str(),
                                  builder.getFunctionType(types, TypeRange()));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  KernelBuilder b(builder, op->getLoc(), target);
  ValueRange parameters = function.getArguments();
  body(b, {parameters[0], parameters[1]}, parameters.drop_front(2));
  func::ReturnOp::create(builder, op->getLoc());
  symbols.insert(function);
  return function;
}

static void call(LoopBuilder &b, func::FuncOp function, IndexRange range,
                 ValueRange arguments) {
  SmallVector<Value> operands{range.begin, range.end};
  llvm::append_range(operands, arguments);
  func::CallOp::create(b.builder, b.location, function, operands);
}

void KernelEmitter::forEachItem(Operation *op, StringRef name, Value count,
                                int64_t cost, ValueRange arguments, Body body) {
  func::FuncOp function = functionFor(op, name, arguments, body);
  KernelBuilder b = builderBefore(op);
  Value zero = b.constant(0);
  if (threads <= 1)
    return call(b, function, {zero, count}, arguments);

  int64_t worthwhile =
      llvm::divideCeil(parallelWork, std::max<int64_t>(cost, 1));
  Value isLarge =
      arith::CmpIOp::create(b.builder, b.location, arith::CmpIPredicate::ugt,
                            count, b.constant(worthwhile));
  auto branch = scf::IfOp::create(b.builder, b.location, isLarge,
                                  /*withElseRegion=*/true);
  b.builder.setInsertionPointToStart(branch.thenBlock());
  int64_t pieces = piecesPerThread * threads;
  Value share = b.divideUp(count, b.constant(pieces));
  b.nest({b.constant(threads)}, /*parallel=*/true, [&](ValueRange task) {
    b.forLoop(task[0], b.constant(pieces), threads, [&](Value piece) {
      Value begin = b.minimum(b.multiply(piece, share), count);
      Value end = b.minimum(b.add(begin, share), count);
      call(b, function, {begin, end}, arguments);
    });
  });
  b.builder.setInsertionPointToStart(branch.elseBlock());
  call(b, function, {zero, count}, arguments);
}

void KernelEmitter::once(Operation *op, StringRef name, ValueRange arguments,
                         Body body) {
  func::FuncOp function = functionFor(op, name, arguments, body);
  KernelBuilder b = builderBefore(op);
  call(b, function, {b.constant(0), b.constant(1)}, arguments);
}

void KernelEmitter::sumItems(Operation *op, StringRef name, Value count,
                             int64_t cost, ValueRange arguments,
                             ValueRange outs, SumBody body) {
  int64_t outCount = outs.size();
  int64_t width = cast<MemRefType>(outs[0].getType()).getDimSize(0);
  KernelBuilder before = builderBefore(op);
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
