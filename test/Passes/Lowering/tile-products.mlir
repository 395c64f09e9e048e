// RUN: orcinus-opt %s --orcinus-tile-products --split-input-file | FileCheck %s
// RUN: orcinus-opt %s --orcinus-tile-products=threads=2 --split-input-file | FileCheck %s --check-prefix=THREADS

// The scores of one head and a block of rows at a time; 192 rows of 256 columns
// are two blocks of 96.
// CHECK-LABEL: func.func @attention(
// CHECK-DAG:     memref.alloc() : memref<96x256xf32>
// CHECK-DAG:     memref.alloc() : memref<96xf32>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             linalg.fill {{.*}} outs(%{{.*}} : memref<96x256xf32>)
// CHECK:             memref.subview %arg0[%{{.*}}, %{{.*}}, 0] [96, 1, 64]
// CHECK:             memref.subview %arg1[0, %{{.*}}, 0] [256, 1, 64]
// CHECK:             linalg.generic {{.*}} ["parallel", "parallel", "reduction"]
// CHECK:             memref.subview %arg2[%{{.*}}, 0] [96, 256]
// CHECK:             linalg.generic {{.*}} ["parallel", "parallel"]
// CHECK:             linalg.generic {{.*}} ["parallel", "reduction"]
// CHECK:               arith.maximumf
// CHECK:             linalg.generic {{.*}} ["parallel", "parallel"]
// CHECK:               math.exp
// CHECK:             memref.subview %arg4[%{{.*}}, %{{.*}}, 0] [96, 1, 64]
// CHECK:         return
// CHECK-NOT:     memref<12x192x256xf32>

// THREADS-LABEL: func.func @attention(
// THREADS-NOT:     memref.alloc
// THREADS:         scf.parallel
// THREADS:           memref.alloc() : memref<96x256xf32>
#q = affine_map<(h, m, n, k) -> (m, h, k)>
#k = affine_map<(h, m, n, k) -> (n, h, k)>
#s = affine_map<(h, m, n, k) -> (h, m, n)>
#w = affine_map<(h, m, d, n) -> (h, m, n)>
#v = affine_map<(h, m, d, n) -> (n, h, d)>
#o = affine_map<(h, m, d, n) -> (m, h, d)>
#all = affine_map<(h, m, n) -> (h, m, n)>
#mask = affine_map<(h, m, n) -> (m, n)>
#row = affine_map<(h, m, n) -> (h, m)>
func.func @attention(%q: memref<192x12x64xf32>, %k: memref<256x12x64xf32>, %mask: memref<192x256xf32>, %v: memref<256x12x64xf32>, %o: memref<192x12x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %s = memref.alloc() : memref<12x192x256xf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<12x192x256xf32>)
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : memref<192x12x64xf32>, memref<256x12x64xf32>) outs(%s : memref<12x192x256xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [#mask, #all], iterator_types = ["parallel", "parallel", "parallel"]} ins(%mask : memref<192x256xf32>) outs(%s : memref<12x192x256xf32>) {
  ^bb0(%a: f32, %c: f32):
    %x = arith.addf %a, %c : f32
    linalg.yield %x : f32
  }
  %m = memref.alloc() : memref<12x192xf32>
  linalg.fill ins(%least : f32) outs(%m : memref<12x192xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%s : memref<12x192x256xf32>) outs(%m : memref<12x192xf32>) {
  ^bb0(%a: f32, %c: f32):
    %x = arith.maximumf %a, %c : f32
    linalg.yield %x : f32
  }
  %e = memref.alloc() : memref<12x192x256xf32>
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : memref<12x192x256xf32>, memref<12x192xf32>) outs(%e : memref<12x192x256xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.subf %a, %b : f32
    %y = math.exp %x : f32
    linalg.yield %y : f32
  }
  linalg.fill ins(%zero : f32) outs(%o : memref<192x12x64xf32>)
  linalg.generic {indexing_maps = [#w, #v, #o], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e, %v : memref<12x192x256xf32>, memref<256x12x64xf32>) outs(%o : memref<192x12x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  }
  return
}

// -----

// An index of the whole stays one: a causal mask by places.
// CHECK-LABEL: func.func @causal(
// CHECK:         scf.for %[[HEAD:.*]] =
// CHECK:           scf.for
// CHECK:             %[[BEGIN:.*]] = arith.muli
// CHECK:             ^bb0
// CHECK:             %[[AT:.*]] = linalg.index 0
// CHECK:             arith.addi %[[AT]], %[[BEGIN]]
// CHECK:             linalg.index 1
#all = affine_map<(h, m, n) -> (h, m, n)>
func.func @causal(%q: memref<4x512x64xf32>, %k: memref<4x64x256xf32>, %v: memref<4x256x64xf32>, %o: memref<4x512x64xf32>) {
  %least = arith.constant -1.0e+30 : f32
  %s = memref.alloc() : memref<4x512x256xf32>
  linalg.batch_matmul ins(%q, %k : memref<4x512x64xf32>, memref<4x64x256xf32>) outs(%s : memref<4x512x256xf32>)
  linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel"]} outs(%s : memref<4x512x256xf32>) {
  ^bb0(%c: f32):
    %m = linalg.index 1 : index
    %n = linalg.index 2 : index
    %later = arith.cmpi ugt, %n, %m : index
    %x = arith.select %later, %least, %c : f32
    linalg.yield %x : f32
  }
  linalg.batch_matmul ins(%s, %v : memref<4x512x256xf32>, memref<4x256x64xf32>) outs(%o : memref<4x512x64xf32>)
  return
}

