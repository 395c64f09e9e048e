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

    Before:

    ```mlir
    func.func @step(%x: memref<64xf32>, %y: memref<64xf32>) {
      linalg.exp ins(%x : memref<64xf32>) outs(%y : memref<64xf32>)
      return
    }
    ```

    After:

    ```mlir
    …
      func.func @step(%arg0: memref<64xf32>, %arg1: memref<64xf32>) {
        …
        gpu.launch_func  @kernels::@elements blocks in (%c1_4, %c1_2, %c1_2) threads in (%c256_5, …
        return
      }
      gpu.module @kernels {
        gpu.func @elements(%arg0: memref<64xf32, strided<[1], offset: ?>>, %arg1: memref<64xf32, …
          …
          scf.if %2 {
            …
            %3 = memref.load %arg1[%1] : memref<64xf32, strided<[1], offset: ?>>
            …
            %4 = memref.load %arg0[%1] : memref<64xf32, strided<[1], offset: ?>>
            %5 = math.exp %4 : f32
            memref.store %5, %arg1[%1] : memref<64xf32, strided<[1], offset: ?>>
          }
          gpu.return
        }
      }
    }
    ```
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

    All other arguments must be on the device. Scalars are passed by value. With
    `host-arguments` all memrefs among the arguments are the host's: they are
    copied to the device, and those that a kernel may write to are copied back.

    Before:

    ```mlir
    module attributes {gpu.container_module} {
      gpu.module @kernels {
        gpu.func @scale(%from: memref<4xf32>, %to: memref<4xf32>) kernel {
          gpu.return
        }
      }
      func.func @step(%table: memref<4xf32> {tgnn.binding = "table:1.times"},
                      %state: memref<4xf32> {tgnn.binding = "state:memory"}) {
        %c1 = arith.constant 1 : index
        gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1)
            threads in (%c1, %c1, %c1)
            args(%table : memref<4xf32>, %state : memref<4xf32>)
        return
      }
    }
    ```

    After:

    ```mlir
    module attributes {gpu.container_module} {
      gpu.module @kernels {
        gpu.func @scale(%arg0: memref<4xf32>, %arg1: memref<4xf32>) kernel {
          gpu.return
        }
      }
      func.func @step(%arg0: memref<4xf32> {tgnn.binding = "table:1.times"}, %arg1: memref<4xf32> …
        %0 = gpu.wait async
        %1 = gpu.wait async
        %memref, %asyncToken = gpu.alloc async [%1] () : memref<4xf32>
        %2 = gpu.memcpy async [%asyncToken] %memref, %arg0 : memref<4xf32>, memref<4xf32>
        %c1 = arith.constant 1 : index
        %3 = gpu.wait async [%0, %2]
        %4 = gpu.launch_func async [%3] @kernels::@scale blocks in (%c1, %c1, %c1) threads in (%c1, …
        %5 = gpu.wait async [%4, %2]
        %6 = gpu.dealloc async [%5] %memref : memref<4xf32>
        gpu.wait [%6]
        return
      }
    }
    ```
  }];
  let options = [
    Option<"hostArguments", "host-arguments", "bool", /*default=*/"false",
           "All memrefs among the arguments are the host's">
  ];
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

    Before:

    ```mlir
    module attributes {gpu.container_module} {
      gpu.binary @kernels [#gpu.object<#nvvm.target, "code">]
      llvm.func @step(%buffer: !llvm.ptr, %stream: !llvm.ptr) {
        %one = llvm.mlir.constant(1 : i64) : i64
        gpu.launch_func <%stream : !llvm.ptr> @kernels::@scale
            blocks in (%one, %one, %one) threads in (%one, %one, %one) : i64
            args(%buffer : !llvm.ptr)
        llvm.return
      }
    }
    ```

    After:

    ```mlir
    …
    llvm.mlir.global internal constant @kernels_image("code") {addr_space = 0 : …
    …
    llvm.mlir.global internal @kernel_scale() {addr_space = 0 : i32} : !llvm.ptr {
      …
    }
    llvm.func @step(%arg0: !llvm.ptr, %arg1: !llvm.ptr) {
      …
      llvm.call @mgpuLaunchKernel(%8, %5, %5, %5, %5, %5, %5, %10, %arg1, %2, %9, %11) : …
      …
    }
    llvm.func @orcinus_load_kernels() -> !llvm.ptr {
      …
      %1 = llvm.mlir.addressof @kernels_image : !llvm.ptr
      %2 = llvm.call @mgpuModuleLoad(%1, %0) : (!llvm.ptr, i64) -> !llvm.ptr
      …
      %4 = llvm.call @mgpuModuleGetFunction(%2, %3) : (!llvm.ptr, !llvm.ptr) -> !llvm.ptr
      …
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def LowerBf16Products : Pass<"orcinus-lower-bf16-products",
                             "mlir::gpu::GPUModuleOp"> {
  let summary = "Lower nvgpu.mma.sync on bf16 to nvvm.mma.sync";
  let description = [{
    MLIR's own conversion of nvgpu lowers all other types; it runs afterwards.

    Before `--pass-pipeline="builtin.module(gpu.module(orcinus-lower-bf16-products))"`:

    ```mlir
    gpu.module @kernels {
      gpu.func @multiply(%a: vector<4x2xbf16>, %b: vector<2x2xbf16>, %c: vector<2x2xf32>,
                         %out: memref<2x2xf32>) kernel {
        %zero = arith.constant 0 : index
        %d = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 16]}
            : (vector<4x2xbf16>, vector<2x2xbf16>, vector<2x2xf32>) -> vector<2x2xf32>
        vector.store %d, %out[%zero, %zero] : memref<2x2xf32>, vector<2x2xf32>
        gpu.return
      }
    }
    ```

    After:

    ```mlir
    …
      gpu.func @multiply(%arg0: vector<4x2xbf16>, %arg1: vector<2x2xbf16>, %arg2: vector<2x2xf32>, …
        …
        %4 = vector.extract %arg0[0] : vector<2xbf16> from vector<4x2xbf16>
        %5 = vector.bitcast %4 : vector<2xbf16> to vector<1xi32>
        …
        %22 = nvvm.mma.sync A[%6, %9, %12, %15]  B[%18, %21]  C[%0, %1, %2, %3]  {layoutA = …
        %23 = llvm.extractvalue %22[0] : !llvm.struct<(f32, f32, f32, f32)>
        %24 = llvm.extractvalue %22[1] : !llvm.struct<(f32, f32, f32, f32)>
        %25 = llvm.extractvalue %22[2] : !llvm.struct<(f32, f32, f32, f32)>
        %26 = llvm.extractvalue %22[3] : !llvm.struct<(f32, f32, f32, f32)>
        …
        %27 = vector.insert %23, %cst [0, 0] : f32 into vector<2x2xf32>
        %28 = vector.insert %24, %27 [0, 1] : f32 into vector<2x2xf32>
        %29 = vector.insert %25, %28 [1, 0] : f32 into vector<2x2xf32>
        %30 = vector.insert %26, %29 [1, 1] : f32 into vector<2x2xf32>
        vector.store %30, %arg3[%c0, %c0] : memref<2x2xf32>, vector<2x2xf32>
        …
    ```
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

    Before:

    ```mlir
    module attributes {gpu.container_module} {
      gpu.module @kernels {
        gpu.func @number(%x: memref<?xindex>) kernel {
          %thread = gpu.thread_id x
          memref.store %thread, %x[%thread] : memref<?xindex>
          gpu.return
        }
      }
      func.func @main(%x: memref<?xindex>, %n: index) {
        gpu.launch_func @kernels::@number blocks in (%n, %n, %n) threads in (%n, %n, %n)
            args(%x : memref<?xindex>)
        return
      }
    }
    ```

    After:

    ```mlir
    …
    func.func private @kernels_number(%arg0: !llvm.ptr, %arg1: !llvm.ptr) {
      …
      %5 = llvm.load %4 : !llvm.ptr -> i32
      %6 = arith.index_cast %5 : i32 to index
      memref.store %6, %3[%6] : memref<?xindex>
      return
    }
    …
    func.func @main(%arg0: memref<?xindex>, %arg1: index) {
      …
      llvm.call @mgpuLaunchKernel(%10, %11, %12, %13, %14, %15, %16, %9, %1, %5, %17, %18) : …
      …
    ```
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
