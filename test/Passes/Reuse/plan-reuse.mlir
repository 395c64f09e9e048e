// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute capacity=50" --tgnn-plan-reuse="data=synthetic:nodes=300,events=4000" | FileCheck %s
// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute" --tgnn-plan-reuse="data=synthetic:nodes=300,events=4000 memory=40000" -o %t
// RUN: cat %t %t | FileCheck %s --check-prefix=MEMORY
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-plan-reuse 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse --tgnn-plan-reuse="data=nowhere.csv" 2>&1 | FileCheck %s --check-prefix=DATA

// RUN: orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:3" --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute share=separate capacity=50" --tgnn-plan-reuse="data=synthetic:nodes=300,events=4000" | FileCheck %s --check-prefix=SEPARATE

// SEPARATE: tgnn.cache @m1 : {{.*}} hits = {{[1-9][0-9]*}} : i64, in_batch_reads = 0 : i64,
// SEPARATE: tgnn.cache @m2 : {{.*}} hits = {{[1-9][0-9]*}} : i64, in_batch_reads = 0 : i64,

// CHECK: tgnn.cache @m1 : {{.*}} capacity(50) policy("mrd") plan {batches = 14 : i64, hits = {{[1-9][0-9]*}} : i64, in_batch_reads = {{[1-9][0-9]*}} : i64, max_age = {{[1-9][0-9]*}} : i64, reads = {{[1-9][0-9]*}} : i64, recomputed = {{[1-9][0-9]*}} : i64}
// CHECK: tgnn.cache @m2 : {{.*}} capacity(50) policy("mrd") plan {batches = 14

// An embedding of layer 2 costs more to recompute: it gets the larger share of
// the 100 rows that there are. FileCheck knows equality alone: the second time
// that it reads the output, the larger capacity must be the second one, and both
// together no more than there is.

// MEMORY: tgnn.cache @m1 : {{.*}} capacity([[#FIRST:]]) policy("mrd") plan
// MEMORY: tgnn.cache @m2 : {{.*}} capacity([[#SECOND:]]) policy("mrd") plan
// MEMORY: tgnn.cache @m1 : {{.*}} capacity([[#min(FIRST,sub(100,SECOND))]]) policy("mrd") plan
// MEMORY: tgnn.cache @m2 : {{.*}} capacity([[#max(add(FIRST,1),SECOND)]]) policy("mrd") plan

// NONE: error: has no tgnn.cache to plan; insert reuse before
// DATA: error: cannot plan reuse on 'nowhere.csv': {{.*}}nowhere.csv
