// RUN: orcinus-opt %s --orcinus-return-results=allocate-dynamic --verify-diagnostics

func.func @dynamic(%n: index) -> memref<?xf32> {
  // expected-error @+1 {{calls a function that returns tensors of dynamic extents, which only what can be inlined may}}
  %y = call @dynamic(%n) : (index) -> memref<?xf32>
  return %y : memref<?xf32>
}
