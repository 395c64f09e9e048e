// RUN: orcinus-opt %s --split-input-file --orcinus-plan-memory | FileCheck %s
// RUN: orcinus-opt %s --split-input-file --orcinus-plan-memory=separate | FileCheck %s --check-prefix=SEPARATE

// Apart, temporaries are where they were, and the sizes are told all the same.
// SEPARATE: module attributes {orcinus.temporary_bytes = {calls = 576 : i64, chain = 704 : i64, huge = -1 : i64, loop = 256 : i64, open = -1 : i64, open_threads = -1 : i64, threads = 1984 : i64}}
// SEPARATE-NOT: memref.view
// SEPARATE: func.func private @part(%{{.*}}: memref<64xf32>) {
// SEPARATE-NEXT: memref.alloc() : memref<80xf32>
// SEPARATE-NOT: memref.view

// CHECK: module attributes {orcinus.temporary_bytes = {calls = 576 : i64, chain = 704 : i64, huge = -1 : i64, loop = 256 : i64, open = -1 : i64, open_threads = -1 : i64, threads = 1984 : i64}}
module {
  func.func private @use(memref<64xf32>)
  func.func private @use_both(memref<64xf32>, memref<64xf32>)

  // Three buffers, of which two are alive at a time, and two small ones beside:
  // the third lies where the first was.
  // CHECK-LABEL: func.func @chain(
  // CHECK:         %[[BLOCK:.*]] = memref.alloc() : memref<704xi8>
  // CHECK:         %[[ZERO:.*]] = arith.constant 0 : index
  // CHECK:         %[[A:.*]] = memref.view %[[BLOCK]][%[[ZERO]]][]
  // CHECK:         %[[NEXT:.*]] = arith.constant 256 : index
  // CHECK:         %[[B:.*]] = memref.view %[[BLOCK]][%[[NEXT]]][]
  // CHECK:         call @use_both(%[[A]], %[[B]])
  // CHECK:         %[[AGAIN:.*]] = arith.constant 0 : index
  // CHECK:         memref.view %[[BLOCK]][%[[AGAIN]]][]
  // CHECK:         memref.dealloc %[[BLOCK]]
  // CHECK-NEXT:    return
  func.func @chain() {
    %a = memref.alloc() : memref<64xf32>
    %b = memref.alloc() : memref<64xf32>
    call @use_both(%a, %b) : (memref<64xf32>, memref<64xf32>) -> ()
    memref.dealloc %a : memref<64xf32>
    %c = memref.alloc() : memref<64xf32>
    %one = memref.alloc() : memref<4xi1>
    %zero = arith.constant false
    linalg.fill ins(%zero : i1) outs(%one : memref<4xi1>)
    call @use_both(%b, %c) : (memref<64xf32>, memref<64xf32>) -> ()
    %d = memref.alloc() : memref<32xf32>
    memref.dealloc %d : memref<32xf32>
    memref.dealloc %one : memref<4xi1>
    memref.dealloc %b : memref<64xf32>
    memref.dealloc %c : memref<64xf32>
    return
  }

  // A loop's buffer is alive for a turn, beside those that are alive around it.
  // CHECK-LABEL: func.func @loop(
  // CHECK:         memref.alloc() : memref<256xi8>
  // CHECK:         scf.for
  // CHECK:           memref.view
  // CHECK-NOT:     memref.alloc
  func.func @loop(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      %a = memref.alloc() : memref<64xf32>
      func.call @use(%a) : (memref<64xf32>) -> ()
      memref.dealloc %a : memref<64xf32>
      %b = memref.alloc() : memref<64xf32>
      func.call @use(%b) : (memref<64xf32>) -> ()
      memref.dealloc %b : memref<64xf32>
    }
    return
  }

  // A private function gets its block from each caller.
  // CHECK-LABEL: func.func private @part(
  // CHECK-SAME:      %[[X:.*]]: memref<64xf32>, %[[BLOCK:.*]]: memref<320xi8>)
  // CHECK-NOT:     memref.alloc
  // CHECK:         memref.view %[[BLOCK]]
  func.func private @part(%x: memref<64xf32>) {
    %a = memref.alloc() : memref<80xf32>
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%a : memref<80xf32>)
    memref.dealloc %a : memref<80xf32>
    return
  }
  // CHECK-LABEL: func.func @calls(
  // CHECK:         %[[WHOLE:.*]] = memref.alloc() : memref<576xi8>
  // CHECK:         %[[OWN:.*]] = memref.view %[[WHOLE]]{{.*}} to memref<320xi8>
  // CHECK:         call @part(%{{.*}}, %[[OWN]])
  func.func @calls() {
    %a = memref.alloc() : memref<64xf32>
    call @part(%a) : (memref<64xf32>) -> ()
    call @part(%a) : (memref<64xf32>) -> ()
    memref.dealloc %a : memref<64xf32>
    return
  }

  // What has no known size stays, and so does what turns of an unknown number
  // have apart.
  // CHECK-LABEL: func.func @open(
  // CHECK:         memref.alloc(%{{.*}}) : memref<?xf32>
  func.func @open(%n: index) {
    %a = memref.alloc(%n) : memref<?xf32>
    memref.dealloc %a : memref<?xf32>
    return
  }
  // CHECK-LABEL: func.func @open_threads(
  // CHECK:         scf.parallel
  // CHECK:           memref.alloc() : memref<64xf32>
  func.func @open_threads(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.parallel (%i) = (%c0) to (%n) step (%c1) {
      %a = memref.alloc() : memref<64xf32>
      memref.dealloc %a : memref<64xf32>
    }
    return
  }

  // Nor has what no process has the memory for, all turns together.
  // CHECK-LABEL: func.func @huge(
  // CHECK:         scf.parallel
  // CHECK:           memref.alloc() : memref<64xf32>
  func.func @huge() {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %many = arith.constant 0x7fffffffffffff : index
    scf.parallel (%i) = (%c0) to (%many) step (%c1) {
      %a = memref.alloc() : memref<64xf32>
      memref.dealloc %a : memref<64xf32>
    }
    return
  }

  // Each of six turns has a place for its two temporaries, of which one is
  // what a function that it calls needs, beside what is alive around the loop.
  // CHECK-LABEL: func.func @threads(
  // CHECK:         %[[BLOCK:.*]] = memref.alloc() : memref<1984xi8>
  // CHECK:         %[[PLACES:.*]] = memref.view %[[BLOCK]]{{.*}} to memref<1920xi8>
  // CHECK:         scf.parallel (%[[I:.*]], %[[J:.*]]) =
  // CHECK:           %[[LINE:.*]] = arith.muli %[[I]], %c3
  // CHECK:           %[[TURN:.*]] = arith.addi %[[LINE]], %[[J]]
  // CHECK:           %[[BYTES:.*]] = arith.constant 320 : index
  // CHECK:           %[[PLACE:.*]] = arith.muli %[[TURN]], %[[BYTES]]
  // CHECK:           memref.view %[[PLACES]][%{{.*}}][] : memref<1920xi8> to memref<16xf32>
  // CHECK:           memref.view %[[PLACES]][%{{.*}}][] : memref<1920xi8> to memref<320xi8>
  // CHECK-NOT:     memref.alloc
  // CHECK:         return
  func.func @threads(%y: memref<64xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %zero = arith.constant 0.0 : f32
    %a = memref.alloc() : memref<16xf32>
    scf.parallel (%i, %j) = (%c0, %c0) to (%c2, %c3) step (%c1, %c1) {
      %b = memref.alloc() : memref<16xf32>
      linalg.copy ins(%a : memref<16xf32>) outs(%b : memref<16xf32>)
      memref.dealloc %b : memref<16xf32>
      func.call @part(%y) : (memref<64xf32>) -> ()
    }
    memref.dealloc %a : memref<16xf32>
    return
  }
}

// -----

// What calls itself takes its own memory in each call.
// CHECK:       orcinus.temporary_bytes = {calls = -1 : i64}
// SEPARATE:    orcinus.temporary_bytes = {calls = -1 : i64}
module {
  // CHECK-LABEL: func.func private @again(%arg0: index, %arg1: memref<8xf32>)
  // CHECK:         memref.alloc() : memref<8xf32>
  // CHECK:         func.call @again(%{{.*}}, %{{.*}}) : (index, memref<8xf32>) -> ()
  func.func private @again(%n: index, %x: memref<8xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %t = memref.alloc() : memref<8xf32>
    memref.copy %x, %t : memref<8xf32> to memref<8xf32>
    %goesOn = arith.cmpi ugt, %n, %c0 : index
    scf.if %goesOn {
      %m = arith.subi %n, %c1 : index
      func.call @again(%m, %t) : (index, memref<8xf32>) -> ()
    }
    memref.dealloc %t : memref<8xf32>
    return
  }
  func.func @calls(%n: index, %x: memref<8xf32>) {
    func.call @again(%n, %x) : (index, memref<8xf32>) -> ()
    return
  }
}
