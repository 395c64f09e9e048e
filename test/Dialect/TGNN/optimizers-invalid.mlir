// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{there is no optimizer 'rmsprop'}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <rmsprop>>} { return }

// -----

// expected-error @+1 {{optimizer 'sgd' has no setting 'beta1'}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <sgd, beta1 = 0.9>>} { return }

// -----

// expected-error @+1 {{optimizer 'adam' has no setting 'momentum'}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, momentum = 0.9>>} { return }

// -----

// expected-error @+1 {{optimizer 'adam' has no setting 'nesterov'}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, nesterov>>} { return }

// -----

// expected-error @+1 {{optimizer 'adam' has no setting 'clip'}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, clip>>} { return }

// -----

// expected-error @+1 {{optimizer 'adam' needs a clip of at least 0, not -1}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, clip = -1>>} { return }

// -----

// expected-error @+1 {{optimizer 'adamw' needs a beta2 in [0, 1), not 1}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adamw, beta2 = 1.0>>} { return }

// -----

// expected-error @+1 {{optimizer 'adam' needs a epsilon above 0, not 0}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, epsilon = 0>>} { return }

// -----

// expected-error @+1 {{optimizer 'sgd' needs a momentum for nesterov}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <sgd, nesterov>>} { return }

// -----

// expected-error @+1 {{gives 'clip' twice}}
func.func @settings() attributes {tgnn.any = #tgnn<optimizer <adam, clip = 1, clip = 2>>} { return }

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a velocity where there is a momentum}}
  tgnn.sgd %g, %g, %rate {momentum = 0.5 : f64} : memref<4xf32>, memref<4xf32>
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a velocity where there is a momentum}}
  tgnn.sgd %g, %g, %rate velocity(%g : memref<4xf32>) : memref<4xf32>, memref<4xf32>
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a gradient and moments of the parameter's shape}}
  tgnn.sgd %g, %g, %rate velocity(%h : memref<5xf32>) {momentum = 0.5 : f64} : memref<4xf32>, memref<4xf32>
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a gradient and moments of the parameter's shape}}
  tgnn.adamw %g, %h, %h, %h, %rate, %step : memref<4xf32>, memref<5xf32>, memref<5xf32>, memref<5xf32>
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{needs a scale of rank 0}}
  tgnn.adamw %g, %g, %g, %g, %rate, %step scaled(%g : memref<4xf32>) : memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{the gradient must be of f32, with static extents of one dimension or more}}
  tgnn.squared_norm(%d) into(%n) : (memref<?xf32>) into (memref<1xf32>)
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{expected a squared norm or more}}
  tgnn.clip_scale() into(%n) {limit = 1.0 : f64} : () into (memref<1xf32>)
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{a squared norm must be one number}}
  tgnn.clip_scale(%g) into(%n) {limit = 1.0 : f64} : (memref<4xf32>) into (memref<1xf32>)
  return
}

// -----

func.func @op(%g: memref<4xf32>, %h: memref<5xf32>, %d: memref<?xf32>, %n: memref<1xf32>, %rate: f32, %step: i64) {
  // expected-error @+1 {{the limit must be above 0}}
  tgnn.clip_scale(%n) into(%n) {limit = 0.0 : f64} : (memref<1xf32>) into (memref<1xf32>)
  return
}
