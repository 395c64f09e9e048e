// RUN: orcinus-opt %s --tgnn-split-prepare | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --orcinus-train-pipeline="functions=measure reuse=push-pull sizes=dim:8,time:8,edge:3,layers:2" | FileCheck %s --check-prefix=MEASURE

// Outputs may have any role and rows; those that share a role have buffers of
// their own. A table whose rows are counted is an argument.

// CHECK-LABEL: func.func @rank_step(
// CHECK-SAME: memref<?x3xf32> {tgnn.binding = "table:1.time_deltas"}
// CHECK-SAME: memref<?x4xf32> {tgnn.binding = "output:ranks", tgnn.extents = [{events = 1 : i64, negatives = 2 : i64, "table:1.time_deltas" = 2 : i64}, {constant = 4 : i64}]}
// CHECK-SAME: memref<3xf32> {tgnn.binding = "output:ranks", tgnn.extents = [{constant = 3 : i64}]}
func.func @rank(%ranks: tensor<?x4xf32>, %few: tensor<3xf32>) {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(3) policy(recent) : !tgnn.neighbourhood
  %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x3xf32>
  tgnn.output %ranks as "ranks" rows(events + 2 * negatives) rows_of(%deltas, %deltas : tensor<?x3xf32>, tensor<?x3xf32>) : tensor<?x4xf32>
  tgnn.output %few as "ranks" : tensor<3xf32>
  return
}

// What a layer reads of a cache's lookup has the lookup's rows and those of the
// cache.

// MEASURE-LABEL: func.func @measure_step(
// MEASURE-SAME: memref<?x8xf32> {tgnn.binding = "output:pool", tgnn.extents = [{"table:[[LOOKUP:[0-9]+]].cached_rows" = 1 : i64, "table:[[LOOKUP]].nodes" = 1 : i64}, {constant = 8 : i64}]}
