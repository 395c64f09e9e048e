// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=guess" 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="policy=belady" 2>&1 | FileCheck %s --check-prefix=POLICY
// RUN: sed s/sampling\(recent\)/sampling\(uniform\)/ %S/../../../models/tgat.mlir | not orcinus-opt --tgnn-expand-model="functions=train" --tgnn-insert-reuse 2>&1 | FileCheck %s --check-prefix=EVENT
// RUN: sed s/sampling\(recent\)/sampling\(uniform\)/ %S/../../../models/tgn.mlir | not orcinus-opt --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute capacity=10" 2>&1 | FileCheck %s --check-prefix=PLAN

// MODE: error: no reuse 'guess' with sharing 'paper'; use push-pull or recompute, with paper, causal or separate
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="share=separate" 2>&1 | FileCheck %s --check-prefix=SEPARATE
// SEPARATE: error: push-pull computes no rows for neighbours alone, which separate sharing is about; use recompute
// POLICY: error: {{.*}}belady
// EVENT: error: embeddings at their event's time are reused by recent neighbours alone
// PLAN: error: the reads of randomly sampled neighbours are not known before training, so that mrd cannot plan them; use another policy
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=recompute capacity=10 divided" 2>&1 | FileCheck %s --check-prefix=DIVIDED
// DIVIDED: error: is given a capacity for each cache and one memory for all; leave one of them out
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-specialize-model="sizes=layers:1" --tgnn-expand-model="functions=train" --tgnn-insert-reuse 2>&1 | FileCheck %s --check-prefix=FLAT
// RUN: not orcinus-opt %S/../../../models/jodie.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse 2>&1 | FileCheck %s --check-prefix=FLAT
// FLAT: error: has no inner layer whose embeddings could be reused: ask for no reuse, or for two layers or more of a model that has layers
