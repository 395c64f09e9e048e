//===- KernelModule.h - A program's GPU kernels and launches ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_KERNELMODULE_H
#define ORCINUS_PASSES_TARGET_KERNELMODULE_H

#include "passes/Lowering/LoopBuilder.h"
#include "passes/Target/MatrixInstruction.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

#include <array>

namespace orcinus {

/// What kernels are made for.
struct GpuTarget {
  /// Threads that run in step and exchange values: 32 on NVIDIA, 64 on CDNA.
  int64_t subgroupSize = 32;
  /// Workgroup memory that a block can have without asking for more.
  int64_t workgroupBytes = 48 << 10;
  MatrixInstructions matrixInstructions = MatrixInstructions::None;
};

/// The `gpu.module` of a program. Ops that compute the same share a kernel.
class KernelModule {
public:
  /// Puts the module of kernels into `module`, which must not have one.
  KernelModule(mlir::ModuleOp module, const GpuTarget &target);

  /// Makes a kernel's body; stands in its entry block.
  using Body =
      llvm::function_ref<void(mlir::OpBuilder &, mlir::gpu::GPUFuncOp)>;

  /// The kernel of `key`: `body` makes it where there is none. `name` begins
  /// its symbol.
  mlir::gpu::GPUFuncOp kernel(llvm::StringRef name, llvm::StringRef key,
                              mlir::TypeRange argumentTypes,
                              mlir::Location location, Body body);

  /// Runs `kernel` in grid[0] × grid[1] × grid[2] blocks, each at least 1, of
  /// as many threads in each dimension as `block` says, or in none where the
  /// `Condition` that there is does not hold. Each kernel has one block shape.
  void launch(mlir::OpBuilder &builder, mlir::Location location,
              mlir::gpu::GPUFuncOp kernel, std::array<mlir::Value, 3> grid,
              std::array<int64_t, 3> block, mlir::ValueRange arguments);

  /// While there is one, what is launched runs only where `holds`, an i1, does,
  /// whose alternatives are launched as well: data is placed in straight code.
  class Condition {
  public:
    Condition(KernelModule &kernels, mlir::Value holds) : kernels(kernels) {
      kernels.condition = holds;
    }
    ~Condition() { kernels.condition = nullptr; }
    Condition(const Condition &) = delete;
    Condition &operator=(const Condition &) = delete;

  private:
    KernelModule &kernels;
  };

  /// `arguments` with views of any offset, so that one kernel serves all views.
  static llvm::SmallVector<mlir::Value>
  withAnyOffsets(mlir::OpBuilder &builder, mlir::ValueRange arguments);

  int64_t numKernels() const { return kernels.size(); }
  /// Erases the module of kernels where it has none.
  void finish();

  const GpuTarget target;

private:
  mlir::gpu::GPUModuleOp module;
  mlir::SymbolTable symbols;
  llvm::StringMap<mlir::gpu::GPUFuncOp> kernels;
  /// That of the `Condition`; null where there is none.
  mlir::Value condition;
};

/// The index of this thread among all threads of a one-dimensional launch with
/// blocks of `blockSize`.
mlir::Value emitGlobalThread(LoopBuilder &b, int64_t blockSize);

/// Runs `body` where `left` < `right`.
void emitWhereBelow(LoopBuilder &b, mlir::Value left, mlir::Value right,
                    llvm::function_ref<void()> body);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_KERNELMODULE_H
