// RUN: orcinus-opt %s | orcinus-opt | FileCheck %s
// RUN: orcinus-opt %s --mlir-print-op-generic | orcinus-opt | FileCheck %s

// CHECK-LABEL: func.func @settings() attributes {
// CHECK-SAME: tgnn.any = [#tgnn<optimizer <adam>>, #tgnn<optimizer <adamw, clip = 1.000000e+00, weight_decay = 5.000000e-02>>, #tgnn<optimizer <sgd, momentum = 9.000000e-01, nesterov>>]
func.func @settings() attributes {
    tgnn.any = [#tgnn<optimizer <adam>>, #tgnn<optimizer <adamw, weight_decay = 0.05, clip = 1>>,
                #tgnn<optimizer <sgd, momentum = 0.9, nesterov>>]} {
  return
}

// CHECK-LABEL: func.func @updates
func.func @updates(%g: memref<8x4xf32>, %w: memref<8x4xf32>, %m: memref<8x4xf32>,
                   %v: memref<8x4xf32>, %rate: f32, %step: i64, %scale: memref<f32>) {
  // CHECK: tgnn.adam %{{.*}} {beta1 = 8.000000e-01 : f64} :
  tgnn.adam %g, %w, %m, %v, %rate, %step {beta1 = 0.8 : f64}
      : memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>
  // CHECK: tgnn.adamw %{{.*}} scaled(%{{.*}} : memref<f32>) {weight_decay = 1.000000e-02 : f64} :
  tgnn.adamw %g, %w, %m, %v, %rate, %step scaled(%scale : memref<f32>) {weight_decay = 0.01 : f64}
      : memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>, memref<8x4xf32>
  // CHECK: tgnn.sgd %{{.*}}, %{{.*}}, %{{.*}} : memref<8x4xf32>, memref<8x4xf32>
  tgnn.sgd %g, %w, %rate : memref<8x4xf32>, memref<8x4xf32>
  // CHECK: tgnn.sgd %{{.*}} velocity(%{{.*}} : memref<8x4xf32>) scaled(%{{.*}} : memref<f32>) {momentum = 9.000000e-01 : f64, nesterov} :
  tgnn.sgd %g, %w, %rate velocity(%m : memref<8x4xf32>) scaled(%scale : memref<f32>)
      {momentum = 0.9 : f64, nesterov} : memref<8x4xf32>, memref<8x4xf32>
  return
}

// CHECK-LABEL: func.func @clip
func.func @clip(%g: tensor<8x4xf32>, %rate: f32, %step: i64) {
  // CHECK: %[[NORM:.*]] = tgnn.squared_norm(%{{.*}}) : (tensor<8x4xf32>) -> tensor<1xf32>
  %norm = tgnn.squared_norm(%g) : (tensor<8x4xf32>) -> tensor<1xf32>
  // CHECK: %[[SCALE:.*]] = tgnn.clip_scale(%[[NORM]]) {limit = 1.000000e+00 : f64} : (tensor<1xf32>) -> tensor<f32>
  %scale = tgnn.clip_scale(%norm) {limit = 1.0 : f64} : (tensor<1xf32>) -> tensor<f32>
  // CHECK: tgnn.optimize "w" by <sgd, momentum = 9.000000e-01> with %{{.*}} rate %{{.*}} step %{{.*}} scaled(%[[SCALE]] : tensor<f32>) : tensor<8x4xf32>
  tgnn.optimize "w" by <sgd, momentum = 0.9> with %g rate %rate step %step scaled(%scale : tensor<f32>) : tensor<8x4xf32>
  return
}

// CHECK-LABEL: func.func @two
func.func @two(%loss: tensor<f32>) {
  // CHECK: tgnn.differentiate %{{.*}} : tensor<f32>
  tgnn.differentiate %loss : tensor<f32>
  // CHECK: tgnn.apply_gradients
  tgnn.apply_gradients
  return
}
