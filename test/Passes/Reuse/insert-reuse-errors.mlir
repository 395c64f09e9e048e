// RUN: not orcinus-opt %S/../../../models/tgat.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse 2>&1 | FileCheck %s --check-prefix=TIME
// RUN: not orcinus-opt %S/../../../models/tgn.mlir --tgnn-expand-model="functions=train" --tgnn-insert-reuse="mode=guess" 2>&1 | FileCheck %s --check-prefix=MODE

// TIME: error: push-pull reuses embeddings at the query's time, and this model embeds neighbours at their event's
// MODE: error: no reuse 'guess' with sharing 'paper'; use push-pull with paper or causal