// -----

// Not where something else reads what is between the products, where it is
// small, where all rows read more than stays in a cache, or where the rows of a
// block are made of what the block before wrote.
// CHECK-LABEL: func.func @read(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @small(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @large(
// CHECK-NOT:     scf.for
// CHECK-LABEL: func.func @accumulates(
// CHECK-NOT:     scf.for
func.func @read(%q: memref<4x512x64xf32>, %k: memref<4x64x256xf32>, %v: memref<4x256x64xf32>, %s2: memref<4x512x256xf32>, %o: memref<4x512x64xf32>) {
  %s = memref.alloc() : memref<4x512x256xf32>
  linalg.batch_matmul ins(%q, %k : memref<4x512x64xf32>, memref<4x64x256xf32>) outs(%s : memref<4x512x256xf32>)
  linalg.batch_matmul ins(%s, %v : memref<4x512x256xf32>, memref<4x256x64xf32>) outs(%o : memref<4x512x64xf32>)
  linalg.copy ins(%s : memref<4x512x256xf32>) outs(%s2 : memref<4x512x256xf32>)
  return
}
func.func @small(%q: memref<4x16x64xf32>, %k: memref<4x64x16xf32>, %v: memref<4x16x64xf32>, %o: memref<4x16x64xf32>) {
  %s = memref.alloc() : memref<4x16x16xf32>
  linalg.batch_matmul ins(%q, %k : memref<4x16x64xf32>, memref<4x64x16xf32>) outs(%s : memref<4x16x16xf32>)
  linalg.batch_matmul ins(%s, %v : memref<4x16x16xf32>, memref<4x16x64xf32>) outs(%o : memref<4x16x64xf32>)
  return
}
func.func @large(%x: memref<128x768xf32>, %w: memref<768x3072xf32>, %v: memref<3072x768xf32>, %o: memref<128x768xf32>) {
  %s = memref.alloc() : memref<128x3072xf32>
  linalg.matmul ins(%x, %w : memref<128x768xf32>, memref<768x3072xf32>) outs(%s : memref<128x3072xf32>)
  linalg.matmul ins(%s, %v : memref<128x3072xf32>, memref<3072x768xf32>) outs(%o : memref<128x768xf32>)
  return
}
func.func @accumulates(%k: memref<4x64x256xf32>, %v: memref<4x256x64xf32>, %o: memref<4x512x64xf32>) {
  %s = memref.alloc() : memref<4x512x256xf32>
  linalg.batch_matmul ins(%o, %k : memref<4x512x64xf32>, memref<4x64x256xf32>) outs(%s : memref<4x512x256xf32>)
  linalg.batch_matmul ins(%s, %v : memref<4x512x256xf32>, memref<4x256x64xf32>) outs(%o : memref<4x512x64xf32>)
  return
}

// -----

