// RUN: orcinus-opt %s --split-input-file --orcinus-simulate | FileCheck %s
// RUN: orcinus-opt %s --split-input-file --orcinus-simulate --gpu-to-llvm --orcinus-convert-to-llvm --reconcile-unrealized-casts | FileCheck %s --check-prefix=LOWERED

module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @identify(%x: memref<?xindex, #gpu.address_space<global>>, %n: index) kernel {
    %thread = gpu.thread_id y
    %block = gpu.block_id x
    %threads = gpu.block_dim y
    %blocks = gpu.grid_dim z
    %global = gpu.global_id y
    %again = gpu.thread_id y
    memref.store %thread, %x[%block] : memref<?xindex, #gpu.address_space<global>>
    memref.store %threads, %x[%blocks] : memref<?xindex, #gpu.address_space<global>>
    memref.store %global, %x[%again] : memref<?xindex, #gpu.address_space<global>>
    gpu.return
  }
}
func.func @main(%x: memref<?xindex>, %n: index) {
  %0 = memref.memory_space_cast %x : memref<?xindex> to memref<?xindex, #gpu.address_space<global>>
  gpu.launch_func @kernels::@identify blocks in (%n, %n, %n) threads in (%n, %n, %n)
      args(%0 : memref<?xindex, #gpu.address_space<global>>, %n : index)
  return
}
}

// CHECK-LABEL: module
// CHECK-NOT: gpu.container_module
// CHECK: llvm.mlir.global internal constant @[[NAME:.*]]("identify\00")
// CHECK-NOT: gpu.module

// CHECK: func.func private @kernels_identify(%[[PARAMS:.*]]: !llvm.ptr, %[[SELF:.*]]: !llvm.ptr)
// CHECK: %[[SLOT:.*]] = llvm.getelementptr %[[PARAMS]][0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK: %[[ADDRESS:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[X:.*]] = llvm.load %[[ADDRESS]]
// CHECK: %[[MEMREF:.*]] = builtin.unrealized_conversion_cast %[[X]] : {{.*}} to memref<?xindex>
// CHECK: %[[FIELD:.*]] = llvm.getelementptr %[[SELF]][4] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK: %[[WORD:.*]] = llvm.load %[[FIELD]] : !llvm.ptr -> i32
// CHECK: %[[THREAD:.*]] = arith.index_cast %[[WORD]] : i32 to index
// CHECK: llvm.getelementptr %[[SELF]][12]
// CHECK: %[[BLOCK:.*]] = arith.index_cast
// CHECK: llvm.getelementptr %[[SELF]][28]
// CHECK: %[[DIM:.*]] = arith.index_cast
// CHECK: llvm.getelementptr %[[SELF]][44]
// CHECK: %[[GRID:.*]] = arith.index_cast
// CHECK: llvm.getelementptr %[[SELF]][16]
// CHECK: %[[BLOCKY:.*]] = arith.index_cast
// CHECK: %[[FIRST:.*]] = arith.muli %[[BLOCKY]], %[[DIM]]
// CHECK: %[[GLOBAL:.*]] = arith.addi %[[FIRST]], %[[THREAD]]
// CHECK: memref.store %[[THREAD]], %[[MEMREF]][%[[BLOCK]]] : memref<?xindex>
// CHECK: memref.store %[[DIM]], %[[MEMREF]][%[[GRID]]] : memref<?xindex>
// CHECK: memref.store %[[GLOBAL]], %[[MEMREF]][%[[THREAD]]] : memref<?xindex>
// CHECK: return

// CHECK: llvm.func internal @kernels_identify_entry(%[[P:.*]]: !llvm.ptr, %[[S:.*]]: !llvm.ptr)
// CHECK: func.call @kernels_identify(%[[P]], %[[S]])

// CHECK: llvm.mlir.global internal constant @kernels_identify_kernel() {{.*}} : !llvm.struct<(ptr, ptr, i64, i32, i32)>
// CHECK-DAG: %[[ENTRY:.*]] = llvm.mlir.addressof @kernels_identify_entry
// CHECK-DAG: %[[TEXT:.*]] = llvm.mlir.addressof @[[NAME]]
// CHECK-DAG: %[[BYTES:.*]] = llvm.mlir.constant(0 : i64)
// CHECK-DAG: %[[SUBGROUP:.*]] = llvm.mlir.constant(32 : i32)
// CHECK-DAG: %[[COLLECTIVE:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: llvm.insertvalue %[[ENTRY]], %{{.*}}[0]
// CHECK: llvm.insertvalue %[[TEXT]], %{{.*}}[1]
// CHECK: llvm.insertvalue %[[BYTES]], %{{.*}}[2]
// CHECK: llvm.insertvalue %[[SUBGROUP]], %{{.*}}[3]
// CHECK: llvm.insertvalue %[[COLLECTIVE]], %{{.*}}[4]

