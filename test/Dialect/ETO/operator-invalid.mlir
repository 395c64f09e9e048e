// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{has a dynamic extent but no buckets}}
eto.operator @row(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  eto.yield %0 : tensor<?xf32>
}

// -----

// expected-error @below {{has buckets but no dynamic extent}}
eto.operator @row(%x: tensor<8xf32>) -> tensor<8xf32> buckets [256] {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}

// -----

// expected-error @below {{weights must ascend from 0 on}}
eto.operator @row(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> weights [1, 1] {
  %z = linalg.add ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %z : tensor<8xf32>
}

// -----

// expected-error @below {{has no argument 1 that is a tensor, and could be a weight}}
eto.operator @row(%x: tensor<8xf32>, %y: f32) -> tensor<8xf32> weights [1] {
  %z = linalg.fill ins(%y : f32) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %z : tensor<8xf32>
}

// -----

// expected-error @below {{buckets must ascend from 1 on, 256 follows 512}}
eto.operator @row(%x: tensor<?xf32>) -> tensor<?xf32> buckets [512, 256] {
  %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  eto.yield %0 : tensor<?xf32>
}

// -----

// expected-error @below {{needs 2 programs, has 1}}
eto.operator @row(%x: tensor<?xf32>) -> tensor<?xf32> buckets [256, 512]
    programs [<schedule = <>, microseconds = 1.0, source = search>] {
  %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  eto.yield %0 : tensor<?xf32>
}

// -----

// expected-error @below {{takes and returns ranked tensors and scalars, not 'memref<8xf32>'}}
eto.operator @buffer(%x: memref<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  eto.yield %e : tensor<8xf32>
}

// -----

// expected-error @below {{takes and returns ranked tensors and scalars, not 'tensor<*xf32>'}}
eto.operator @unranked(%x: tensor<*xf32>) -> tensor<*xf32> {
  eto.yield %x : tensor<*xf32>
}

// -----

// expected-error @below {{must have a result}}
eto.operator @nothing(%x: tensor<8xf32>) -> () {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  "eto.yield"() : () -> ()
}

// -----

// expected-error @below {{must end in an eto.yield of its result types}}
eto.operator @type(%x: tensor<8xf32>) -> tensor<9xf32> {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}

// -----

// expected-error @below {{must hold a linalg op}}
eto.operator @identity(%x: tensor<8xf32>) -> tensor<8xf32> {
  eto.yield %x : tensor<8xf32>
}

// -----

// expected-error @below {{holds linalg, tensor, arith and math ops, not memref.alloc}}
eto.operator @alloc(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-note @below {{this one}}
  %buffer = memref.alloc() : memref<8xf32>
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}

// -----

module {
  func.func private @exp(tensor<8xf32>) -> tensor<8xf32>
  func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
    // expected-error @below {{calls @exp, which is no operator}}
    %0 = eto.call @exp(%x) : (tensor<8xf32>) -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}

// -----

// expected-note @below {{the operator}}
eto.operator @exp(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.exp ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  eto.yield %0 : tensor<8xf32>
}
func.func @f(%x: tensor<9xf32>) -> tensor<9xf32> {
  // expected-error @below {{has the type '(tensor<9xf32>) -> tensor<9xf32>', but @exp has '(tensor<8xf32>) -> tensor<8xf32>'}}
  %0 = eto.call @exp(%x) : (tensor<9xf32>) -> tensor<9xf32>
  return %0 : tensor<9xf32>
}
