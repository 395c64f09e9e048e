//===- KernelTexts.h - Kernels to run and to damage -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_SIMULATOR_KERNELTEXTS_H
#define ORCINUS_TEST_UNIT_SIMULATOR_KERNELTEXTS_H

#include <string>

namespace orcinus::test {

/// C = A · B by 8×8 tiles in workgroup memory, for any shapes. Comments mark
/// the lines that tests damage or look for.
inline const std::string matmulText = R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @matmul(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>)
      workgroup(%tileA: memref<8x8xf32, #gpu.address_space<workgroup>>,
                %tileB: memref<8x8xf32, #gpu.address_space<workgroup>>)
      kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %m = memref.dim %c, %c0 : memref<?x?xf32>
    %n = memref.dim %c, %c1 : memref<?x?xf32>
    %k = memref.dim %a, %c1 : memref<?x?xf32>
    %tx = gpu.thread_id x
    %ty = gpu.thread_id y
    %row = gpu.global_id y
    %column = gpu.global_id x
    %rowInside = arith.cmpi slt, %row, %m : index
    %columnInside = arith.cmpi slt, %column, %n : index
    %sum = scf.for %first = %c0 to %k step %c8 iter_args(%acc = %zero) -> (f32) {
      %ka = arith.addi %first, %tx : index
      %kb = arith.addi %first, %ty : index
      %kaInside = arith.cmpi slt, %ka, %k : index
      %aInside = arith.andi %rowInside, %kaInside : i1
      %valueA = scf.if %aInside -> (f32) {
        %value = memref.load %a[%row, %ka] : memref<?x?xf32> // LOAD A
        scf.yield %value : f32
      } else {
        scf.yield %zero : f32
      }
      %kbInside = arith.cmpi slt, %kb, %k : index
      %bInside = arith.andi %kbInside, %columnInside : i1
      %valueB = scf.if %bInside -> (f32) {
        %value = memref.load %b[%kb, %column] : memref<?x?xf32>
        scf.yield %value : f32
      } else {
        scf.yield %zero : f32
      }
      memref.store %valueA, %tileA[%ty, %tx] : memref<8x8xf32, #gpu.address_space<workgroup>> // STORE A
      memref.store %valueB, %tileB[%ty, %tx] : memref<8x8xf32, #gpu.address_space<workgroup>> // STORE B
      gpu.barrier // FILLED
      %next = scf.for %at = %c0 to %c8 step %c1 iter_args(%inner = %acc) -> (f32) {
        %x = memref.load %tileA[%ty, %at] : memref<8x8xf32, #gpu.address_space<workgroup>> // READ A
        %y = memref.load %tileB[%at, %tx] : memref<8x8xf32, #gpu.address_space<workgroup>> // READ B
        %product = arith.mulf %x, %y : f32
        %more = arith.addf %inner, %product : f32
        scf.yield %more : f32
      }
      gpu.barrier // USED
      scf.yield %next : f32
    }
    %inside = arith.andi %rowInside, %columnInside : i1
    scf.if %inside {
      memref.store %sum, %c[%row, %column] : memref<?x?xf32>
    }
    gpu.return
  }
}
func.func @main(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %m = memref.dim %c, %c0 : memref<?x?xf32>
  %n = memref.dim %c, %c1 : memref<?x?xf32>
  %rows = arith.ceildivui %m, %c8 : index
  %columns = arith.ceildivui %n, %c8 : index
  gpu.launch_func @kernels::@matmul
      blocks in (%columns, %rows, %c1) threads in (%c8, %c8, %c1)
      args(%a : memref<?x?xf32>, %b : memref<?x?xf32>, %c : memref<?x?xf32>)
  return
}
}
)";