// CHECK: func.func @main(%{{.*}}: memref<?xindex>, %[[N:.*]]: index)
// CHECK: %[[TOKEN:.*]] = gpu.wait async
// CHECK: %[[STREAM:.*]] = builtin.unrealized_conversion_cast %[[TOKEN]] : !gpu.async.token to !llvm.ptr
// CHECK: %[[STACK:.*]] = llvm.intr.stacksave
// CHECK: %[[ARRAY:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK: memref.memory_space_cast %{{.*}} : memref<?xindex, #gpu.address_space<global>> to memref<?xindex>
// CHECK: llvm.store
// CHECK: llvm.getelementptr %[[ARRAY]][1]
// CHECK: %[[NONE:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: %[[KERNEL:.*]] = llvm.mlir.addressof @kernels_identify_kernel
// CHECK: %[[EXTRA:.*]] = llvm.mlir.zero
// CHECK: %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
// CHECK: llvm.call @mgpuLaunchKernel(%[[KERNEL]], {{.*}}, %[[NONE]], %[[STREAM]], %[[ARRAY]], %[[EXTRA]], %[[COUNT]])
// CHECK: llvm.intr.stackrestore %[[STACK]]
// CHECK: gpu.wait [%[[TOKEN]]]

// LOWERED-LABEL: llvm.func internal @kernels_identify_entry
// LOWERED: llvm.call @kernels_identify(
// LOWERED: llvm.func @main
// LOWERED: %[[STREAM:.*]] = llvm.call @mgpuStreamCreate()
// LOWERED: llvm.call @mgpuLaunchKernel({{.*}}, %[[STREAM]],
// LOWERED: llvm.call @mgpuStreamSynchronize(%[[STREAM]])
// LOWERED: llvm.call @mgpuStreamDestroy(%[[STREAM]])
// LOWERED-NOT: unrealized_conversion_cast

// -----

// Workgroup memory at multiples of 16, private memory on the stack, memory that
// the launch adds behind all of it.

module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @memory(%at: index)
      workgroup(%a: memref<3xf32, #gpu.address_space<workgroup>>,
                %b: memref<2x5xf64, 3>)
      private(%c: memref<6xf32, #gpu.address_space<private>>) kernel {
    %value = memref.load %a[%at] : memref<3xf32, #gpu.address_space<workgroup>>
    memref.store %value, %c[%at] : memref<6xf32, #gpu.address_space<private>>
    %generic = memref.memory_space_cast %b : memref<2x5xf64, 3> to memref<2x5xf64>
    %double = memref.load %generic[%at, %at] : memref<2x5xf64>
    %dynamic = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %byte = memref.load %dynamic[%at] : memref<?xi8, #gpu.address_space<workgroup>>
    gpu.return
  }
}
func.func @main(%one: index, %bytes: i32, %stream: !llvm.ptr) {
  gpu.launch_func <%stream : !llvm.ptr> @kernels::@memory
      blocks in (%one, %one, %one) threads in (%one, %one, %one)
      dynamic_shared_memory_size %bytes args(%one : index)
  return
}
}

// CHECK-LABEL: func.func private @kernels_memory(
// CHECK-SAME: %[[SELF:[a-z0-9]*]]: !llvm.ptr)
// CHECK: llvm.getelementptr %[[SELF]][48]
// CHECK: %[[WORKGROUP:.*]] = llvm.load
// CHECK: llvm.getelementptr %[[WORKGROUP]][0] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK: %[[A:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<3xf32>
// CHECK: llvm.getelementptr %[[WORKGROUP]][16]
// CHECK: %[[B:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<2x5xf64>
// CHECK: %[[C:.*]] = memref.alloca() : memref<6xf32>
// CHECK: llvm.getelementptr %[[WORKGROUP]][96]
// CHECK: llvm.getelementptr %[[SELF]][56]
// CHECK: %[[D:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xi8>
// CHECK: memref.load %[[A]]
// CHECK: memref.store %{{.*}}, %[[C]]
// CHECK: memref.load %[[B]]
// CHECK: memref.load %[[D]]

// CHECK: llvm.mlir.global internal constant @kernels_memory_kernel
// CHECK: llvm.mlir.constant(96 : i64)

// CHECK: func.func @main(%{{.*}}: index, %[[BYTES:.*]]: i32, %[[STREAM:.*]]: !llvm.ptr)
// CHECK-NOT: gpu.wait
// CHECK: llvm.call @mgpuLaunchKernel({{.*}}, %[[BYTES]], %[[STREAM]],
// CHECK-NOT: gpu.wait
// LOWERED: llvm.call @mgpuLaunchKernel

// -----

// Collectives say where they are, each by a text of its own; those of other ops
// are shared.

module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @collectives(%x: memref<?xf32>, %value: f32, %offset: i32, %width: i32) kernel {
    %c0 = arith.constant 0 : index
    gpu.barrier loc("k.mlir":1:2)
    gpu.barrier loc("k.mlir":1:2)
    %s, %v = gpu.shuffle up %value, %offset, %width : f32 loc(fused["k", "k.mlir":3:4])
    %t, %w = gpu.shuffle idx %offset, %offset, %width : i32 loc(callsite("inlined"("k.mlir":5:6) at "k.mlir":7:8))
    %both = arith.andi %v, %w : i1
    scf.if %both {
      memref.store %s, %x[%c0] : memref<?xf32>
    }
    gpu.return
  }
}
}

