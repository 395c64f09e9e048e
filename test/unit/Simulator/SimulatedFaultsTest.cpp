//===- SimulatedFaultsTest.cpp - Wrong kernels are found ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each test damages a kernel that SimulatedKernelsTest finds right.
//
//===----------------------------------------------------------------------===//

#include "KernelTexts.h"
#include "SimulatedProgram.h"

#include "gtest/gtest.h"

#include <numeric>

using namespace orcinus;
using namespace orcinus::test;

using Kind = SimulatorReport::Kind;

namespace {

/// Runs a product of 19 × 21 and 21 × 26.
Status runProduct(SimulatedProgram &program, SimulatorOptions options) {
  std::vector<float> a(19 * 21), b(21 * 26), c(19 * 26);
  MemRef memrefA(a.data(), {19, 21}), memrefB(b.data(), {21, 26}),
      memrefC(c.data(), {19, 26});
  return program.run(
      {memrefA.descriptor(), memrefB.descriptor(), memrefC.descriptor()},
      options);
}

/// Whether a report of `kind` names exactly the lines of the marks.
bool names(const SimulatedProgram &program, Kind kind,
           std::vector<std::string> marks) {
  std::set<int> lines;
  for (const std::string &mark : marks)
    lines.insert(program.lineOf(mark));
  for (size_t index = 0; index < program.reports().size(); ++index)
    if (program.reports()[index].kind == kind &&
        program.linesOf(index) == lines)
      return true;
  return false;
}

TEST(SimulatedFaults, MissingBarrierBeforeReads) {
  SimulatedProgram program(
      damaged(matmulText, "gpu.barrier // FILLED", "// FILLED"),
      {.check = true});
  for (uint64_t seed = 0; seed <= 5; ++seed) {
    Status status = runProduct(program, {.check = true, .seed = seed});
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"STORE A", "READ A"}));
    EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"STORE B", "READ B"}));
    for (const SimulatorReport &report : program.reports())
      EXPECT_TRUE(report.kind == Kind::WorkgroupRace ||
                  report.kind == Kind::UninitialisedRead)
          << report.message;
  }
}

TEST(SimulatedFaults, MissingBarrierAfterReads) {
  SimulatedProgram program(
      damaged(matmulText, "gpu.barrier // USED", "// USED"), {.check = true});
  for (uint64_t seed = 0; seed <= 5; ++seed) {
    Status status = runProduct(program, {.check = true, .seed = seed});
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"STORE A", "READ A"}));
    EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"STORE B", "READ B"}));
    EXPECT_EQ(program.reports().size(), 2u);
  }
}

TEST(SimulatedFaults, OffByOneIndex) {
  SimulatedProgram program(damaged(matmulText, "%kaInside = arith.cmpi slt",
                                   "%kaInside = arith.cmpi sle"),
                           {.check = true});
  Status status = runProduct(program, {.check = true});
  // The tile from 16 on reaches 21 at its sixth column.
  EXPECT_EQ(status.message(),
            "kernel 'matmul': index 21 is out of bounds of dimension 1, which "
            "has extent 21, at kernels.mlir:" +
                std::to_string(program.lineOf("LOAD A")) +
                ":18, by thread (5,0,0) of block (0,0,0)");
  EXPECT_EQ(program.reports().size(), 1u);
}

TEST(SimulatedFaults, BarrierUnderADivergentCondition) {
  SimulatedProgram program(
      damaged(matmulText, "gpu.barrier // USED",
              "scf.if %aInside {\n gpu.barrier // USED\n }"),
      {.check = true});
  Status status = runProduct(program, {.check = true});
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(names(program, Kind::BarrierDivergence, {"// USED", "// FILLED"}))
      << status.message();
}

