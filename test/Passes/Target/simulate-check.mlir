// RUN: orcinus-opt %s --orcinus-simulate="check subgroup-size=64" --split-input-file | FileCheck %s

gpu.module @kernels {
  gpu.func @scalars(%x: memref<?x4xf32, strided<[?, 1], offset: 3>>, %i: index, %j: index) kernel {
    %value = memref.load %x[%i, %j] : memref<?x4xf32, strided<[?, 1], offset: 3>>
    %old = memref.atomic_rmw addf %value, %x[%i, %i] : (f32, memref<?x4xf32, strided<[?, 1], offset: 3>>) -> f32
    gpu.return
  }
}

// CHECK-LABEL: func.func private @kernels_scalars(
// CHECK-SAME: %[[SELF:[a-z0-9]*]]: !llvm.ptr)
// CHECK: %[[X:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?x4xf32, strided<[?, 1], offset: 3>>
// CHECK: %[[I:.*]] = builtin.unrealized_conversion_cast {{.*}} to index
// CHECK: %[[J:.*]] = builtin.unrealized_conversion_cast {{.*}} to index
// CHECK: %[[PLACE:.*]] = llvm.mlir.addressof @orcinus_place
// CHECK: %[[ROWS:.*]] = memref.dim %[[X]], %{{.*}}
// CHECK: %[[OUTSIDE:.*]] = arith.cmpi uge, %[[I]], %[[ROWS]]
// CHECK: scf.if %[[OUTSIDE]] {
// CHECK:   %[[I64:.*]] = arith.index_cast %[[I]] : index to i64
// CHECK:   %[[ROWS64:.*]] = arith.index_cast %[[ROWS]] : index to i64
// CHECK:   %[[DIMENSION:.*]] = arith.constant 0 : i32
// CHECK:   call @orcinus_sim_out_of_bounds(%[[SELF]], %[[I64]], %[[ROWS64]], %[[DIMENSION]], %[[PLACE]])
// CHECK: }
// CHECK: arith.cmpi uge, %[[J]], %{{.*}}
// CHECK:   arith.constant 1 : i32
// CHECK:   call @orcinus_sim_out_of_bounds
// CHECK: %{{.*}}, %[[OFFSET:.*]], %{{.*}}:2, %[[STRIDES:.*]]:2 = memref.extract_strided_metadata %[[X]]
// CHECK: %[[ROW:.*]] = arith.muli %[[I]], %[[STRIDES]]#0
// CHECK: %[[FIRST:.*]] = arith.addi %[[OFFSET]], %[[ROW]]
// CHECK: %[[COLUMN:.*]] = arith.muli %[[J]], %[[STRIDES]]#1
// CHECK: %[[AT:.*]] = arith.addi %[[FIRST]], %[[COLUMN]]
// CHECK: memref.extract_aligned_pointer_as_index %[[X]]
// CHECK: %[[SIZE:.*]] = arith.constant 4 : index
// CHECK: arith.muli %[[AT]], %[[SIZE]]
// CHECK: %[[ADDRESS:.*]] = llvm.inttoptr
// CHECK: %[[BYTES:.*]] = arith.constant 4 : i32
// CHECK: %[[READ:.*]] = arith.constant 0 : i32
// CHECK: call @orcinus_sim_access(%[[SELF]], %[[ADDRESS]], %[[BYTES]], %[[READ]], %[[PLACE]])
// CHECK: memref.load %[[X]][%[[I]], %[[J]]]
// CHECK: %[[ATOMIC:.*]] = arith.constant 2 : i32
// CHECK: call @orcinus_sim_access({{.*}}, %[[ATOMIC]], %{{.*}})
// CHECK: memref.atomic_rmw

// CHECK: llvm.mlir.global internal constant @kernels_scalars_kernel
// CHECK: llvm.mlir.constant(64 : i32)
// CHECK: %[[COLLECTIVE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK: llvm.insertvalue %[[COLLECTIVE]], %{{.*}}[4]

// -----

// A vector is where it is said to be.

