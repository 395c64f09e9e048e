// RUN: orcinus-opt %s --orcinus-expand-math | FileCheck %s

// CHECK-LABEL: func.func @vectors(
// CHECK-NOT:     math.{{exp|log|tanh|sin|cos|rsqrt}}
// CHECK:         return
func.func @vectors(%x: vector<16xf32>) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>) {
  %0 = math.exp %x : vector<16xf32>
  %1 = math.log %x : vector<16xf32>
  %2 = math.log1p %x : vector<16xf32>
  %3 = math.tanh %x : vector<16xf32>
  %4 = math.sin %x : vector<16xf32>
  %5 = math.cos %x : vector<16xf32>
  %6 = math.rsqrt %x : vector<16xf32>
  return %0, %1, %2, %3, %4, %5, %6 : vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
}

// The period is taken off in f64.
// CHECK-LABEL: func.func @scalar(
// CHECK:         arith.extf %{{.*}} : f32 to f64
// CHECK:         arith.truncf %{{.*}} : f64 to f32
func.func @scalar(%x: f32) -> f32 {
  %0 = math.cos %x : f32
  return %0 : f32
}

// Functions on other types, and functions that are an instruction, stay.
// CHECK-LABEL: func.func @others(
// CHECK:         math.exp %{{.*}} : f64
// CHECK:         math.sqrt %{{.*}} : f32
func.func @others(%x: f64, %y: f32) -> (f64, f32) {
  %0 = math.exp %x : f64
  %1 = math.sqrt %y : f32
  return %0, %1 : f64, f32
}
