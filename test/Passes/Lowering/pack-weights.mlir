// RUN: orcinus-opt %s --split-input-file --orcinus-lower-contractions="vector-bits=256 vector-registers=16 prepare-weights" | FileCheck %s
// RUN: orcinus-opt %s --split-input-file --orcinus-lower-contractions="vector-bits=256 vector-registers=16" | FileCheck %s --check-prefix=EACH

// A weight is packed by the function that prepares weights, once for two calls
// and one more time in panels of another width; what the call reads is packed.

// CHECK-DAG: memref.global "public" @w.prepared : memref<3x40x16xf32> = uninitialized
// CHECK-DAG: memref.global "public" @[[$NARROW:w.prepared_[0-9]+]] : memref<6x40x8xf32> = uninitialized
// CHECK-NOT: memref.global "public"
// CHECK-LABEL: func.func @calls(
// CHECK: memref.get_global @w.prepared : memref<3x40x16xf32>
// CHECK: call @orcinus_contraction
// CHECK: memref.get_global @w.prepared : memref<3x40x16xf32>
// CHECK: call @orcinus_contraction
// CHECK: memref.get_global @[[$NARROW]] : memref<6x40x8xf32>
// CHECK: call @orcinus_contraction
// CHECK-LABEL: func.func @orcinus_prepare_weights()
// CHECK: call @orcinus_pack_weight({{.*}}) : (memref<40x48xf32>, memref<3x40x16xf32>) -> ()
// CHECK: call @orcinus_pack_weight_{{[0-9]+}}({{.*}}) : (memref<40x48xf32>, memref<6x40x8xf32>) -> ()
// CHECK-NOT: call
// CHECK: return

// Without being asked, the function itself packs.
// EACH-NOT: memref.global "public"
// EACH-NOT: orcinus_prepare_weights
// EACH: func.func private @orcinus_contraction
// EACH: memref.alloc() : memref<3x40x16xf32>
memref.global "private" @w : memref<40x48xf32>
func.func @calls(%x: memref<12x40xf32>, %y: memref<12x48xf32>, %z: memref<12x48xf32>, %u: memref<12x48xf32>) {
  %w = memref.get_global @w : memref<40x48xf32>
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 2, pack_right = 1>}
      ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 6, panel_vectors = 2, pack_right = 1>}
      ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%z : memref<12x48xf32>)
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 1, pack_right = 1>}
      ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%u : memref<12x48xf32>)
  return
}

// -----

// A schedule that reads the weight where it is does so.

// CHECK-NOT: memref.global "public"
// CHECK-LABEL: func.func @unpacked(
// CHECK: memref.get_global @w : memref<40x48xf32>
memref.global "private" @w : memref<40x48xf32>
func.func @unpacked(%x: memref<12x40xf32>, %y: memref<12x48xf32>) {
  %w = memref.get_global @w : memref<40x48xf32>
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 2>}
      ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  return
}

// -----

// By default every weight comes packed, an argument that is one, too; what is
// prepared is prepared of the same arguments. One that is none does not.

// CHECK-DAG: memref.global "public" @argument1.prepared : memref<{{.*}}xf32> = uninitialized
// CHECK-LABEL: func.func @operator(
// CHECK: memref.get_global @argument1.prepared
// CHECK: call @orcinus_contraction
// CHECK-NOT: memref.get_global
// CHECK: call @orcinus_contraction
// CHECK-LABEL: func.func @orcinus_prepare_weights(%arg0: memref<12x40xf32>, %arg1: memref<48x40xf32>, %arg2: memref<40x48xf32>, %arg3: memref<12x48xf32>, %arg4: memref<12x48xf32>)
// CHECK: call @orcinus_pack_weight(%arg1, %{{.*}})
func.func @operator(%x: memref<12x40xf32>, %w: memref<48x40xf32> {orcinus.weight}, %v: memref<40x48xf32>, %y: memref<12x48xf32>, %z: memref<12x48xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<12x40xf32>, memref<48x40xf32>) outs(%y : memref<12x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  }
  linalg.matmul ins(%x, %v : memref<12x40xf32>, memref<40x48xf32>) outs(%z : memref<12x48xf32>)
  return
}

// -----

// A view of a weight that run time decides on is none.

// CHECK-NOT: memref.global "public"
// CHECK-LABEL: func.func @sliced(
// CHECK: memref.subview
memref.global "private" @w : memref<40x480xf32>
func.func @sliced(%x: memref<12x40xf32>, %y: memref<12x48xf32>, %at: index) {
  %w = memref.get_global @w : memref<40x480xf32>
  %v = memref.subview %w[0, %at] [40, 48] [1, 1] : memref<40x480xf32> to memref<40x48xf32, strided<[480, 1], offset: ?>>
  linalg.matmul ins(%x, %v : memref<12x40xf32>, memref<40x48xf32, strided<[480, 1], offset: ?>>) outs(%y : memref<12x48xf32>)
  return
}

// -----

// One function packs all weights that lie alike.

// CHECK-LABEL: func.func @alike(
// CHECK-LABEL: func.func @orcinus_prepare_weights()
// CHECK-COUNT-2: call @orcinus_pack_weight(%{{.*}}, %{{.*}}) : (memref<40x48xf32>, memref<3x40x16xf32>) -> ()
// CHECK-NOT: call
// CHECK: return
memref.global "private" @w : memref<40x48xf32>
memref.global "private" @v : memref<40x48xf32>
func.func @alike(%x: memref<12x40xf32>, %y: memref<12x48xf32>, %z: memref<12x48xf32>) {
  %w = memref.get_global @w : memref<40x48xf32>
  %v = memref.get_global @v : memref<40x48xf32>
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 2, pack_right = 1>}
      ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 2, pack_right = 1>}
      ins(%x, %v : memref<12x40xf32>, memref<40x48xf32>) outs(%z : memref<12x48xf32>)
  return
}

// -----

// What is prepared is prepared of one function's arguments: the weight of
// another one is another weight.

// CHECK: memref.global "public" @argument1.prepared
// CHECK-NOT: memref.global
// CHECK-LABEL: func.func @one(
// CHECK: memref.get_global @argument1.prepared
// CHECK-LABEL: func.func @other(
// CHECK-NOT: memref.get_global
// CHECK: call @orcinus_contraction{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}) : (memref<12x40xf32, {{.*}}>, memref<40x48xf32, {{.*}}>, memref<12x48xf32, {{.*}}>) -> ()
// CHECK-LABEL: func.func @orcinus_prepare_weights(
func.func @one(%x: memref<12x40xf32>, %w: memref<40x48xf32> {orcinus.weight}, %y: memref<12x48xf32>) {
  linalg.matmul ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  return
}
func.func @other(%x: memref<12x40xf32>, %w: memref<40x48xf32> {orcinus.weight}, %y: memref<12x48xf32>) {
  linalg.matmul ins(%x, %w : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  return
}

// -----

// A global that the module may write to is no weight, with a value or without.

// CHECK-LABEL: func.func @written(
// CHECK-NOT: prepared
memref.global "private" @memory : memref<40x48xf32> = uninitialized
func.func @written(%x: memref<12x40xf32>, %w: memref<40x48xf32>, %y: memref<12x48xf32>) {
  %m = memref.get_global @memory : memref<40x48xf32>
  linalg.copy ins(%w : memref<40x48xf32>) outs(%m : memref<40x48xf32>)
  linalg.matmul ins(%x, %m : memref<12x40xf32>, memref<40x48xf32>) outs(%y : memref<12x48xf32>)
  return
}
