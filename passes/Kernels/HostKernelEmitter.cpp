//===- HostKernelEmitter.cpp - Kernels as functions of the host -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/HostKernelEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

/// Pieces of a kernel's items for each thread, dealt in turn: items differ in
/// cost (rows in their references), mostly as slowly as this evens out.
static constexpr int64_t piecesPerThread = 8;

func::FuncOp HostKernelEmitter::functionFor(Operation *op, StringRef name,
                                            ValueRange arguments, Body body) {
  func::FuncOp &function = functions[keyOf(op, name, arguments)];
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

void HostKernelEmitter::forEachItem(Operation *op, StringRef name, Value count,
                                    int64_t cost, ValueRange arguments,
                                    Body body) {
  func::FuncOp function = functionFor(op, name, arguments, body);
  LoopBuilder b = builderBefore(op);
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

void HostKernelEmitter::once(Operation *op, StringRef name,
                             ValueRange arguments, Body body) {
  func::FuncOp function = functionFor(op, name, arguments, body);
  LoopBuilder b = builderBefore(op);
  call(b, function, {b.constant(0), b.constant(1)}, arguments);
}
