// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s
// RUN: orcinus-opt %s --mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// RUN: orcinus-opt %s --mlir-print-op-generic | orcinus-opt | FileCheck %s
// RUN: not orcinus-opt %S/Inputs/unknown-attribute.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Attributes of the dialect survive a round trip in the generic form of ops
// too, and where they stand alone.

// CHECK-LABEL: func.func @attributes
// CHECK-SAME: attributes {tgnn.any = [#tgnn<sampling uniform>, #tgnn<key event_time>, #tgnn<initializer ones>, #tgnn<attention_form automatic>]}
func.func @attributes(%q: tensor<?x16xf32>, %k: tensor<?x10x12xf32>, %counts: tensor<?xi32>,
                      %wk: tensor<2x12x8xf32>, %wv: tensor<2x12x8xf32>) -> tensor<?x16xf32>
    attributes {tgnn.any = [#tgnn<sampling uniform>, #tgnn<key event_time>, #tgnn<initializer ones>, #tgnn<attention_form automatic>]} {
  // CHECK: tgnn.parameter "w" [4] time_frequencies : tensor<4xf32>
  // GENERIC: initializer = #tgnn<initializer time_frequencies>
  %w = tgnn.parameter "w" [4] time_frequencies : tensor<4xf32>
  %query = tgnn.targets : !tgnn.query
  // CHECK: tgnn.sample %{{.*}} k(10) policy(recent)
  // GENERIC: policy = #tgnn<sampling recent>
  %near = tgnn.sample %query k(10) policy(recent) : !tgnn.neighbourhood
  // CHECK: tgnn.frontier %{{.*}}, %{{.*}} key(query_time)
  // GENERIC: key = #tgnn<key query_time>
  %frontier = tgnn.frontier %query, %near key(query_time) : !tgnn.query
  // CHECK: tgnn.temporal_attention {{.*}} {form = #tgnn<attention_form project_neighbours>}
  // GENERIC: form = #tgnn<attention_form project_neighbours>
  %y = tgnn.temporal_attention %q, %k, %counts, %wk, %wv {form = #tgnn<attention_form project_neighbours>}
      : (tensor<?x16xf32>, tensor<?x10x12xf32>, tensor<?xi32>, tensor<2x12x8xf32>, tensor<2x12x8xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// UNKNOWN: unknown-attribute.mlir:2:{{[0-9]+}}: error: unknown attribute 'colour' of dialect tgnn
