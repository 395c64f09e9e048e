//===- SimulatedKernelBuilder.h - A kernel as host code ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_SIMULATEDKERNELBUILDER_H
#define ORCINUS_PASSES_TARGET_SIMULATEDKERNELBUILDER_H

#include "passes/Target/SimulatorCalls.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

namespace orcinus {

/// Makes a host function of a kernel, which loses its body.
class SimulatedKernelBuilder {
public:
  /// A kernel of subgroups of `subgroupSize` threads.
  SimulatedKernelBuilder(mlir::gpu::GPUFuncOp kernel, int64_t subgroupSize,
                         SimulatorCalls &calls);

  /// Makes the function, before the kernel's module; fails at an op that the
  /// simulator does not know.
  mlir::LogicalResult build();

  mlir::func::FuncOp function() const { return result; }
  /// The thread that the function runs, a pointer.
  mlir::Value self() { return result.getArgument(1); }
  int64_t workgroupBytes() const { return usedWorkgroup; }
  /// Whether threads wait for each other.
  bool isCollective() const { return collective; }

private:
  void createFunction();
  mlir::LogicalResult makeArguments();
  mlir::Value unpack(int64_t index, mlir::Type type);
  mlir::Value castTo(mlir::Type type, mlir::Value value);
  mlir::LogicalResult checkMemory(mlir::MemRefType type);
  mlir::LogicalResult usePrivate(mlir::Operation *op, mlir::MemRefType type);
  mlir::Value makeWorkgroup(mlir::MemRefType type);
  mlir::Value dynamicMemory(mlir::MemRefType type);
  mlir::Value workgroupAt(int64_t bytes);
  mlir::Value field(int64_t offset, mlir::Type type);
  mlir::Value identifier(int64_t offset, mlir::gpu::Dimension dimension);
  mlir::Value linearThread();
  mlir::Value threadCount();
  mlir::Value convertIdentifier(mlir::Operation *op);
  mlir::LogicalResult convertShuffle(mlir::gpu::ShuffleOp op);
  mlir::LogicalResult convert(mlir::Operation *op);

  mlir::gpu::GPUFuncOp kernel;
  int64_t subgroupSize;
  SimulatorCalls &calls;
  mlir::func::FuncOp result;
  /// At the end of what the function does before the kernel's own ops.
  mlir::OpBuilder entry;
  mlir::DataLayout layout;
  mlir::LLVMTypeConverter types;
  /// The thread's fields that have been read, by their offsets, and those of
  /// them that are indices.
  llvm::DenseMap<int64_t, mlir::Value> fields, identifiers;
  /// Where shuffles put their second result.
  mlir::Value shuffleValid;
  int64_t usedWorkgroup = 0;
  int64_t usedPrivate = 0;
  bool collective = false;
};

/// `type`, a memref's without its memory space.
mlir::Type withoutMemorySpaces(mlir::Type type);

/// Takes the memory spaces out of all types in `op`.
void removeMemorySpaces(mlir::Operation *op);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_SIMULATEDKERNELBUILDER_H
