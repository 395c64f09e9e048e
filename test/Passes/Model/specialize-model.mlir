// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=dim:8,layers:1,edge:3 dropout=0.25" | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model | FileCheck %s --check-prefix=SAME
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="dropout=0" | FileCheck %s --check-prefix=NONE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=dim" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NO-VALUE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=dim:-3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="dropout=1.5" -o /dev/null 2>&1 | FileCheck %s --check-prefix=RATE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=width:3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNDECLARED
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="dropout=nan" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NAN

// Sizes that are given replace the model's, all others stay; named extents are
// not touched.

// CHECK: tgnn.model @tgn sizes {dim = 8 : i64, edge = 3 : i64, heads = 2 : i64, layers = 1 : i64, neighbours = 10 : i64, node = 0 : i64, time = 100 : i64}
// CHECK: tgnn.parameter "input" [2 * dim + edge + time, 3 * dim] uniform_fan_in
// CHECK: tgnn.temporal_attention {{.*}} {dropout = 2.500000e-01 : f32}

// SAME: tgnn.model @tgn sizes {dim = 100 : i64, edge = 0 : i64, heads = 2 : i64, layers = 2 : i64, neighbours = 10 : i64, node = 0 : i64, time = 100 : i64}
// SAME: tgnn.temporal_attention {{.*}} {dropout = 4.000000e-01 : f32}

// NONE: tgnn.temporal_attention
// NONE-NOT: dropout =

// NO-VALUE: tgn.mlir:{{[0-9]+}}:1: error: expected a size as name:value, got 'dim'
// NEGATIVE: tgn.mlir:{{[0-9]+}}:1: error: expected a size as name:value, got 'dim:-3'
// RATE: error: the dropout rate must be below 1, is 1.5
// UNDECLARED: tgn.mlir:{{[0-9]+}}:1: error: the model declares no size 'width', which is to be 3
// NAN: error: the dropout rate must be below 1, is nan
