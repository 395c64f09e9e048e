// The programs of a GPU, from a database of orcinus tune whose schedule is made
// one that no default is.

// REQUIRES: ptxas
// RUN: rm -f %t.db
// RUN: orcinus tune --operators %s --target nvidia:sm_90 --strategy default --db %t.db
// RUN: %python -c "import sqlite3; c = sqlite3.connect('%t.db'); c.execute('UPDATE programs SET schedule = ?', ['block_rows=48 block_columns=32 block_reduction=8 thread_rows=12 thread_columns=4 reduction_parts=1']); c.commit()"
// RUN: orcinus-opt %s --eto-outline --eto-apply="database=%t.db target=nvidia:sm_90" | FileCheck %s
// RUN: orcinus-opt %s --eto-outline --eto-apply="database=%t.db target=nvidia:sm_90" --remarks-filter=eto-apply -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: orcinus-opt %s --orcinus-bufferize="tuning-database=%t.db target=nvidia:sm_90" --orcinus-map-to-gpu | FileCheck %s --check-prefix=MAPPED
// RUN: orcinus-opt %s --eto-outline --eto-apply="database=%t.db" | FileCheck %s --check-prefix=OTHER
// RUN: orcinus-opt %s --eto-outline --eto-apply="database=%t.db target=nvidia:sm_80" | FileCheck %s --check-prefix=OTHER

// What tuning takes is estimated from the measurements for that GPU, too.
// RUN: %python -c "import sqlite3; c = sqlite3.connect('%t.db'); c.execute('UPDATE measurements SET compile_seconds = 1000'); c.commit()"
// RUN: orcinus-opt %s --orcinus-tune-pipeline="database=%t.db target=nvidia:sm_90" | FileCheck %s --check-prefix=DEAR
// RUN: orcinus-opt %s --orcinus-tune-pipeline="database=%t.db" | FileCheck %s --check-prefix=CHEAP
// DEAR:  edges [<root -> @contraction_256x96x128, 64000.0>]
// CHEAP: edges [<root -> @contraction_256x96x128, {{[0-9]{1,3}[.]}}

// CHECK:  linalg.matmul {eto.schedule = #eto.schedule<block_rows = 48, block_columns = 32, block_reduction = 8, thread_rows = 12, thread_columns = 4, reduction_parts = 1>}
// REMARK: from the database, found by default in 1 trials, {{[0-9.]+}} us, modelled

// Tiles of 48 and 32 elements, and 4 that keep banks apart, in 8 steps; a block
// of 4 x 8 threads.
// MAPPED: gpu.launch_func @kernels::@contraction
// MAPPED: gpu.func @contraction
// MAPPED-SAME: workgroup(%{{.*}} : memref<8x52xf32, #gpu.address_space<workgroup>> {{.*}}, %{{.*}} : memref<8x36xf32, #gpu.address_space<workgroup>> {
// MAPPED-SAME: known_block_size = array<i32: 32, 1, 1>

// OTHER-NOT: eto.schedule
// OTHER:     linalg.matmul ins
func.func @product(%a: tensor<256x128xf32>, %b: tensor<128x96xf32>) -> tensor<256x96xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<256x96xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<256x96xf32>) -> tensor<256x96xf32>
  %c = linalg.matmul ins(%a, %b : tensor<256x128xf32>, tensor<128x96xf32>) outs(%start : tensor<256x96xf32>) -> tensor<256x96xf32>
  return %c : tensor<256x96xf32>
}
