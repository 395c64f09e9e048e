// RUN: orcinus-opt %S/../../../models/apan.mlir --tgnn-expand-model="functions=evaluate,advance,score" | FileCheck %s --check-prefix=EXPAND
// RUN: orcinus-opt %S/../../../models/apan.mlir --orcinus-infer-pipeline | FileCheck %s --check-prefix=SPLIT

// Mailboxes are the module's once the model is expanded, without what mails are
// made of, and take a batch's mails at its end, made of its embeddings; so does
// a step that advances states.

// EXPAND: tgnn.mailbox @memory width(172) slots(1) keep(last){{$}}
// EXPAND: tgnn.mailbox @mails width(172) slots(10) neighbours(20) keep(mean){{$}}
// EXPAND: tgnn.model
// EXPAND-LABEL: func.func @evaluate
// EXPAND: %[[QUERIES:.*]] = tgnn.targets
// EXPAND: %[[MAILS:.*]] = tgnn.mails @mails at %[[QUERIES]]
// EXPAND: tgnn.table %[[MAILS]] "rows" : !tgnn.mails -> tensor<?x10xi32>
// EXPAND: tgnn.read "mail:mails" : tensor<?x172xf32>
// EXPAND: %[[EMBEDDINGS:.*]] = tgnn.apply @embed "embed"
// EXPAND: tgnn.output %{{.*}} as "scores"
// EXPAND: tgnn.deliver @memory
// EXPAND: %[[TO:.*]] = tgnn.deliver @mails : !tgnn.deliveries
// EXPAND: %[[SELF:.*]] = tgnn.table %[[TO]] "self_rows"
// EXPAND: %[[OWN:.*]] = tgnn.gather(%[[EMBEDDINGS]], %[[SELF]])
// EXPAND: %[[OTHERS:.*]] = tgnn.table %[[TO]] "other_rows"
// EXPAND: %[[OTHER:.*]] = tgnn.gather(%[[EMBEDDINGS]], %[[OTHERS]])
// EXPAND: %[[SENT:.*]] = tgnn.apply @mails "mails"(%[[OWN]], %[[OTHER]], %{{.*}}) {{.*}} -> tensor<?x172xf32>
// EXPAND: %[[KEPT:.*]] = tgnn.mean_rows(%[[SENT]], %{{.*}}, %{{.*}})
// EXPAND: tgnn.write %[[KEPT]] to "mail:mails" rows
// EXPAND: return

// EXPAND-LABEL: func.func @advance
// EXPAND: tgnn.apply @embed "embed"
// EXPAND-NOT: tgnn.apply @link
// EXPAND: tgnn.write %{{.*}} to "mail:memory" rows
// EXPAND: tgnn.write %{{.*}} to "mail:mails" rows

// EXPAND-LABEL: func.func @score
// EXPAND-NOT: tgnn.deliver

// SPLIT: module attributes {{.*}}tgnn.mailboxes = [{{{.*}}sym_name = "memory"{{.*}}sym_name = "mails"
// SPLIT-LABEL: func.func @evaluate_prepare
// SPLIT: call @orcinus_rt_mails({{.*}}, %c1_i32{{[_0-9]*}}) :
// SPLIT: call @orcinus_rt_mails({{.*}}, %c2_i32{{[_0-9]*}}) :
// SPLIT: call @orcinus_rt_deliver({{.*}}, %c1_i32{{[_0-9]*}}) :
// SPLIT: call @orcinus_rt_deliver({{.*}}, %c2_i32{{[_0-9]*}}) :
// SPLIT-LABEL: func.func @evaluate_step
// SPLIT-SAME: tgnn.binding = "mail:mails"
