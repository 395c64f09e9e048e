//===- GpuModel.cpp - How long a contraction takes on a GPU ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"

#include "IndexMap.h"
#include "Spaces/ContractionLoops.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

using namespace orcinus;

/// From the host's call to the kernel's first instruction, and between two
/// kernels on one stream.
static constexpr double launchMicroseconds = 2.5;

/// Cycles from a load of global or workgroup memory to its value, and those of
/// a barrier.
static constexpr double globalLatency = 600;
static constexpr double workgroupLatency = 30;
static constexpr double barrierLatency = 30;

// How often ptxas unrolls the loop over the steps of the reduction, so that so
// many loads are under way at a time; and, counted in the PTX of a plain
// product, the instructions of a thread for what it copies at once (where it
// is, whether it is inside, the load), for each element of it (zero, if it is
// not), for a store to the result, and for a step of the loop.
static constexpr double stepsUnderWay = 8;
static constexpr double copyInstructions = 6;
static constexpr double elementInstructions = 1;
static constexpr double storeInstructions = 4;
static constexpr double loopInstructions = 1;

/// Parts of a multiprocessor, each of which has subgroups of its own.
static constexpr double schedulers = 4;

/// Bytes that a multiprocessor's workgroup memory moves in a cycle.
static constexpr double workgroupBytesPerCycle = 128;

/// How much faster than memory the cache is that all multiprocessors share.
static constexpr double cacheSpeedup = 2;

static constexpr double elementBytes = 4;

/// How elements of operand number `number` lie in memory, as vectorWidth of
/// passes/Target/VectorAccess.h finds it. An extent that is a bucket is not
/// known to the compiler.
static ElementRuns runsOf(const OperatorDescription &description,
                          size_t number) {
  constexpr int64_t widest = 4;
  const OperatorOperand &operand = description.operands[number];
  IndexMap map = *parseIndexMap(operand.map, description.loops);
  ElementRuns runs;
  if (map.empty())
    return runs;
  int64_t innermost = description.shapeOf(operand).back();
  for (auto [loop, coefficient] : map.back().terms) {
    const OperatorLoop &along = description.loops[loop];
    int64_t width = along.bucketed || coefficient != 1 ? 1 : widest;
    width = std::gcd(width, std::gcd(along.extent, innermost));
    width = std::gcd(width, map.back().constant);
    for (auto [other, step] : map.back().terms)
      if (other != loop)
        width = std::gcd(width, step);
    if (width > runs.width)
      runs = {width, along.kind == LoopKind::Reduction};
  }
  return runs;
}

StatusOr<ProductExtents>
orcinus::productExtents(const OperatorDescription &description) {
  auto unknown = [&](const char *why) {
    return Status::error(fmt::format("'{}' has no tiled kernel on a GPU: {}",
                                     description.name, why));
  };
  StatusOr<ContractionLoops> loops = ContractionLoops::of(description);
  if (!loops.ok())
    return loops.status();
  if (loops->leftHasColumn)
    return unknown("both operands have its columns");
  if (loops->reduction < 0)
    return unknown("it sums nothing");
  for (const OperatorOperand &operand : description.operands)
    if (operand.elementType != "f32")
      return unknown("it is not of f32 alone");
  return ProductExtents{
      loops->batches,
      loops->allRows,
      loops->allColumns,
      loops->allReductions,
      runsOf(description, loops->left),
      runsOf(description, loops->right),
      runsOf(description, description.operands.size() - 1).width};
}

int64_t orcinus::blocksOf(const ProductExtents &extents,
                          const GpuTiling &tiling) {
  return divideUp(extents.rows, tiling.blockRows) *
         divideUp(extents.columns, tiling.blockColumns) * extents.batches *
         tiling.reductionParts;
}

namespace {

/// Cycles of a block, for all of its steps together.
struct BlockCycles {
  /// In which it keeps its multiprocessor's units busy.
  double busy = 0;
  /// From its beginning to its end, where it is alone.
  double alone = 0;
};

class ContractionModel {
public:
  ContractionModel(const GpuChip &chip, const ProductExtents &extents,
                   const GpuTiling &tiling, int64_t resident)
      : chip(chip), extents(extents), tiling(tiling), resident(resident) {}

