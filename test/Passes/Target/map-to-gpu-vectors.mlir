// RUN: orcinus-opt %s --orcinus-map-to-gpu --canonicalize --cse --split-input-file | FileCheck %s

// Rows of whole vectors: the left operand is turned on its way into its tile,
// the right one is not. The result and the bias are four columns at a time.
func.func @whole(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                 %bias: memref<200xf32>, %result: memref<?x200xf32>) {
  linalg.broadcast ins(%bias : memref<200xf32>)
      outs(%result : memref<?x200xf32>) dimensions = [0]
  linalg.matmul ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>)
  return
}
// CHECK:       #[[$UNROLL:.*]] = #llvm.loop_unroll<disable = true>
// CHECK:       #[[$ROLLED:.*]] = #llvm.loop_annotation<unroll = #[[$UNROLL]]>
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<?x100xf32, {{.*}}>, %[[RIGHT:.*]]: memref<100x200xf32, {{.*}}>, %[[RESULT:.*]]: memref<?x200xf32, {{.*}}>, %[[BIAS:.*]]: memref<200xf32, {{.*}}>) workgroup(%[[ROWS:.*]] : memref<16x132xf32, {{.*}}> {{.*}}, %[[COLUMNS:.*]] : memref<16x68xf32,
// CHECK:         scf.for
// All is on its way before the first is put into a tile.
// CHECK-COUNT-2:   vector.load %[[LEFT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:           vector.load %[[RIGHT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-8:   memref.store %{{.*}}, %[[ROWS]]
// CHECK:           vector.store %{{.*}}, %[[COLUMNS]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:           gpu.barrier
// CHECK:           scf.for
// CHECK:           gpu.barrier
// A compiler that unrolled this would run out of registers.
// CHECK:         } {loop_annotation = #[[$ROLLED]]}
// CHECK-NOT:     memref.load
// CHECK-NOT:     memref.store
// CHECK:         vector.load %[[BIAS]][%{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:         vector.store %{{.*}}, %[[RESULT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>

// -----

// Two tiles of each operand: what is next is loaded before the product and
// stored after it, and there is one barrier a step.
func.func @stages(%left: memref<?x100xf32>, %right: memref<100x200xf32>,
                  %result: memref<?x200xf32>) {
  linalg.matmul {eto.schedule = #eto.schedule<stages = 2>}
      ins(%left, %right : memref<?x100xf32>, memref<100x200xf32>)
      outs(%result : memref<?x200xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<?x100xf32, {{.*}}>, %[[RIGHT:.*]]: memref<100x200xf32, {{.*}}>, %{{.*}}: memref<?x200xf32, {{.*}}>) workgroup(%[[ROWS:.*]] : memref<2x16x68xf32, {{.*}}> {{.*}}, %[[COLUMNS:.*]] : memref<2x16x68xf32,
// CHECK:         vector.load %[[LEFT]]
// CHECK:         vector.load %[[RIGHT]]
// CHECK:         gpu.barrier
// CHECK:         scf.for %[[STEP:.*]] = %{{.*}} iter_args({{.*}}, %[[STAGE:.*]] = %c0)
// CHECK:           vector.load %[[LEFT]]
// CHECK:           vector.load %[[RIGHT]]
// CHECK:           memref.subview %[[ROWS]][%[[STAGE]], 0, 0]
// CHECK:           memref.subview %[[COLUMNS]][%[[STAGE]], 0, 0]
// CHECK:           vector.fma
// CHECK:           %[[OTHER:.*]] = arith.subi %c1, %[[STAGE]]
// CHECK:           %[[TO:.*]] = memref.subview %[[ROWS]][%[[OTHER]], 0, 0]
// CHECK:           memref.store %{{.*}}, %[[TO]]
// CHECK:           gpu.barrier
// CHECK-NOT:       gpu.barrier
// CHECK:           scf.yield {{.*}}, %[[OTHER]]

// -----

// Rows of which two elements lie together, and one: pairs, and elements.
func.func @pairs(%left: memref<?x206xf32>, %right: memref<206x75xf32>,
                 %result: memref<?x75xf32>) {
  linalg.matmul ins(%left, %right : memref<?x206xf32>, memref<206x75xf32>)
      outs(%result : memref<?x75xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<?x206xf32, {{.*}}>, %[[RIGHT:.*]]: memref<206x75xf32, {{.*}}>, %[[RESULT:.*]]: memref<?x75xf32, {{[^>]*}}>>)
// CHECK:         vector.load %[[LEFT]][%{{.*}}, %{{.*}}] {alignment = 8 : i64} : {{.*}}, vector<2xf32>
// CHECK:         memref.load %[[RIGHT]]
// CHECK:         memref.store %{{.*}}, %[[RESULT]]

// -----

// What is not known of extents cannot be counted on.
func.func @dynamic(%left: memref<?x?xf32>, %right: memref<?x?xf32>,
                   %result: memref<?x?xf32>) {
  linalg.matmul ins(%left, %right : memref<?x?xf32>, memref<?x?xf32>)
      outs(%result : memref<?x?xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<?x?xf32, {{[^>]*}}>>, %[[RIGHT:.*]]: memref<?x?xf32, {{[^>]*}}>>, %[[RESULT:.*]]: memref<?x?xf32, {{[^>]*}}>>)
// CHECK-NOT:     vector.load %[[LEFT]]
// CHECK-NOT:     vector.load %[[RIGHT]]
// CHECK-NOT:     vector.store %{{.*}}, %[[RESULT]]
// CHECK:         gpu.return

// -----

// Views of whole rows, wherever they begin.
func.func @rows_from(%from: index, %all: memref<?x100xf32>,
                     %right: memref<100x64xf32>, %result: memref<32x64xf32>) {
  %left = memref.subview %all[%from, 0] [32, 100] [1, 1]
      : memref<?x100xf32> to memref<32x100xf32, strided<[100, 1], offset: ?>>
  linalg.matmul ins(%left, %right : memref<32x100xf32, strided<[100, 1], offset: ?>>, memref<100x64xf32>)
      outs(%result : memref<32x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<32x100xf32, strided
// CHECK:         vector.load %[[LEFT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64}

// -----

// Columns from a multiple of four on, and from another one: one of two is fit
// for vectors, and they are two kernels, for all that their types are alike.
func.func @columns_from(%all: memref<32x300xf32>, %right: memref<100x64xf32>,
                        %one: memref<32x64xf32>, %other: memref<32x64xf32>) {
  %even = memref.subview %all[0, 100] [32, 100] [1, 1]
      : memref<32x300xf32> to memref<32x100xf32, strided<[300, 1], offset: 100>>
  linalg.matmul ins(%even, %right : memref<32x100xf32, strided<[300, 1], offset: 100>>, memref<100x64xf32>)
      outs(%one : memref<32x64xf32>)
  %odd = memref.subview %all[0, 33] [32, 100] [1, 1]
      : memref<32x300xf32> to memref<32x100xf32, strided<[300, 1], offset: 33>>
  linalg.matmul ins(%odd, %right : memref<32x100xf32, strided<[300, 1], offset: 33>>, memref<100x64xf32>)
      outs(%other : memref<32x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[EVEN:.*]]: memref<32x100xf32, strided
// CHECK:         vector.load %[[EVEN]][%{{.*}}, %{{.*}}] {alignment = 16 : i64}
// CHECK-LABEL: gpu.func @contraction_{{[0-9]+}}(
// CHECK-SAME:    %[[ODD:.*]]: memref<32x100xf32, strided
// CHECK:         memref.load %[[ODD]]

// -----

// Nothing says where an argument of an unknown offset begins; rows that are not
// a multiple of four apart begin anywhere; so does a constant of the program.
memref.global "private" constant @weights : memref<100x64xf32> = dense<1.0>
func.func @anywhere(%left: memref<32x100xf32, strided<[100, 1], offset: ?>>,
                    %right: memref<100x64xf32, strided<[65, 1]>>,
                    %result: memref<32x64xf32>) {
  linalg.matmul ins(%left, %right : memref<32x100xf32, strided<[100, 1], offset: ?>>, memref<100x64xf32, strided<[65, 1]>>)
      outs(%result : memref<32x64xf32>)
  %global = memref.get_global @weights : memref<100x64xf32>
  linalg.matmul ins(%left, %global : memref<32x100xf32, strided<[100, 1], offset: ?>>, memref<100x64xf32>)
      outs(%result : memref<32x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<32x100xf32, {{[^>]*}}>>, %[[RIGHT:.*]]: memref<100x64xf32, {{[^>]*}}>>, %[[RESULT:.*]]: memref<32x64xf32, {{[^>]*}}>>)
// CHECK-NOT:     vector.load %[[LEFT]]
// CHECK-NOT:     vector.load %[[RIGHT]]
// CHECK:         vector.store %{{.*}}, %[[RESULT]]
// CHECK-LABEL: gpu.func @contraction_{{[0-9]+}}(
// CHECK-SAME:    %{{.*}}: memref<32x100xf32, {{[^>]*}}>>, %[[GLOBAL:.*]]: memref<100x64xf32, {{[^>]*}}>>,
// CHECK-NOT:     vector.load %[[GLOBAL]]
// CHECK:         gpu.return

// -----

// Eight halves a load. Their tiles for matrix instructions' lack are of f32.
func.func @halves(%left: memref<64x96xf16>, %right: memref<96x64xf16>,
                  %result: memref<64x64xf32>) {
  linalg.matmul ins(%left, %right : memref<64x96xf16>, memref<96x64xf16>)
      outs(%result : memref<64x64xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[LEFT:.*]]: memref<64x96xf16, {{.*}}>, %[[RIGHT:.*]]: memref<96x64xf16, {{.*}}>, %{{.*}}: memref<64x64xf32, {{.*}}>) workgroup(%{{.*}} : memref<16x68xf32, {{.*}}> {{.*}}, %[[COLUMNS:.*]] : memref<16x68xf32,
// CHECK:         vector.load %[[LEFT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK:         vector.load %[[RIGHT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK:         vector.store %{{.*}}, %[[COLUMNS]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<8xf32>

// -----

// Windows along channels: a pixel's begin at a multiple of eight.
func.func @convolution(%input: memref<2x6x8xf32>, %filter: memref<3x8x20xf32>,
                       %result: memref<2x4x20xf32>) {
  linalg.conv_1d_nwc_wcf {dilations = dense<1> : tensor<1xi64>, strides = dense<1> : tensor<1xi64>}
      ins(%input, %filter : memref<2x6x8xf32>, memref<3x8x20xf32>)
      outs(%result : memref<2x4x20xf32>)
  return
}
// CHECK-LABEL: gpu.func @contraction(
// CHECK-SAME:    %[[INPUT:.*]]: memref<2x48xf32, {{.*}}>, %[[FILTER:.*]]: memref<24x20xf32,
// CHECK:         vector.load %[[INPUT]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:         vector.load %[[FILTER]][%{{.*}}, %{{.*}}] {alignment = 16 : i64} : {{.*}}, vector<4xf32>