TEST(SimulatedFaults, ShuffleUnderDivergence) {
  SimulatedProgram program(damaged(reductionText, "%firstLane = arith.cmpi eq",
                                   R"(
    scf.if %v1 { } // nothing
    %half = arith.constant 16 : index
    %low = arith.cmpi ult, %lane, %half : index
    scf.if %low {
      %s, %v = gpu.shuffle xor %t1, %o16, %c32 : f32 // DIVERGENT
      memref.store %s, %x[%at] : memref<?xf32>
    }
    %firstLane = arith.cmpi eq)"),
                           {.check = true});
  std::vector<float> x(256), sums(1);
  MemRef memrefX(x.data(), {256}), memrefSums(sums.data(), {1});
  Status status = program.run({memrefX.descriptor(), memrefSums.descriptor()},
                              {.check = true});
  EXPECT_FALSE(status.ok());
  ASSERT_EQ(program.reports().size(), 1u);
  EXPECT_EQ(program.reports()[0].kind, Kind::ShuffleDivergence);
  EXPECT_TRUE(program.linesOf(0).count(program.lineOf("DIVERGENT")))
      << status.message();
}

TEST(SimulatedFaults, SumsThatAreNotAtomic) {
  SimulatedProgram program(
      damaged(histogramText,
              "%old = memref.atomic_rmw addi %value, %bins[%me] : (i32, "
              "memref<16xi32>) -> i32 // TOTAL",
              "%before = memref.load %bins[%me] : memref<16xi32> // READ\n"
              "%after = arith.addi %before, %value : i32\n"
              "memref.store %after, %bins[%me] : memref<16xi32> // WRITE"),
      {.check = true});
  std::vector<int32_t> x(100), bins(16);
  MemRef memrefX(x.data(), {100}), memrefBins(bins.data(), {16});
  for (uint64_t seed = 0; seed <= 5; ++seed) {
    Status status = program.run({memrefX.descriptor(), memrefBins.descriptor()},
                                {.check = true, .seed = seed});
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(names(program, Kind::GlobalRace, {"// WRITE"}));
    EXPECT_TRUE(names(program, Kind::GlobalRace, {"// WRITE", "// READ"}));
    EXPECT_EQ(program.reports().size(), 2u);
  }
}

TEST(SimulatedFaults, ForgottenClearing) {
  SimulatedProgram program(
      damaged(histogramText, "memref.store %zero, %own[%me]", "// NOTHING\n//"),
      {.check = true});
  std::vector<int32_t> x(256, 3), bins(16);
  MemRef memrefX(x.data(), {256}), memrefBins(bins.data(), {16});
  Status status = program.run({memrefX.descriptor(), memrefBins.descriptor()},
                              {.check = true});
  EXPECT_FALSE(status.ok());
  for (const SimulatorReport &report : program.reports())
    EXPECT_EQ(report.kind, Kind::UninitialisedRead) << report.message;
}

TEST(SimulatedFaults, VectorsAndMasks) {
  const std::string text = R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @copy(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) kernel {
    %c4 = arith.constant 4 : index
    %zero = arith.constant 0.0 : f32
    %zeros = arith.constant dense<0.0> : vector<4xf32>
    %me = gpu.thread_id x
    %first = arith.muli %me, %c4 : index
    %left = arith.subi %n, %first : index
    %mask = vector.create_mask %left : vector<4xi1>
    %value = vector.maskedload %x[%first], %mask, %zeros : memref<?xf32>, vector<4xi1>, vector<4xf32> into vector<4xf32> // MASKED
    vector.maskedstore %y[%first], %mask, %value : memref<?xf32>, vector<4xi1>, vector<4xf32>
    %padded = vector.transfer_read %y[%first], %zero : memref<?xf32>, vector<4xf32>
    %twice = arith.addf %padded, %padded : vector<4xf32>
    vector.transfer_write %twice, %y[%first] : vector<4xf32>, memref<?xf32>
    %whole = vector.load %y[%first] : memref<?xf32>, vector<4xf32> // WHOLE
    vector.store %whole, %y[%first] : memref<?xf32>, vector<4xf32>
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %threads = arith.ceildivui %n, %c4 : index
  gpu.launch_func @kernels::@copy
      blocks in (%c1, %c1, %c1) threads in (%threads, %c1, %c1)
      args(%x : memref<?xf32>, %y : memref<?xf32>, %n : index)
  return
}
}
)";
  SimulatedProgram program(text, {.check = true});
  auto run = [&](int64_t xExtent, int64_t yExtent, int64_t n) {
    std::vector<float> x(xExtent, 3), y(yExtent, 1);
    MemRef memrefX(x.data(), {xExtent}), memrefY(y.data(), {yExtent});
    Status status = program.run(
        {memrefX.descriptor(), memrefY.descriptor(), &n}, {.check = true});
    if (status.ok())
      EXPECT_EQ(y, std::vector<float>(yExtent, 6));
    return status;
  };
  EXPECT_EQ(run(8, 8, 8).message(), "");
  // The last lanes are masked, and left out, until the whole vector is read.
  EXPECT_FALSE(run(6, 6, 6).ok());
  EXPECT_TRUE(names(program, Kind::OutOfBounds, {"// WHOLE"}));
  ASSERT_EQ(program.reports().size(), 1u);
  EXPECT_NE(program.reports()[0].message.find("index 7"), std::string::npos);
  EXPECT_FALSE(run(6, 8, 7).ok());
  EXPECT_TRUE(names(program, Kind::OutOfBounds, {"// MASKED"}));
}

