// RUN: orcinus-opt %s --eto-outline --remarks-filter=eto-outline -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: orcinus-opt %s --eto-outline | FileCheck %s
// RUN: not orcinus-opt %s --eto-outline=buckets=512,256 2>&1 | FileCheck %s --check-prefix=BUCKETS

// BUCKETS: error: option 'buckets' of 'eto-outline' must ascend from 1 on

// The default buckets.
// CHECK:     eto.operator @elementwise_nx4(%{{.*}}) -> tensor<?x4xf32> buckets [256, 512, 1024, 2048, 4096, 8192]
// CHECK-NOT: eto.operator
// CHECK:     linalg.exp
// CHECK:     linalg.exp
// CHECK:     eto.call @elementwise_nx4
func.func @f(%small: tensor<?xf32>, %two: tensor<?x?xf32>, %rows: tensor<?x4xf32>)
    -> (tensor<?xf32>, tensor<?x?xf32>, tensor<?x4xf32>) {
  // REMARK-DAG: outline-options.mlir:[[@LINE+1]]:{{.*}}'linalg.exp' has too few iterations to be worth a schedule
  %0 = linalg.exp ins(%small : tensor<?xf32>) outs(%small : tensor<?xf32>) -> tensor<?xf32>
  // REMARK-DAG: outline-options.mlir:[[@LINE+1]]:{{.*}}'linalg.exp' has more than one dynamic extent
  %1 = linalg.exp ins(%two : tensor<?x?xf32>) outs(%two : tensor<?x?xf32>) -> tensor<?x?xf32>
  %2 = linalg.exp ins(%rows : tensor<?x4xf32>) outs(%rows : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<?x?xf32>, tensor<?x4xf32>
}
