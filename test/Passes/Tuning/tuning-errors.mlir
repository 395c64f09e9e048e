// RUN: orcinus-opt %s --eto-plan --split-input-file --verify-diagnostics
// RUN: not orcinus-opt %s --eto-apply=database=%t.missing/none.db --split-input-file 2>&1 | FileCheck %s --check-prefix=DATABASE
// RUN: echo not a database > %t.db
// RUN: not orcinus-opt %s --eto-apply=database=%t.db --split-input-file 2>&1 | FileCheck %s --check-prefix=FOREIGN
// RUN: not orcinus-opt %s --eto-reuse-graph=database=%t.db --split-input-file 2>&1 | FileCheck %s --check-prefix=FOREIGN
// RUN: not orcinus-opt %s --eto-reuse-graph=target=nvidia:sm_1 --split-input-file 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not orcinus-opt %s --eto-apply="database=%t.db target=nvidia:sm_1" --split-input-file 2>&1 | FileCheck %s --check-prefix=TARGET

// TARGET:   error: the target 'nvidia:sm_1' is not one of nvidia:sm_80, nvidia:sm_90
// DATABASE: error: cannot open the tuning database
// FOREIGN:  error: {{.*}}database

// expected-error @below {{the module has no reuse graph; run eto-reuse-graph first}}
module {}

// -----

// expected-error @below {{the reuse graph has 0 nodes, but the module has 2 operators and buckets; run eto-reuse-graph again}}
module attributes {eto.reuse_graph = #eto.reuse_graph<operators [], bridges [], edges []>} {
  eto.operator @rows(%x: tensor<?xf32>) -> tensor<?xf32> buckets [256, 512] {
    %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
    eto.yield %0 : tensor<?xf32>
  }
}

// -----

// expected-error @below {{the reuse graph has no edge from the root to @rows}}
module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@rows], bridges [], edges []>} {
  eto.operator @rows(%x: tensor<8xf32>) -> tensor<8xf32> {
    %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    eto.yield %0 : tensor<8xf32>
  }
}

// -----

module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@padded], bridges [], edges []>} {
  // expected-error @below {{cannot be tuned: 'tensor.pad' has no loops that could be scheduled}}
  eto.operator @padded(%x: tensor<8xf32>) -> tensor<9xf32> {
    %zero = arith.constant 0.0 : f32
    // expected-note @below {{here}}
    %p = tensor.pad %x low[0] high[1] {
    ^bb0(%i: index):
      tensor.yield %zero : f32
    } : tensor<8xf32> to tensor<9xf32>
    %0 = linalg.exp ins(%p : tensor<9xf32>) outs(%p : tensor<9xf32>) -> tensor<9xf32>
    eto.yield %0 : tensor<9xf32>
  }
}

// -----

module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@both[8]], bridges [], edges []>} {
  // expected-error @below {{cannot be tuned: 'eto.operator' has more than one dynamic extent}}
  eto.operator @both(%x: tensor<?x?xf32>) -> tensor<?x?xf32> buckets [8] {
    %0 = linalg.exp ins(%x : tensor<?x?xf32>) outs(%x : tensor<?x?xf32>) -> tensor<?x?xf32>
    eto.yield %0 : tensor<?x?xf32>
  }
}
