// RUN: orcinus-opt %s --tgnn-expand-model="functions=evaluate" | FileCheck %s --check-prefix=EXPAND
// RUN: orcinus-opt %s --orcinus-infer-pipeline | FileCheck %s --check-prefix=SPLIT

// Walk matrices are the module's once the model is expanded, numbered where
// index work becomes calls, and advanced at the end of a batch.

tgnn.model @meeting sizes {dim = 64, edge = 0, neighbours = 3, walk_width = 24} {
  tgnn.walks @walks order(1) width(walk_width) decay(0.25)
  tgnn.layer @tokens(%features: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %tokens = tgnn.reshape %features to [neighbours, 16] : tensor<?x?xf32> -> tensor<?x?x?xf32>
    %mean = tgnn.mean_tokens(%tokens) : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [16, dim] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [dim] zeros : tensor<?xf32>
    %y = tgnn.linear %mean, %w, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.encode (%queries: !tgnn.query) {
    %near = tgnn.sample %queries k(neighbours) policy(latest) : !tgnn.neighbourhood
    %walks = tgnn.walk_features @walks, %near with %queries
        : !tgnn.neighbourhood -> !tgnn.walk_features
    %features = tgnn.table %walks "features" : !tgnn.walk_features -> tensor<?x?xf32>
    %y = tgnn.apply @tokens "tokens"(%features) : (tensor<?x?xf32>) -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
  tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %both = tgnn.mul %source, %destination
        : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
    %w = tgnn.parameter "weight" [dim, 1] xavier : tensor<?x?xf32>
    %b = tgnn.parameter "bias" [1] zeros : tensor<?xf32>
    %y = tgnn.linear %both, %w, %b
        : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
    tgnn.yield %y : tensor<?x?xf32>
  }
}

// EXPAND: tgnn.walks @walks order(1) width(24) decay(2.500000e-01)
// EXPAND: tgnn.model
// EXPAND-LABEL: func.func @evaluate
// EXPAND: %[[NEAR:.*]] = tgnn.sample
// EXPAND: %[[WALKS:.*]] = tgnn.walk_features @walks, %[[NEAR]] with
// EXPAND: tgnn.table %[[WALKS]] "features" : !tgnn.walk_features -> tensor<?x48xf32>
// EXPAND: tgnn.output %{{.*}} as "scores" rows(pairs)
// EXPAND: tgnn.advance_walks @walks
// EXPAND-NEXT: return

// SPLIT: module attributes {{.*}}tgnn.walks = [{decay = {{.*}}, order = 1 : i64, sym_name = "walks", width = {constant = 24 : i64}}]
// SPLIT-LABEL: func.func @evaluate_prepare
// SPLIT: call @orcinus_rt_walk_features({{.*}}, %c1_i32{{[_0-9]*}}) :
// SPLIT: call @orcinus_rt_advance_walks