// How many outer indices there are may be open.
// CHECK-LABEL: func.func @batch(
// CHECK:         %[[BATCH:.*]] = memref.dim %arg3
// CHECK:         memref.alloc() : memref<{{[0-9]+}}x256xf32>
// CHECK:         scf.for {{.*}} to %[[BATCH]]
func.func @batch(%q: memref<?x512x64xf32>, %k: memref<?x64x256xf32>, %v: memref<?x256x64xf32>, %o: memref<?x512x64xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %q, %c0 : memref<?x512x64xf32>
  %s = memref.alloc(%n) : memref<?x512x256xf32>
  linalg.batch_matmul ins(%q, %k : memref<?x512x64xf32>, memref<?x64x256xf32>) outs(%s : memref<?x512x256xf32>)
  linalg.batch_matmul ins(%s, %v : memref<?x512x256xf32>, memref<?x256x64xf32>) outs(%o : memref<?x512x64xf32>)
  return
}

// -----

// The second product is of two chains: the scores are more than what the heads
// make of them, so that these two are a loop. The third is by itself.
// CHECK-LABEL: func.func @largest(
// CHECK:         scf.for
// CHECK:           linalg.generic
// CHECK:           linalg.generic
// CHECK:         }
// CHECK-NOT:     scf.for
// CHECK:         linalg.generic
#heads = affine_map<(m, n, h, d) -> (h, m, d)>
#weight = affine_map<(m, n, h, d) -> (h, d, n)>
#out = affine_map<(m, n, h, d) -> (m, n)>
func.func @largest(%q: memref<4x192x32xf32>, %k: memref<4x32x192xf32>, %v: memref<4x192x32xf32>, %w: memref<4x32x64xf32>, %y: memref<192x64xf32>) {
  %s = memref.alloc() : memref<4x192x192xf32>
  linalg.batch_matmul ins(%q, %k : memref<4x192x32xf32>, memref<4x32x192xf32>) outs(%s : memref<4x192x192xf32>)
  %o = memref.alloc() : memref<4x192x32xf32>
  linalg.batch_matmul ins(%s, %v : memref<4x192x192xf32>, memref<4x192x32xf32>) outs(%o : memref<4x192x32xf32>)
  linalg.generic {indexing_maps = [#heads, #weight, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%o, %w : memref<4x192x32xf32>, memref<4x32x64xf32>) outs(%y : memref<192x64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %x = arith.addf %c, %m : f32
    linalg.yield %x : f32
  }
  return
}

// -----

// Whoever reads what the result starts from reads it before the loop.
// CHECK-LABEL: func.func @start_is_read(
// CHECK:         linalg.fill {{.*}} outs(%arg3 :
// CHECK:         linalg.copy ins(%arg3 :
// CHECK:         scf.for
// CHECK-NOT:       linalg.fill {{.*}} outs(%subview
// CHECK:         return
func.func @start_is_read(%q: memref<1024x64xf32>, %k: memref<64x512xf32>, %v: memref<512x64xf32>, %o: memref<1024x64xf32>, %copy: memref<1024x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<1024x512xf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<1024x512xf32>)
  linalg.matmul ins(%q, %k : memref<1024x64xf32>, memref<64x512xf32>) outs(%s : memref<1024x512xf32>)
  linalg.fill ins(%zero : f32) outs(%o : memref<1024x64xf32>)
  linalg.copy ins(%o : memref<1024x64xf32>) outs(%copy : memref<1024x64xf32>)
  linalg.matmul ins(%s, %v : memref<1024x512xf32>, memref<512x64xf32>) outs(%o : memref<1024x64xf32>)
  return
}

// -----

// An extent that one operand leaves open is not known, whatever another says.
// CHECK-LABEL: func.func @open(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @open(%q: memref<1024x64xf32>, %k: memref<?x512xf32>, %v: memref<512x64xf32>, %o: memref<1024x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %s = memref.alloc() : memref<1024x512xf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<1024x512xf32>)
  linalg.matmul ins(%q, %k : memref<1024x64xf32>, memref<?x512xf32>) outs(%s : memref<1024x512xf32>)
  linalg.matmul ins(%s, %v : memref<1024x512xf32>, memref<512x64xf32>) outs(%o : memref<1024x64xf32>)
  return
}
