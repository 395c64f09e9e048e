// RUN: orcinus-opt %s --split-input-file --verify-diagnostics --orcinus-simulate=check

gpu.module @kernels {
  gpu.func @kernel(%value: f64, %offset: i32, %width: i32) kernel {
    // expected-error@+1 {{'gpu.shuffle' op moves values of type 'f64'; the simulator moves i32 and f32}}
    %s, %v = gpu.shuffle xor %value, %offset, %width : f64
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel() kernel {
    // expected-error@+1 {{'gpu.printf' op is not known to the simulator}}
    gpu.printf "text"
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel() kernel {
    // expected-error@+1 {{'nvvm.barrier0' op is not known to the simulator}}
    nvvm.barrier0
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel() kernel {
    // expected-error@+1 {{'memref.alloc' op is not known to the simulator}}
    %memory = memref.alloc() : memref<4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{'gpu.func' op is not known to the simulator, which has kernels and globals only}}
  gpu.func @function() {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{'gpu.func' op needs more private memory than the 131072 bytes of a simulated thread}}
  gpu.func @kernel() private(%memory: memref<32769xf32, #gpu.address_space<private>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel() kernel {
    %a = memref.alloca() : memref<16384xf32>
    // expected-error@+1 {{'memref.alloca' op needs more private memory than the 131072 bytes of a simulated thread}}
    %b = memref.alloca() : memref<16385xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error@+1 {{'gpu.func' op has memory of type 'memref<?xf32, #gpu.address_space<workgroup>>', whose size is not known}}
  gpu.func @kernel() workgroup(%memory: memref<?xf32, #gpu.address_space<workgroup>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel(%x: memref<4xf32>, %y: memref<4xf32>) kernel {
    // expected-error@+1 {{'memref.copy' op accesses memory in a way that the simulator does not check}}
    memref.copy %x, %y : memref<4xf32> to memref<4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel(%x: memref<4x4xf32>, %i: index, %zero: f32) kernel {
    // expected-error@+1 {{'vector.transfer_read' op accesses memory in a way that the simulator does not check}}
    %value = vector.transfer_read %x[%i, %i], %zero : memref<4x4xf32>, vector<2x2xf32>
    gpu.return
  }
}

// -----

func.func @main(%one: index) {
  // expected-error@+1 {{'gpu.launch' op has no kernel yet: run gpu-kernel-outlining}}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
      threads(%tx, %ty, %tz) in (%sx = %one, %sy = %one, %sz = %one) {
    gpu.terminator
  }
  return
}

// -----

module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @kernel() kernel {
    gpu.return
  }
}
func.func @main(%one: index) {
  // expected-error@+1 {{'gpu.launch_func' op has clusters, which the simulator does not}}
  gpu.launch_func @kernels::@kernel clusters in (%one, %one, %one)
      blocks in (%one, %one, %one) threads in (%one, %one, %one)
  return
}
}

// -----

gpu.module @kernels {
  gpu.func @kernel(%a: vector<4x2xf16>, %b: vector<2x2xf16>, %c: vector<2x2xf16>) kernel {
    // expected-error@+1 {{'nvgpu.mma.sync' op has a shape or types that the simulator does not know}}
    %d = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 16]} : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf16>) -> vector<2x2xf16>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel(%a: vector<4xf16>, %c: vector<16xf32>) kernel {
    // expected-error@+1 {{'amdgpu.mfma' op has a shape or types that the simulator does not know}}
    %d = amdgpu.mfma 32x32x8 %a * %a + %c blgp = none : vector<4xf16>, vector<4xf16>, vector<16xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @kernel(%a: vector<4xf16>, %c: vector<4xf32>) kernel {
    // expected-error@+1 {{'amdgpu.mfma' op is for subgroups of 64 threads, and those simulated have 32}}
    %d = amdgpu.mfma 16x16x16 %a * %a + %c blgp = none : vector<4xf16>, vector<4xf16>, vector<4xf32>
    gpu.return
  }
}
