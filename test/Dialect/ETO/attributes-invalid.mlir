// RUN: orcinus-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{names 'tile' twice}}
#twice = #eto.schedule<tile = 1, tile = 2>

// -----

// expected-error @below {{'tile' must be at least 0, is -1}}
#negative = #eto.schedule<tile = -1>

// -----

// expected-error @below {{needs a bound for each schedule but the last, has 2 schedules and 0 bounds}}
#unbounded = #eto.dispatch<loop 0, <a = 1>, <a = 2>>

// -----

// expected-error @below {{needs a bound for each schedule but the last, has 1 schedules and 1 bounds}}
#bounded = #eto.dispatch<loop 0, <a = 1> to 512>

// -----

// expected-error @below {{bounds must ascend from 1 on, 256 follows 512}}
#descending = #eto.dispatch<loop 0, <a = 1> to 512, <a = 2> to 256, <a = 3>>

// -----

// expected-error @below {{microseconds must be a number of at least 0}}
#early = #eto.program<schedule = <>, microseconds = -1.0, source = search>

// -----

// expected-error @below {{expected one of [search, reuse, bridge, default] for how a program was found, got: luck}}
#source = #eto.program<schedule = <>, microseconds = 1.0, source = luck>

// -----

// expected-error @below {{a bucket must be at least 1, is -4}}
#bucket = #eto.instance<@a[-4]>

// -----

// expected-error @below {{an edge must join two operators}}
#loop = #eto.reuse_edge<@a[256] -> @a[256], 1.0>

// -----

// expected-error @below {{seconds must be a number of at least 0}}
#gain = #eto.reuse_edge<root -> @a, -1.0>

// -----

// expected-error @below {{has @a[256] twice}}
#graph = #eto.reuse_graph<operators [@a[256]], bridges [@a[256]], edges []>

// -----

// expected-error @below {{has an edge at @b, which is neither an operator nor a bridge}}
#graph = #eto.reuse_graph<operators [@a], bridges [], edges [<@a -> @b, 1.0>]>

// -----

// expected-error @below {{tunes @a[512] from @a[256], which no step before it tunes}}
#plan = #eto.plan<[<@a[256] -> @a[512], 1.0>, <root -> @a[256], 1.0>]>

// -----

// expected-error @below {{tunes @a twice}}
#plan = #eto.plan<[<root -> @a, 1.0>, <root -> @a, 2.0>]>

// -----

// expected-error @below {{carries 'eto.schedule', which is for linalg ops}}
func.func private @function() attributes {eto.schedule = #eto.schedule<>}

// -----

func.func @number(%x: tensor<8xf32>) {
  // expected-error @below {{needs 'eto.schedule' to be a schedule or a dispatch}}
  %0 = linalg.exp {eto.schedule = 1} ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @loop(%x: tensor<8xf32>) {
  // expected-error @below {{has 1 loops, no loop 1 to dispatch on}}
  %0 = linalg.exp {eto.schedule = #eto.dispatch<loop 1, <>>} ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// expected-error @below {{carries 'eto.tile', which is no attribute of the eto dialect}}
func.func private @function() attributes {eto.tile = 1}

// -----

// expected-error @below {{carries 'eto.plan', which is for modules}}
func.func private @function() attributes {eto.plan = #eto.plan<[]>}

// -----

// expected-error @below {{needs 'eto.plan' to be a plan}}
module attributes {eto.plan = 1} {}

// -----

// expected-error @below {{needs 'eto.reuse_graph' to be a reuse graph}}
module attributes {eto.reuse_graph = #eto.plan<[]>} {}

// -----

// expected-error @below {{has no operator @a, which 'eto.plan' names}}
module attributes {eto.plan = #eto.plan<[<root -> @a, 1.0>]>} {}

// -----

// expected-error @below {{'eto.reuse_graph' names @row at 300, no bucket of it}}
module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@row[300]], bridges [], edges []>} {
  // expected-note @below {{the operator}}
  eto.operator @row(%x: tensor<?xf32>) -> tensor<?xf32> buckets [256] {
    %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
    eto.yield %0 : tensor<?xf32>
  }
}

// -----

// expected-error @below {{'eto.plan' names @row without a bucket}}
module attributes {eto.plan = #eto.plan<[<root -> @row, 1.0>]>} {
  // expected-note @below {{the operator}}
  eto.operator @row(%x: tensor<?xf32>) -> tensor<?xf32> buckets [256] {
    %0 = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
    eto.yield %0 : tensor<?xf32>
  }
}