  double microseconds() const {
    double seconds = std::max(computeSeconds(), memorySeconds());
    return 1e6 * seconds + launchMicroseconds + partsMicroseconds();
  }

private:
  /// What a block does to bring a step's part of an operand into its tile.
  struct Copies {
    /// By all threads, in instructions of single lanes.
    double instructions = 0;
    /// By one thread: loads, which are as many as its pieces.
    int64_t pieces = 0;
  };
  Copies copiesOf(const ElementRuns &runs, int64_t extent) const;
  BlockCycles blockCycles() const;
  double workgroupCycles() const;
  double computeSeconds() const;
  double memorySeconds() const;
  double partsMicroseconds() const;

  double bytesPerSecond() const { return 1e9 * chip.gigabytes; }
  double resultBytes() const {
    return elementBytes *
           double(extents.batches * extents.rows * extents.columns);
  }
  /// Elements of both tiles in a step.
  double copiedElements() const {
    return double(tiling.blockReduction *
                  (tiling.blockRows + tiling.blockColumns));
  }
  double tileElements() const {
    return double(tiling.blockRows * tiling.blockColumns);
  }
  /// Instructions of single lanes that a multiprocessor starts in a cycle: at
  /// the chip's peak each is a multiplication and an addition.
  double lanes() const {
    return chip.teraflops * 1e12 /
           (2 * chip.multiprocessors * chip.gigahertz * 1e9);
  }

  const GpuChip &chip;
  const ProductExtents &extents;
  const GpuTiling &tiling;
  /// Blocks that a multiprocessor holds.
  int64_t resident;
};

} // namespace

/// Cycles that workgroup memory needs for the loads and stores of a step. Lanes
/// of a subgroup that load the same chunk load it once.
double ContractionModel::workgroupCycles() const {
  constexpr double chunkBytes = GpuTiling::chunk * elementBytes;
  double subgroups = double(divideUp(tiling.threads(), chip.subgroupSize));
  int64_t across = tiling.blockColumns / tiling.threadColumns;
  auto cyclesOf = [&](double distinct, int64_t threadExtent) {
    double each = std::max(1.0, distinct * chunkBytes / workgroupBytesPerCycle);
    int64_t chunks = threadExtent / GpuTiling::chunk;
    return each * double(chunks);
  };
  double loads =
      cyclesOf(double(divideUp(chip.subgroupSize, across)), tiling.threadRows) +
      cyclesOf(double(std::min<int64_t>(chip.subgroupSize, across)),
               tiling.threadColumns);
  return double(tiling.blockReduction) * subgroups * loads +
         copiedElements() * elementBytes / workgroupBytesPerCycle;
}

ContractionModel::Copies ContractionModel::copiesOf(const ElementRuns &runs,
                                                    int64_t extent) const {
  int64_t elements = tiling.blockReduction * extent;
  int64_t width = std::gcd(
      runs.width, runs.alongReduction ? tiling.blockReduction : extent);
  int64_t pieces = elements / width;
  // What lies along the reduction is turned, element by element.
  double stores = runs.alongReduction ? double(width) : 1;
  double each = copyInstructions + elementInstructions * double(width) + stores;
  return {double(pieces) * each, divideUp(pieces, tiling.threads())};
}

/// Rounds of loads that a thread waits for in a step: all of both operands at a
/// time where they are few, else some of each.
static double roundsOf(int64_t leftPieces, int64_t rightPieces) {
  if (leftPieces + rightPieces <= 2 * GpuTiling::copiesAtOnce)
    return 1;
  return double(divideUp(leftPieces, GpuTiling::copiesAtOnce) +
                divideUp(rightPieces, GpuTiling::copiesAtOnce));
}

