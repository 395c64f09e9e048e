// RUN: orcinus-opt %s --eto-reuse-graph | FileCheck %s --check-prefix=GRAPH
// RUN: orcinus-opt %s --eto-reuse-graph=json=- -o /dev/null | FileCheck %s --check-prefix=GRAPH-JSON
// RUN: orcinus-opt %s --eto-reuse-graph=dot=- -o /dev/null | FileCheck %s --check-prefix=GRAPH-DOT
// RUN: orcinus-opt %s --eto-reuse-graph --eto-inject-bridges | FileCheck %s --check-prefix=BRIDGES
// RUN: orcinus-opt %s --eto-reuse-graph --eto-plan --mlir-pass-statistics 2>%t.statistics | FileCheck %s --check-prefix=PLAN
// RUN: orcinus-opt %s --eto-reuse-graph --eto-plan=text=- -o /dev/null | FileCheck %s --check-prefix=TEXT
// RUN: orcinus-opt %s --eto-reuse-graph --eto-plan=json=- -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: orcinus-opt %s --eto-reuse-graph --eto-plan=dot=- -o /dev/null | FileCheck %s --check-prefix=DOT
// RUN: orcinus-opt %s --eto-reuse-graph --eto-plan --remarks-filter=eto-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Two buckets of one operator reuse each other's programs; the square product
// differs from them in two extents, and only a bridge joins it.
// GRAPH:      eto.reuse_graph = #eto.reuse_graph<operators [@layer[256], @layer[512], @square], bridges [],
// GRAPH-SAME: edges [<root -> @layer[256], {{[0-9.]+}}>, <root -> @layer[512], {{[0-9.]+}}>, <root -> @square, {{[0-9.]+}}>,
// GRAPH-SAME: <@layer[512] -> @layer[256], {{[0-9.]+}}>
// GRAPH-SAME: <@layer[256] -> @layer[512], {{[0-9.]+}}>
// GRAPH-NOT:  <@square ->

// GRAPH-JSON: {"nodes":[{"name":"layer@256","bridge":false,"search_seconds":{{.*}}},{"name":"layer@512"
// GRAPH-DOT:  digraph
// GRAPH-DOT:  "layer@256" -> "layer@512"

// A bridge is the operator at other extents.
// BRIDGES:     eto.reuse_graph = #eto.reuse_graph<operators [@layer[256], @layer[512], @square], bridges [{{.*}}@bridge{{.*}}],
// BRIDGES:     eto.operator @bridge(%{{.*}}: tensor<64x{{[0-9]+}}xf32>, %{{.*}}: tensor<{{[0-9]+}}x{{[0-9]+}}xf32>) -> tensor<64x{{[0-9]+}}xf32> bridge {
// BRIDGES-NEXT:  arith.constant 0.0
// BRIDGES-NEXT:  tensor.empty() : tensor<64x
// BRIDGES-NEXT:  linalg.fill

// PLAN:      eto.plan = #eto.plan<[<root -> @{{[a-z]+}}
// PLAN-SAME: <@layer[{{[0-9]+}}] -> @layer[{{[0-9]+}}], {{[0-9.]+}}>

// TEXT: layer@{{[0-9]+}}: reuse layer@{{[0-9]+}}
// JSON: {"expected_seconds":{{.*}},"steps":[
// DOT:  digraph
// REMARK-DAG: square is tuned by search
// REMARK-DAG: layer@{{[0-9]+}} is tuned from the program of layer@{{[0-9]+}}

eto.operator @layer(%x: tensor<?x128xf32>, %w: tensor<128x128xf32>) -> tensor<?x128xf32> buckets [256, 512] {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x128xf32>
  %e = tensor.empty(%rows) : tensor<?x128xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<?x128xf32>) -> tensor<?x128xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x128xf32>, tensor<128x128xf32>) outs(%start : tensor<?x128xf32>) -> tensor<?x128xf32>
  eto.yield %y : tensor<?x128xf32>
}
eto.operator @square(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>) outs(%start : tensor<64x64xf32>) -> tensor<64x64xf32>
  eto.yield %y : tensor<64x64xf32>
}