/// Sums each block's part of x by shuffles in subgroups of 32, then one among
/// the subgroups' sums.
inline const std::string reductionText = R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @sum(%x: memref<?xf32>, %sums: memref<?xf32>)
      workgroup(%parts: memref<32xf32, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : i32
    %zero = arith.constant 0.0 : f32
    %at = gpu.global_id x
    %lane = gpu.lane_id
    %subgroup = gpu.subgroup_id : index
    %value = memref.load %x[%at] : memref<?xf32>
    %o16 = arith.constant 16 : i32
    %s16, %v16 = gpu.shuffle xor %value, %o16, %c32 : f32
    %t16 = arith.addf %value, %s16 : f32
    %o8 = arith.constant 8 : i32
    %s8, %v8 = gpu.shuffle xor %t16, %o8, %c32 : f32
    %t8 = arith.addf %t16, %s8 : f32
    %o4 = arith.constant 4 : i32
    %s4, %v4 = gpu.shuffle xor %t8, %o4, %c32 : f32
    %t4 = arith.addf %t8, %s4 : f32
    %o2 = arith.constant 2 : i32
    %s2, %v2 = gpu.shuffle xor %t4, %o2, %c32 : f32
    %t2 = arith.addf %t4, %s2 : f32
    %o1 = arith.constant 1 : i32
    %s1, %v1 = gpu.shuffle xor %t2, %o1, %c32 : f32
    %t1 = arith.addf %t2, %s1 : f32
    %firstLane = arith.cmpi eq, %lane, %c0 : index
    scf.if %firstLane {
      memref.store %t1, %parts[%subgroup] : memref<32xf32, #gpu.address_space<workgroup>>
    }
    gpu.barrier
    %firstSubgroup = arith.cmpi eq, %subgroup, %c0 : index
    scf.if %firstSubgroup {
      %count = gpu.num_subgroups : index
      %exists = arith.cmpi ult, %lane, %count : index
      %part = scf.if %exists -> (f32) {
        %loaded = memref.load %parts[%lane] : memref<32xf32, #gpu.address_space<workgroup>>
        scf.yield %loaded : f32
      } else {
        scf.yield %zero : f32
      }
      %sum = gpu.subgroup_reduce add %part uniform : (f32) -> f32
      scf.if %firstLane {
        %block = gpu.block_id x
        memref.store %sum, %sums[%block] : memref<?xf32>
      }
    }
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %sums: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %blocks = memref.dim %sums, %c0 : memref<?xf32>
  %threads = arith.divui %n, %blocks : index
  gpu.launch_func @kernels::@sum
      blocks in (%blocks, %c1, %c1) threads in (%threads, %c1, %c1)
      args(%x : memref<?xf32>, %sums : memref<?xf32>)
  return
}
}
)";

/// Counts by atomics: in workgroup memory, then in all. Device memory, streams
/// and dynamic workgroup memory are used on the way.
inline const std::string histogramText = R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @count(%x: memref<?xi32>, %bins: memref<16xi32>) kernel {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %own = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<16xi32, #gpu.address_space<workgroup>>
    %me = gpu.thread_id x
    %clears = arith.cmpi ult, %me, %c16 : index
    scf.if %clears {
      memref.store %zero, %own[%me] : memref<16xi32, #gpu.address_space<workgroup>>
    }
    gpu.barrier
    %n = memref.dim %x, %c0 : memref<?xi32>
    %at = gpu.global_id x
    %dim = gpu.block_dim x
    %grid = gpu.grid_dim x
    %step = arith.muli %dim, %grid : index
    scf.for %i = %at to %n step %step {
      %value = memref.load %x[%i] : memref<?xi32>
      %bin = arith.index_cast %value : i32 to index
      %old = memref.atomic_rmw addi %one, %own[%bin] : (i32, memref<16xi32, #gpu.address_space<workgroup>>) -> i32
    }
    gpu.barrier
    scf.if %clears {
      %value = memref.load %own[%me] : memref<16xi32, #gpu.address_space<workgroup>>
      %old = memref.atomic_rmw addi %value, %bins[%me] : (i32, memref<16xi32>) -> i32 // TOTAL
    }
    gpu.return
  }
}
func.func @main(%x: memref<?xi32>, %bins: memref<16xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %bytes = arith.constant 64 : i32
  %zero = arith.constant 0 : i32
  %n = memref.dim %x, %c0 : memref<?xi32>
  %t0 = gpu.wait async
  %deviceX, %t1 = gpu.alloc async [%t0] (%n) : memref<?xi32>
  %t2 = gpu.memcpy async [%t1] %deviceX, %x : memref<?xi32>, memref<?xi32>
  %other = gpu.wait async
  %deviceBins, %t3 = gpu.alloc async [%other] () : memref<16xi32>
  %t4 = gpu.memset async [%t3] %deviceBins, %zero : memref<16xi32>, i32
  %t5 = gpu.launch_func async [%t2, %t4] @kernels::@count
      blocks in (%c4, %c1, %c1) threads in (%c64, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%deviceX : memref<?xi32>, %deviceBins : memref<16xi32>)
  %t6 = gpu.memcpy async [%t5] %bins, %deviceBins : memref<16xi32>, memref<16xi32>
  %t7 = gpu.dealloc async [%t6] %deviceBins : memref<16xi32>
  %t8 = gpu.dealloc async [%t7] %deviceX : memref<?xi32>
  gpu.wait [%t8]
  gpu.wait [%t2]
  gpu.wait [%t4]
  return
}
}
)";

/// `text` with its only `from` replaced.
inline std::string damaged(std::string text, const std::string &from,
                           const std::string &to) {
  size_t at = text.find(from);
  return text.substr(0, at) + to + text.substr(at + from.size());
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_SIMULATOR_KERNELTEXTS_H
