//===- Simulator.cpp - GPU kernels on the CPU -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/Simulator.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>

using namespace orcinus;

/// What no GPU gives a block more of.
static constexpr int64_t maximumWorkgroupBytes = 256 * 1024;

static constexpr uint64_t blockStream = randomStream("simulator: blocks");
static constexpr uint64_t threadStream =
    randomStream("simulator: threads in turn");

/// The numbers from 0 on in the order that `seed` and `which` say.
static void fillOrder(std::vector<int64_t> &order, int64_t count, uint64_t seed,
                      uint64_t stream, uint64_t which) {
  order.resize(count);
  std::iota(order.begin(), order.end(), 0);
  if (seed == 0)
    return;
  for (int64_t left = count; left > 1; --left)
    std::swap(order[left - 1],
              order[randomBelow(seed, stream, which * count + left, left)]);
}

static std::string textOf(const std::array<int64_t, 3> &extents) {
  return std::to_string(extents[0]) + "x" + std::to_string(extents[1]) + "x" +
         std::to_string(extents[2]);
}

/// `grid` and `block` as a shape; an error where a GPU would not take them.
static StatusOr<LaunchShape> shapeOf(const SimulatedKernel &kernel,
                                     const std::array<int64_t, 3> &grid,
                                     const std::array<int64_t, 3> &block) {
  // As on NVIDIA, whose bounds are the narrower ones.
  constexpr std::array<int64_t, 3> most{std::numeric_limits<int32_t>::max(),
                                        65535, 65535};
  LaunchShape shape;
  for (int axis = 0; axis < 3; ++axis) {
    if (grid[axis] < 1 || grid[axis] > most[axis])
      return Status::error("kernel '" + std::string(kernel.name) +
                           "': no GPU has a grid of " + textOf(grid) +
                           " blocks");
    if (block[axis] < 1 || block[axis] > BlockRunner::maximumThreads)
      return Status::error("kernel '" + std::string(kernel.name) +
                           "': no GPU has blocks of " + textOf(block) +
                           " threads");
    shape.grid[axis] = static_cast<int32_t>(grid[axis]);
    shape.block[axis] = static_cast<int32_t>(block[axis]);
  }
  if (volumeOf(shape.block) > BlockRunner::maximumThreads)
    return Status::error("kernel '" + std::string(kernel.name) +
                         "': no GPU has blocks of " + textOf(block) +
                         " threads");
  return shape;
}

Simulator::Simulator(SimulatorOptions options) : options(options) {}

Status Simulator::launch(const SimulatedKernel &kernel,
                         const std::array<int64_t, 3> &grid,
                         const std::array<int64_t, 3> &block,
                         int64_t dynamicSharedBytes, void **params) {
  log.clear();
  StatusOr<LaunchShape> shape = shapeOf(kernel, grid, block);
  if (!shape.ok())
    return shape.status();
  int64_t ownBytes = (kernel.workgroupBytes + 15) / 16 * 16;
  if (dynamicSharedBytes < 0 ||
      dynamicSharedBytes > maximumWorkgroupBytes - ownBytes)
    return Status::error("kernel '" + std::string(kernel.name) +
                         "': no GPU "
                         "has " +
                         std::to_string(ownBytes) + " + " +
                         std::to_string(dynamicSharedBytes) +
                         " bytes of workgroup memory a block");
  int64_t workgroupBytes = ownBytes + dynamicSharedBytes;

  BlockSetup setup{&kernel,
                   *shape,
                   params,
                   workgroup.reserve<char>(workgroupBytes).data(),
                   dynamicSharedBytes,
                   options.seed,
                   /*checker=*/nullptr,
                   &log};
  fillOrder(blockOrder, volumeOf(shape->grid), options.seed, blockStream, 0);
  if (kernel.collective || options.check)
    if (Status status = runOnFibers(setup, workgroupBytes); !status.ok())
      return status;
  if (!kernel.collective && !options.check)
    runInTurn(setup);
  return log.status();
}

/// Runs a kernel whose threads never wait: one is over before the next begins.
void Simulator::runInTurn(const BlockSetup &setup) {
  SimulatorThread thread;
  std::copy_n(setup.shape.block.data(), 3, thread.blockDim);
  std::copy_n(setup.shape.grid.data(), 3, thread.gridDim);
  thread.workgroup = setup.workgroup;
  thread.dynamicBytes = setup.dynamicBytes;
  int64_t threads = volumeOf(setup.shape.block);
  fillOrder(threadOrder, threads, setup.seed, threadStream, 0);
  for (int64_t block : blockOrder) {
    std::copy_n(positionOf(block, setup.shape.grid).data(), 3, thread.blockId);
    if (setup.seed != 0)
      fillOrder(threadOrder, threads, setup.seed, threadStream, block + 1);
    for (int64_t number : threadOrder) {
      std::copy_n(positionOf(number, setup.shape.block).data(), 3,
                  thread.threadId);
      setup.kernel->entry(setup.params, &thread);
    }
  }
}

Status Simulator::runOnFibers(BlockSetup &setup, int64_t workgroupBytes) {
  std::optional<AccessChecker> checker;
  if (options.check) {
    int64_t threads = volumeOf(setup.shape.grid) * volumeOf(setup.shape.block);
    if (threads > std::numeric_limits<uint32_t>::max())
      return Status::error("kernel '" + std::string(setup.kernel->name) +
                           "': cannot check a launch of " +
                           std::to_string(threads) + " threads");
    checker.emplace(setup.kernel->name, setup.shape, setup.workgroup,
                    workgroupBytes, log);
    setup.checker = &*checker;
  }
  if (Status status = runner.prepare(setup); !status.ok())
    return status;
  for (int64_t block : blockOrder) {
    // What is read before it is written shows: all bits set is not a number.
    if (options.check)
      std::fill_n(setup.workgroup, workgroupBytes, '\xff');
    runner.run(block);
  }
  return Status();
}
