// RUN: orcinus-opt %s --allow-unregistered-dialect --orcinus-lower-tm-tensor --split-input-file --verify-diagnostics

func.func @unknown(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{tm_tensor.attention has no lowering: scans, sorts and scatters have}}
  %y = "tm_tensor.attention"(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @accumulator(%x: tensor<8xf32>, %e: tensor<8xf32>, %start: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{tm_tensor.scan has no lowering: its accumulator is read}}
  %y:2 = "tm_tensor.scan"(%x, %e, %start) <{dimension = 0 : i64, inclusive = true}> ({
  ^bb0(%sum: f32, %a: f32):
    %s = arith.addf %sum, %a : f32
    "tm_tensor.yield"(%s) : (f32) -> ()
  }) : (tensor<8xf32>, tensor<8xf32>, tensor<f32>) -> (tensor<8xf32>, tensor<f32>)
  return %y#1 : tensor<f32>
}

// -----

func.func @form(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{tm_tensor.sort has no lowering: it is none of the form that is known}}
  %y = "tm_tensor.sort"(%x) ({
  ^bb0(%a: f32, %b: f32):
    %ordered = arith.cmpf ole, %a, %b : f32
    "tm_tensor.yield"(%ordered) : (i1) -> ()
  }) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
