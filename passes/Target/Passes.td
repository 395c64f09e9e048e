//===- Passes.td - What runs a program, if not the host -----*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_PASSES
#define ORCINUS_PASSES_TARGET_PASSES

include "mlir/Pass/PassBase.td"

def MapToGpu : Pass<"orcinus-map-to-gpu", "mlir::ModuleOp"> {
  let summary = "Turn linalg and kernels on memrefs into launches of GPU kernels";
  let description = [{
    Replaces every linalg op and tgnn kernel on memrefs by a `gpu.launch_func`
    of a kernel in the `gpu.module` `@kernels`; what computes the same shares
    one.

    - Contractions in f32, and of f16 or bf16 in f32, batched ones and
      convolutions among them: a block of threads copies tiles of the operands
      into workgroup memory, each thread keeps a tile of the result in
      registers; a long reduction over few tiles is cut into parts that another
      kernel adds in order. `eto.schedule` says how (see
      `GpuContractionSchedule`). Where extents, strides and offsets are known to
      allow it, 16 or 8 bytes are loaded and stored at a time; memrefs must
      begin at multiples of 16 bytes. Where the target has matrix instructions, they
      multiply the tiles of f16 and bf16; those of f32, where a schedule says
      so.
    - tgnn kernels: a subgroup computes an item (a row, a query), its threads
      being the lanes of the vectors that the host's lowering of the same kernel
      would use. What lanes exchange goes through shuffles, or through workgroup
      memory and barriers.
    - All other linalg ops: a thread computes an element of the result; long
      sums are divided into blocks.

    Sums are made in an order that depends on shapes alone: no atomics.
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::amdgpu::AMDGPUDialect",
    "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect",
    "mlir::linalg::LinalgDialect", "mlir::LLVM::LLVMDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
    "mlir::nvgpu::NVGPUDialect", "mlir::scf::SCFDialect",
    "mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"subgroupSize", "subgroup-size", "int64_t", /*default=*/"32",
           "Threads that run in step: 32, or 64 on AMD's CDNA">,
    Option<"workgroupBytes", "workgroup-bytes", "int64_t",
           /*default=*/"48 << 10",
           "Workgroup memory that a block can have without asking for more: "
           "49152, or 65536 on AMD's">,
    Option<"matrixInstructions", "matrix-instructions",
           "orcinus::MatrixInstructions",
           /*default=*/"orcinus::MatrixInstructions::None",
           "The matrix instructions that the target has",
           [{::llvm::cl::values(
               clEnumValN(orcinus::MatrixInstructions::None, "none", "None"),
               clEnumValN(orcinus::MatrixInstructions::Mma, "mma",
                          "NVIDIA's mma.sync, from sm_80 on"),
               clEnumValN(orcinus::MatrixInstructions::Mfma, "mfma",
                          "AMD's MFMA, from gfx90a on"))}]>
  ];
  let statistics = [
    Statistic<"mappedOps", "mapped-ops", "Ops that became launches">,
    Statistic<"gpuKernels", "gpu-kernels", "Distinct kernels made for them">
  ];
}

def PlaceData : Pass<"orcinus-place-data", "mlir::func::FuncOp"> {
  let summary = "Put a step function's data on the device, with explicit copies";
  let description = [{
    In a function that launches kernels:

    - temporaries become `gpu.alloc` and `gpu.dealloc`, and launches
      asynchronous, one after the other on one stream;
    - arguments bound to a table, and constants, are copied to the device in the
      order of their first use, on a stream of their own; a launch waits for the
      copies that it reads and no others, so that the rest overlap;
    - what the function writes to arguments bound to an output is written to the
      device, and copied back at the end, where the function waits for all.

    All other arguments must be on the device. Scalars are passed by value.
  }];
  let dependentDialects = ["mlir::gpu::GPUDialect",
                           "mlir::memref::MemRefDialect"];
}

def BindKernels : Pass<"orcinus-bind-kernels", "mlir::ModuleOp"> {
  let summary = "Lower launches of serialized kernels to calls of the device's runtime";
  let description = [{
    Takes a module in the LLVM dialect whose GPU module is serialized. The
    `gpu.binary` becomes a constant, and `@orcinus_load_kernels` a function that
    loads it, looks each kernel up and returns the module, to be called once
    before any other; a `gpu.launch_func` becomes a call of `mgpuLaunchKernel` with the addresses
    of its operands. MLIR's own translation would do this when the object code
    is made, and load by a constructor, which an object from a cache cannot
    count on.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def LowerBf16Products : Pass<"orcinus-lower-bf16-products",
                             "mlir::gpu::GPUModuleOp"> {
  let summary = "Lower nvgpu.mma.sync on bf16 to nvvm.mma.sync";
  let description = [{
    MLIR's own conversion of nvgpu lowers all other types; it runs afterwards.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect",
                           "mlir::NVVM::NVVMDialect",
                           "mlir::vector::VectorDialect"];
}

def SimulateKernels : Pass<"orcinus-simulate", "mlir::ModuleOp"> {
  let summary = "Turn GPU kernels into host code for the simulator";
  let description = [{
    Each kernel of a `gpu.module` becomes a private function that runs one
    thread of it: `func.func @MODULE_KERNEL(%params, %self)`, whose arguments
    are an array of pointers to the kernel's and the thread
    (`runtime/Simulator/SimulatedKernel.h`). Identifiers are read from the
    thread, workgroup memory is a view of its block's, private memory is on the
    stack; barriers and shuffles are calls of the simulator with their place in
    the source; matrix instructions are expanded into shuffles and FMAs; memory spaces are gone. A `gpu.launch_func` becomes a call of
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
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
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
