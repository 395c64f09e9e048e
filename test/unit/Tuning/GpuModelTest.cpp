//===- GpuModelTest.cpp - Times that no machine measured ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/GpuModel.h"

#include "lib/Tuning/OperatorFamilies.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

/// A chip that is easy to calculate with: 128 lanes and 128 bytes of workgroup
/// memory a cycle, a cycle a nanosecond, a byte a picosecond.
GpuChip plainChip() {
  GpuChip chip{};
  chip.vendor = GpuVendor::Nvidia;
  chip.name = "plain";
  chip.subgroupSize = 32;
  chip.multiprocessors = 10;
  chip.residentSubgroups = 64;
  chip.residentBlocks = 32;
  chip.registers = 65536;
  chip.workgroupBytes = 64 << 10;
  chip.registerGranularity = 8;
  chip.threadRegisters = 255;
  chip.reservedBytes = 0;
  chip.blockBytes = 48 << 10;
  chip.teraflops = 2.56;
  chip.gigabytes = 1000;
  chip.gigahertz = 1;
  return chip;
}

KernelResources resourcesOf(const GpuTiling &tiling, int64_t registers = 64) {
  return {"contraction", tiling.threads(), registers, tiling.workgroupBytes(),
          /*spilledBytes=*/0};
}

double timeOf(const GpuChip &chip, const ProductExtents &extents,
              const GpuTiling &tiling, int64_t registers = 64) {
  StatusOr<double> time = contractionMicroseconds(
      chip, extents, tiling, resourcesOf(tiling, registers));
  EXPECT_TRUE(time.ok()) << time.message();
  return time.ok() ? *time : 0;
}

const ProductExtents tall = {1, 640, 64, 160};

} // namespace

// A block of 64 × 64 on each multiprocessor, 10 steps. A step has 64 · 64 · 16
// multiplications, 256 · 16 · (2 + 1) other instructions of the loop over it
// and 6 + 1 + 1 for each of 2048 elements copied: 94208, or 736 cycles. It
// waits once for memory (600), twice for workgroup memory (30) and for two
// barriers (30). Storing 4096 elements takes 128 cycles. That is 10 · (736 +
// 720) + 128 cycles, and 2.5 µs to launch.
TEST(GpuModel, AddsUpABlock) {
  EXPECT_NEAR(timeOf(plainChip(), tall, GpuTiling()), 14.688 + 2.5, 1e-9);
}

// Four elements at a time: 256 pieces of each operand, of 6 + 4 instructions,
// four stores where they are turned and else one, are 6400, so that a step has
// 84224, or 658 cycles; storing the result takes 32.
TEST(GpuModel, SeesVectors) {
  ProductExtents extents = tall;
  extents.left = {4, /*alongReduction=*/true};
  extents.right = {4, /*alongReduction=*/false};
  extents.resultWidth = 4;
  EXPECT_NEAR(timeOf(plainChip(), extents, GpuTiling()), 13.812 + 2.5, 1e-9);
}

// With two stages the 736 cycles of a step hide the 600 of memory, but for
// those of the first, whose 128 cycles of copying and one barrier come on top;
// a step has one.
TEST(GpuModel, SeesWhatTwoStagesHide) {
  GpuTiling tiling;
  tiling.stages = 2;
  EXPECT_NEAR(timeOf(plainChip(), tall, tiling),
              (10 * (736 + 60 + 30) + 128 + 128 + 600 + 30) * 1e-3 + 2.5, 1e-9);
}

// One subgroup on one of a multiprocessor's four parts. 10 steps of 16 · 32 · 8
// multiplications, 32 · 8 · 3 other instructions and 8 for each of 384 elements
// are 620 cycles of all four, storing 512 elements 16; a step waits for three
// lots of loads, once for workgroup memory and for two barriers.
TEST(GpuModel, GivesASubgroupAPartOfAMultiprocessor) {
  GpuTiling tiling;
  tiling.blockRows = 16;
  tiling.blockColumns = 32;
  tiling.blockReduction = 8;
  EXPECT_NEAR(timeOf(plainChip(), {1, 16, 32, 80}, tiling),
              4 * 0.636 + 18.9 + 2.5, 1e-9);
  // A step of 248 cycles leaves 352 of memory to wait for; the first one's
  // copies, 24 cycles, wait for three lots of loads.
  tiling.stages = 2;
  EXPECT_NEAR(timeOf(plainChip(), {1, 16, 32, 80}, tiling),
              4 * 0.66 + 10 * (0.03 + 0.352 + 0.03) + 1.83 + 2.5, 1e-9);
}

// Halves, two on a multiprocessor, which hide part of each other's waiting;
// setting the result, writing and reading two parts and the result again are
// five passes over 163840 bytes, and two launches.
TEST(GpuModel, AddsUpTheParts) {
  GpuTiling halves;
  halves.reductionParts = 2;
  EXPECT_NEAR(timeOf(plainChip(), tall, halves),
              7.616 + 2.5 + 2 * 2.5 + 5 * 0.16384, 1e-9);
}

// Whatever memory does not deliver in time, no occupancy hides.
TEST(GpuModel, IsBoundByMemory) {
  GpuChip chip = plainChip();
  chip.gigabytes = 1;
  EXPECT_NEAR(timeOf(chip, tall, GpuTiling()), 614.4 + 2.5, 1e-9);
}