/// Each thread loads four numbers of x, and stores them in workgroup memory,
/// from which the next thread takes them to y. A thread begins with number
/// `step` times its own.
std::string vectorCopy(int step, const char *barrier = "gpu.barrier") {
  return R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @copy(%x: memref<?xf32>, %y: memref<?xf32>) workgroup(%shared : memref<64xf32, #gpu.address_space<workgroup>>) kernel {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c8 = arith.constant 8 : index
    %step = arith.constant )" +
         std::to_string(step) + R"( : index
    %me = gpu.thread_id x
    %first = arith.muli %me, %step : index
    %value = vector.load %x[%first] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32> // LOAD X
    vector.store %value, %shared[%first] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32> // STORE
    )" + barrier +
         R"(
    %after = arith.addi %me, %c1 : index
    %next = arith.remui %after, %c8 : index
    %from = arith.muli %next, %step : index
    %moved = vector.load %shared[%from] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32> // READ
    %to = arith.muli %me, %c4 : index
    vector.store %moved, %y[%to] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32> // STORE Y
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  gpu.launch_func @kernels::@copy
      blocks in (%c1, %c1, %c1) threads in (%c8, %c1, %c1)
      args(%x : memref<?xf32>, %y : memref<?xf32>)
  return
}
}
)";
}

/// Runs such a program; y begins `offset` numbers behind a multiple of 16
/// bytes.
Status runVectorCopy(SimulatedProgram &program, int64_t offset = 0) {
  alignas(16) float x[32], y[36];
  std::iota(std::begin(x), std::end(x), 0.f);
  MemRef memrefX(x, {32}), memrefY(y + offset, {32});
  Status status = program.run({memrefX.descriptor(), memrefY.descriptor()},
                              {.check = true});
  if (status.ok())
    for (int at = 0; at < 32; ++at)
      EXPECT_EQ(y[at], x[(at + 4) % 32]);
  return status;
}

TEST(SimulatedFaults, VectorsAtOddAddresses) {
  SimulatedProgram right(vectorCopy(/*step=*/4), {.check = true});
  EXPECT_EQ(runVectorCopy(right).message(), "");
  EXPECT_EQ(runVectorCopy(right, /*offset=*/2).message(),
            "kernel 'copy': an address is 8 bytes beyond a multiple of 16, at "
            "kernels.mlir:" +
                std::to_string(right.lineOf("// STORE Y")) +
                ":5, by thread (0,0,0) of block (0,0,0)");
  SimulatedProgram odd(vectorCopy(/*step=*/3), {.check = true});
  EXPECT_FALSE(runVectorCopy(odd).ok());
  EXPECT_TRUE(names(odd, Kind::Misaligned, {"// LOAD X"}));
}

// Threads that are three numbers apart write the fourth of each other's.
TEST(SimulatedFaults, VectorsThatOverlap) {
  std::string text = vectorCopy(/*step=*/3);
  text = damaged(text, "%x[%first] {alignment = 16 : i64}", "%x[%first]");
  SimulatedProgram program(text, {.check = true});
  EXPECT_FALSE(runVectorCopy(program).ok());
  EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"// STORE"}));
}

// A thread reads all of what the next one stores.
TEST(SimulatedFaults, VectorsWithoutABarrier) {
  SimulatedProgram program(vectorCopy(/*step=*/4, /*barrier=*/""),
                           {.check = true});
  EXPECT_FALSE(runVectorCopy(program).ok());
  EXPECT_TRUE(names(program, Kind::WorkgroupRace, {"// STORE", "// READ"}));
}

} // namespace