gpu.module @kernels {
  gpu.func @aligned(%x: memref<?xf32>, %i: index) kernel {
    %whole = vector.load %x[%i] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
    gpu.return
  }
}

// CHECK-LABEL: func.func private @kernels_aligned(
// CHECK-SAME: %[[SELF:[a-z0-9]*]]: !llvm.ptr)
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: %[[ADDRESS:.*]] = arith.index_cast %{{.*}} : index to i64
// CHECK: %[[MASK:.*]] = arith.constant 15 : i64
// CHECK: %[[REST:.*]] = arith.andi %[[ADDRESS]], %[[MASK]]
// CHECK: %[[WRONG:.*]] = arith.cmpi ne, %[[REST]], %{{.*}}
// CHECK: scf.if %[[WRONG]] {
// CHECK:   %[[SIXTEEN:.*]] = arith.constant 16 : i64
// CHECK:   call @orcinus_sim_misaligned(%[[SELF]], %[[REST]], %[[SIXTEEN]], %{{.*}})
// CHECK: }
// CHECK: call @orcinus_sim_access
// CHECK: vector.load

// -----

// All of a vector is in bounds if its ends are; of a masked one each lane that
// is not masked; of a transfer each lane that is not beyond the end.

gpu.module @kernels {
  gpu.func @vectors(%x: memref<?xf32>, %i: index, %mask: vector<8xi1>, %zero: f32) kernel {
    %whole = vector.load %x[%i] : memref<?xf32>, vector<8xf32>
    vector.maskedstore %x[%i], %mask, %whole : memref<?xf32>, vector<8xi1>, vector<8xf32>
    %padded = vector.transfer_read %x[%i], %zero : memref<?xf32>, vector<8xf32>
    vector.transfer_write %padded, %x[%i] {in_bounds = [true]} : vector<8xf32>, memref<?xf32>
    gpu.return
  }
}

// CHECK-LABEL: func.func private @kernels_vectors(
// CHECK: %[[X:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xf32>
// CHECK: %[[I:.*]] = builtin.unrealized_conversion_cast {{.*}} to index
// CHECK: %[[MASK:.*]] = llvm.load %{{.*}} : !llvm.ptr -> vector<8xi1>
// CHECK: arith.cmpi uge, %[[I]], %{{.*}}
// CHECK: %[[SEVEN:.*]] = arith.constant 7 : index
// CHECK: %[[LAST:.*]] = arith.addi %[[I]], %[[SEVEN]]
// CHECK: arith.cmpi uge, %[[LAST]], %{{.*}}
// CHECK: %[[BYTES:.*]] = arith.constant 32 : i32
// CHECK: call @orcinus_sim_access(%{{.*}}, %{{.*}}, %[[BYTES]],
// CHECK: vector.load

// CHECK: scf.for %[[LANE:.*]] = %{{.*}} to %{{.*}} step
// CHECK:   %[[AT:.*]] = arith.addi %[[I]], %[[LANE]]
// CHECK:   %[[ACTIVE:.*]] = vector.extract %[[MASK]][%[[LANE]]]
// CHECK:   scf.if %[[ACTIVE]] {
// CHECK:     arith.cmpi uge, %[[AT]], %{{.*}}
// CHECK:     arith.constant 4 : i32
// CHECK:     %[[WRITE:.*]] = arith.constant 1 : i32
// CHECK:     call @orcinus_sim_access({{.*}}, %[[WRITE]], %{{.*}})
// CHECK: vector.maskedstore

// CHECK: scf.for %[[LANE:.*]] = %{{.*}} to %{{.*}} step
// CHECK:   %[[AT:.*]] = arith.addi %[[I]], %[[LANE]]
// CHECK:   %[[INSIDE:.*]] = arith.cmpi slt, %[[AT]], %{{.*}}
// CHECK:   scf.if %[[INSIDE]] {
// CHECK: vector.transfer_read

// CHECK-NOT: scf.for
// CHECK: call @orcinus_sim_access
// CHECK: vector.transfer_write