TEST(GpuModel, NeverIsSlowerWithLessWork) {
  for (const GpuChip &chip : gpuChips())
    for (int64_t block : {16, 48, 64, 128})
      for (int64_t parts : {1, 4}) {
        GpuTiling tiling;
        tiling.blockRows = block;
        tiling.reductionParts = parts;
        double before = 0;
        for (int64_t rows = 1; rows < 40000; rows += rows / 7 + 1) {
          double time = timeOf(chip, {2, rows, 100, 412}, tiling);
          // The sum of the same waves, rounded another way.
          EXPECT_GE(time, before * (1 - 1e-12)) << chip.target() << " " << rows;
          before = time;
        }
      }
}

// 4097 rows waste most of a tile; a wave that is all but empty costs one.
TEST(GpuModel, SeesWastedTiles) {
  GpuChip chip = plainChip();
  GpuTiling tiling;
  double whole = timeOf(chip, {1, 64 * 10, 64, 1024}, tiling);
  double wasted = timeOf(chip, {1, 64 * 40 + 1, 64, 1024}, tiling);
  EXPECT_GT(wasted, 1.5 * whole);
  EXPECT_EQ(wasted, timeOf(chip, {1, 64 * 50, 64, 1024}, tiling));
}

TEST(GpuModel, SeesOccupancy) {
  const ProductExtents large = {1, 8192, 1024, 1024};
  EXPECT_GT(timeOf(plainChip(), large, GpuTiling(), /*registers=*/255),
            1.5 * timeOf(plainChip(), large, GpuTiling(), /*registers=*/64));
}

TEST(GpuModel, RejectsSpills) {
  KernelResources kernel = resourcesOf(GpuTiling());
  kernel.spilledBytes = 8;
  EXPECT_EQ(
      contractionMicroseconds(plainChip(), tall, GpuTiling(), kernel).message(),
      "the kernel keeps 8 bytes of its registers in memory");
}

TEST(GpuModel, RejectsABlockThatDoesNotFit) {
  KernelResources kernel = resourcesOf(GpuTiling(), /*registers=*/256);
  EXPECT_EQ(
      contractionMicroseconds(plainChip(), tall, GpuTiling(), kernel).message(),
      "a block of 256 threads with 256 registers and 8704 bytes of "
      "workgroup memory does not fit a multiprocessor of nvidia:plain");
  kernel = resourcesOf(GpuTiling());
  kernel.workgroupBytes = (48 << 10) + 1;
  EXPECT_FALSE(
      contractionMicroseconds(plainChip(), tall, GpuTiling(), kernel).ok());
}

TEST(GpuModel, FindsTheContractionOfAnOperator) {
  OperatorDescription product = matmul(640, 64, 160);
  Schedule schedule = GpuTiling().toSchedule();
  GpuChip chip = plainChip();
  std::vector<KernelResources> kernels = {{"elements", 256, 8, 0, 0},
                                          resourcesOf(GpuTiling())};
  EXPECT_NEAR(*operatorMicroseconds(chip, product, schedule, kernels), 16.312,
              1e-9);
  kernels.pop_back();
  EXPECT_EQ(operatorMicroseconds(chip, product, schedule, kernels).message(),
            "'" + product.name + "' was compiled to no contraction");
}

TEST(GpuModel, TakesAConvolutionForAProduct) {
  ProductExtents extents = *productExtents(convolution({.spatial = {9, 8},
                                                        .inputChannels = 6,
                                                        .outputChannels = 20,
                                                        .window = 3,
                                                        .groups = 2}));
  EXPECT_EQ(extents.batches, 2);
  EXPECT_EQ(extents.rows, 7 * 6);
  EXPECT_EQ(extents.columns, 10);
  EXPECT_EQ(extents.reduction, 3 * 3 * 3);
}

TEST(GpuModel, KnowsHowManyElementsLieTogether) {
  ProductExtents extents = *productExtents(matmul(640, 64, 162));
  EXPECT_EQ(extents.left.width, 2);
  EXPECT_TRUE(extents.left.alongReduction);
  EXPECT_EQ(extents.right.width, 4);
  EXPECT_FALSE(extents.right.alongReduction);
  EXPECT_EQ(extents.resultWidth, 4);

  extents = *productExtents(matmul(640, 63, 161));
  EXPECT_EQ(extents.left.width, 1);
  EXPECT_EQ(extents.right.width, 1);
  EXPECT_EQ(extents.resultWidth, 1);

  // A bucket of an extent says nothing of it.
  OperatorDescription product = matmul(640, 64, 160);
  for (OperatorLoop &loop : product.loops)
    loop.bucketed = true;
  extents = *productExtents(product);
  EXPECT_EQ(extents.left.width, 1);
  EXPECT_EQ(extents.right.width, 1);
  EXPECT_EQ(extents.resultWidth, 1);

  // Windows along pixels begin anywhere, along channels at a pixel's.
  ConvolutionShape shape = {
      .spatial = {9, 8}, .inputChannels = 8, .outputChannels = 20, .window = 3};
  extents = *productExtents(convolution(shape));
  EXPECT_EQ(extents.left.width, 4);
  EXPECT_TRUE(extents.left.alongReduction);
  EXPECT_EQ(extents.right.width, 4);
}