BlockCycles ContractionModel::blockCycles() const {
  double threads = double(tiling.threads());
  double depth = double(tiling.blockReduction);
  // Tiles that hang over the edge are computed like others.
  double multiplications = tileElements() * depth;
  double others =
      double(tiling.threadRows + tiling.threadColumns) / GpuTiling::chunk +
      loopInstructions;
  Copies left = copiesOf(extents.left, tiling.blockRows);
  Copies right = copiesOf(extents.right, tiling.blockColumns);
  double copying = left.instructions + right.instructions;
  double instructions = multiplications + threads * depth * others + copying;
  double steps =
      double(divideUp(divideUp(extents.reduction, tiling.reductionParts),
                      tiling.blockReduction));
  // A subgroup that is not full takes the time of one that is.
  double subgroups = double(divideUp(tiling.threads(), chip.subgroupSize));
  double filled = threads / (subgroups * chip.subgroupSize);
  double step = std::max(instructions / (lanes() * filled), workgroupCycles());
  int64_t resultWidth = std::gcd(extents.resultWidth, GpuTiling::chunk);
  double ends = storeInstructions * tileElements() / double(resultWidth) /
                (lanes() * filled);
  double loads = roundsOf(left.pieces, right.pieces) * globalLatency;
  double waiting = depth / stepsUnderWay * workgroupLatency;
  double alone = std::max(1.0, schedulers / subgroups);
  if (tiling.stages == 1) {
    waiting = steps * (waiting + loads + 2 * barrierLatency);
  } else {
    // The first step's copies come before the loop. Those of a later one have
    // the time of a step, after which what is still missing is waited for.
    ends += copying / (lanes() * filled);
    double missing = std::max(0.0, globalLatency - alone * step);
    waiting =
        steps * (waiting + missing + barrierLatency) + loads + barrierLatency;
  }
  BlockCycles cycles;
  cycles.busy = steps * step + ends;
  cycles.alone = cycles.busy * alone + waiting;
  return cycles;
}

/// What the multiprocessor with the most blocks takes. Blocks come in waves: a
/// new one starts where one ends, so that all of a wave take the time of one.
double ContractionModel::computeSeconds() const {
  BlockCycles block = blockCycles();
  auto wave = [&](int64_t blocks) {
    return blocks == 0 ? 0 : std::max(double(blocks) * block.busy, block.alone);
  };
  int64_t blocks = blocksOf(extents, tiling);
  int64_t each = divideUp(blocks, chip.multiprocessors);
  int64_t fullWaves = each / resident;
  double cycles = double(fullWaves) * wave(resident) + wave(each % resident);
  return cycles / (1e9 * chip.gigahertz);
}

/// Each operand comes from memory once at least, and from the cache once for
/// each tile that needs it. What lies beyond the edge is not loaded.
double ContractionModel::memorySeconds() const {
  double batches = double(extents.batches),
         reduction = double(extents.reduction);
  double left = elementBytes * batches * double(extents.rows) * reduction;
  double right = elementBytes * batches * double(extents.columns) * reduction;
  double once = left + right + resultBytes();
  double tiled = left * double(divideUp(extents.columns, tiling.blockColumns)) +
                 right * double(divideUp(extents.rows, tiling.blockRows)) +
                 resultBytes() * double(tiling.reductionParts);
  return std::max(once, tiled / cacheSpeedup) / bytesPerSecond();
}

/// A cut reduction needs a kernel before it, which sets the result to what the
/// sum starts from, and one after it, which reads all parts and adds them.
double ContractionModel::partsMicroseconds() const {
  if (tiling.reductionParts == 1)
    return 0;
  double passes = 1 + double(tiling.reductionParts) + 2;
  return 2 * launchMicroseconds +
         1e6 * passes * resultBytes() / bytesPerSecond();
}

StatusOr<double> orcinus::contractionMicroseconds(
    const GpuChip &chip, const ProductExtents &extents, const GpuTiling &tiling,
    const KernelResources &kernel) {
  if (kernel.spilledBytes > 0)
    return Status::error(
        fmt::format("the kernel keeps {} bytes of its registers in memory",
                    kernel.spilledBytes));
  int64_t resident = residentBlocks(chip, kernel);
  if (resident == 0)
    return Status::error(fmt::format(
        "a block of {} threads with {} registers and {} bytes of workgroup "
        "memory does not fit a multiprocessor of {}",
        kernel.threads, kernel.registers, kernel.workgroupBytes,
        chip.target()));
  return ContractionModel(chip, extents, tiling, resident).microseconds();
}

StatusOr<double> orcinus::operatorMicroseconds(
    const GpuChip &chip, const OperatorDescription &description,
    const Schedule &schedule, std::span<const KernelResources> kernels) {
  StatusOr<ProductExtents> extents = productExtents(description);
  if (!extents.ok())
    return extents.status();
  StatusOr<GpuTiling> tiling = GpuTiling::fromSchedule(schedule);
  if (!tiling.ok())
    return tiling.status();
  auto kernel = std::find_if(kernels.begin(), kernels.end(),
                             [](const KernelResources &candidate) {
                               return candidate.name.starts_with("contraction");
                             });
  if (kernel == kernels.end())
    return Status::error(
        fmt::format("'{}' was compiled to no contraction", description.name));
  return contractionMicroseconds(chip, *extents, *tiling, *kernel);
}
