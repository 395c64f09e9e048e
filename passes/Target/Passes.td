//===- Passes.td - What runs a program, if not the host -----*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_PASSES
#define ORCINUS_PASSES_TARGET_PASSES

include "mlir/Pass/PassBase.td"

def SimulateKernels : Pass<"orcinus-simulate", "mlir::ModuleOp"> {
  let summary = "Turn GPU kernels into host code for the simulator";
  let description = [{
    Each kernel of a `gpu.module` becomes a private function that runs one
    thread of it: `func.func @MODULE_KERNEL(%params, %self)`, whose arguments
    are an array of pointers to the kernel's and the thread
    (`runtime/Simulator/SimulatedKernel.h`). Identifiers are read from the
    thread, workgroup memory is a view of its block's, private memory is on the
    stack; barriers and shuffles are calls of the simulator with their place in
    the source; memory spaces are gone. A `gpu.launch_func` becomes a call of
    `mgpuLaunchKernel` with a constant that describes the kernel as the function
    and the token's stream; the runtime runs it before the call returns, so the
    launch's own token is the one that it waited for. What else the host asks of
    a GPU stays: `gpu-to-llvm` lowers it.

    With `check`, each access of a kernel to a memref is preceded by a check of
    its indices against the extents and by a call that tells the simulator of
    it.

    After it, there is no `gpu.module`.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::gpu::GPUDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"check", "check", "bool", /*default=*/"false",
           "Check indices and tell the simulator of all accesses">,
    Option<"subgroupSize", "subgroup-size", "int64_t", /*default=*/"32",
           "Threads of a subgroup: 32, or 64 as on AMD's wave64">
  ];
  let statistics = [
    Statistic<"simulatedKernels", "simulated-kernels",
              "Kernels that became host code">,
    Statistic<"checkedAccesses", "checked-accesses",
              "Accesses that are checked">
  ];
}

#endif // ORCINUS_PASSES_TARGET_PASSES