// CHECK-DAG: llvm.mlir.global internal constant @[[$ONE:.*]]("k.mlir:1:2\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[$OTHER:.*]]("k.mlir:1:2\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[$FUSED:.*]]("k.mlir:3:4\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[$INLINED:.*]]("k.mlir:5:6\00")
// CHECK-LABEL: func.func private @kernels_collectives(
// CHECK-SAME: %[[SELF:[a-z0-9]*]]: !llvm.ptr)
// CHECK: %[[VALID:.*]] = llvm.alloca %{{.*}} x i32
// CHECK: %[[P1:.*]] = llvm.mlir.addressof @[[FIRST:orcinus_place.*]] : !llvm.ptr
// CHECK: call @orcinus_sim_barrier(%[[SELF]], %[[P1]])
// CHECK-NOT: llvm.mlir.addressof @[[FIRST]] :
// CHECK: %[[P2:.*]] = llvm.mlir.addressof @
// CHECK: call @orcinus_sim_barrier(%[[SELF]], %[[P2]])
// CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : f32 to i32
// CHECK: %[[UP:.*]] = arith.constant 1 : i32
// CHECK: %[[P3:.*]] = llvm.mlir.addressof @[[$FUSED]]
// CHECK: %[[$MOVED:.*]] = call @orcinus_sim_shuffle(%[[SELF]], %[[UP]], %[[BITS]], %{{.*}}, %{{.*}}, %[[VALID]], %[[P3]])
// CHECK: arith.bitcast %[[$MOVED]] : i32 to f32
// CHECK: %[[FLAG:.*]] = llvm.load %[[VALID]]
// CHECK: arith.cmpi ne, %[[FLAG]]
// CHECK: %[[INDEX:.*]] = arith.constant 3 : i32
// CHECK: %[[P4:.*]] = llvm.mlir.addressof @[[$INLINED]]
// CHECK: call @orcinus_sim_shuffle(%[[SELF]], %[[INDEX]], {{.*}}, %[[P4]])
// CHECK: llvm.mlir.global internal constant @kernels_collectives_kernel
// CHECK: %[[COLLECTIVE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK: llvm.insertvalue %[[COLLECTIVE]], %{{.*}}[4]
// LOWERED: llvm.call @orcinus_sim_shuffle

// -----

// Reductions are shuffles; globals move beside the kernels.

module attributes {gpu.container_module} {
memref.global "private" constant @table : memref<1xf32> = dense<1.0>
gpu.module @kernels {
  memref.global "private" constant @table : memref<2xf32, #gpu.address_space<global>> = dense<[2.0, 3.0]>
  gpu.func @sum(%x: memref<?xf32>) kernel {
    %lane = gpu.lane_id
    %table = memref.get_global @table : memref<2xf32, #gpu.address_space<global>>
    %value = memref.load %table[%lane] : memref<2xf32, #gpu.address_space<global>>
    %sum = gpu.subgroup_reduce add %value : (f32) -> f32
    memref.store %sum, %x[%lane] : memref<?xf32>
    gpu.return
  }
}
}

// CHECK: memref.global "private" constant @table : memref<1xf32>
// CHECK: memref.global "private" constant @[[$MOVED:table_.*]] : memref<2xf32> =
// CHECK-LABEL: func.func private @kernels_sum(
// CHECK: arith.remui
// CHECK: memref.get_global @[[$MOVED]] : memref<2xf32>
// CHECK-COUNT-5: call @orcinus_sim_shuffle
// CHECK-NOT: orcinus_sim_shuffle
// LOWERED: llvm.call @orcinus_sim_shuffle

// -----

// A launch's token is the one that it waited for; of several, one that waits
// for them.

module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @nothing() kernel {
    gpu.return
  }
}
func.func @main(%one: i32) {
  %a = gpu.wait async
  %b = gpu.launch_func async [%a] @kernels::@nothing
      blocks in (%one, %one, %one) threads in (%one, %one, %one) : i32
  %c = gpu.wait async
  %d = gpu.launch_func async [%b, %c] @kernels::@nothing
      blocks in (%one, %one, %one) threads in (%one, %one, %one) : i32
  gpu.wait [%d]
  return
}
}

// CHECK-LABEL: func.func @main
// CHECK: %[[A:.*]] = gpu.wait async{{$}}
// CHECK: builtin.unrealized_conversion_cast %[[A]]
// CHECK: arith.extsi %{{.*}} : i32 to i64
// CHECK: llvm.call @mgpuLaunchKernel
// CHECK: %[[C:.*]] = gpu.wait async{{$}}
// CHECK: %[[D:.*]] = gpu.wait async [%[[A]], %[[C]]]
// CHECK: builtin.unrealized_conversion_cast %[[D]]
// CHECK: llvm.call @mgpuLaunchKernel
// CHECK: gpu.wait [%[[D]]]
// LOWERED-LABEL: llvm.func @kernels_nothing(
// LOWERED-COUNT-2: llvm.call @mgpuLaunchKernel
