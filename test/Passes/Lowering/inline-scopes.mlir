// RUN: orcinus-opt %s --orcinus-inline-scopes | FileCheck %s

func.func private @part(memref<8xf32>)

// CHECK-LABEL: func.func @calls(
// CHECK-NOT:     memref.alloca_scope
// CHECK:         %[[C:.*]] = arith.constant 3
// CHECK:         call @part
// CHECK:         return %[[C]]
func.func @calls(%x: memref<8xf32>) -> i32 {
  %r = memref.alloca_scope -> (i32) {
    %c = arith.constant 3 : i32
    func.call @part(%x) : (memref<8xf32>) -> ()
    memref.alloca_scope.return %c : i32
  }
  return %r : i32
}

// What is allocated on the stack has its scope.
// CHECK-LABEL: func.func @allocates(
// CHECK:         memref.alloca_scope
func.func @allocates() {
  memref.alloca_scope {
    %a = memref.alloca() : memref<8xf32>
    func.call @part(%a) : (memref<8xf32>) -> ()
  }
  return
}
