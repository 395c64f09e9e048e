//===- ContractionKernels.cpp - Tiled contractions on GPUs ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/ContractionKernels.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Target/ElementKernels.h"
#include "passes/Target/MatrixTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

static constexpr int64_t chunk = GpuTiling::chunk;

bool orcinus::hasTiledKernel(const Contraction &contraction) {
  return contraction.elementType().isF32() && !contraction.panelColumns &&
         !contraction.leftHasColumn && isLinear(contraction.leftMap) &&
         isLinear(contraction.rightMap);
}

/// The extent of a loop dimension, from an operand that has it.
static Value extentOf(LoopBuilder &b, const Contraction &contraction,
                      unsigned dimension) {
  if (!ShapedType::isDynamic(contraction.extents[dimension]))
    return b.constant(contraction.extents[dimension]);
  for (auto [memref, map] :
       {std::pair(contraction.left, contraction.leftMap),
        std::pair(contraction.right, contraction.rightMap),
        std::pair(contraction.result, contraction.resultMap)})
    if (std::optional<unsigned> at = positionOf(map, dimension))
      return b.extent(memref, *at);
  llvm_unreachable("a contraction knows its extents");
}

static Value product(LoopBuilder &b, const Contraction &contraction,
                     ArrayRef<unsigned> dimensions) {
  Value count = b.constant(1);
  for (unsigned dimension : dimensions)
    count = b.multiply(count, extentOf(b, contraction, dimension));
  return count;
}

static SmallVector<unsigned> columnsOf(const Contraction &contraction) {
  SmallVector<unsigned> columns(contraction.outerColumns);
  columns.push_back(contraction.column);
  return columns;
}

namespace {

/// The code of one kernel. The contraction's operands are its arguments.
class TileEmitter {
public:
  /// By `instruction` where it is not null.
  TileEmitter(const Contraction &contraction,
              const GpuContractionSchedule &schedule,
              const MatrixInstruction *instruction, OpBuilder &builder,
              Location location)
      : contraction(contraction), schedule(schedule), instruction(instruction),
        b(builder, location), columns(columnsOf(contraction)) {}

  void emit();

private:
  using Accumulators = SmallVector<Value>;

  /// Sets the places of `dimensions` in `position` to those of `number` in
  /// their product.
  void place(Value number, ArrayRef<unsigned> dimensions,
             MutableArrayRef<Value> position);
  SmallVector<Value> indices(AffineMap map, ValueRange position);

  /// Copies a tile of an operand, `across` of which are rows or columns from
  /// `first` on, and whose reduction goes from `step` on, into `tile`[step,
  /// across], or [across, step] for matrix instructions; zero beyond `end` and
  /// `stepEnd`.
  struct Side {
    Value memref, tile;
    AffineMap map;
    SmallVector<unsigned> across;
    int64_t extent;
    Value first, end;
  };
  Value createTile(gpu::GPUFuncOp kernel, int64_t extent);
  void copyTile(const Side &side, Value step, Value stepEnd);
  Value convertOperand(Value value);
  /// Whether neighbours along the reduction are neighbours in memory.
  bool runsAlongReduction(const Side &side) const;
  /// The operands' tiles multiplied step by step from `begin` to `end`.
  Accumulators
  multiplyTiles(Value begin, Value end, ValueRange zeros,
                llvm::function_ref<Accumulators(ValueRange carried)> multiply);
  Accumulators multiplyByThreads(ValueRange carried);
  Accumulators zerosOfThreads();
  void storeByThreads(ValueRange accumulators);
  /// Stores a sum of the tile's `row` and `column` where the result has them.
  void storeWhereInside(Value sum, Value row, Value column);
  void storeElement(Value sum, Value row, Value column);

  const Contraction &contraction;
  const GpuContractionSchedule &schedule;
  const MatrixInstruction *instruction;
  LoopBuilder b;
  SmallVector<unsigned> columns;
  /// Where the block is in the outer dimensions.
  SmallVector<Value> position;
  Side rowSide, columnSide;
  Value thread, threadRow, threadColumn, part;
};

} // namespace

void TileEmitter::place(Value number, ArrayRef<unsigned> dimensions,
                        MutableArrayRef<Value> position) {
  if (dimensions.empty())
    return;
  SmallVector<Value> inner;
  for (unsigned dimension : dimensions.drop_front())
    inner.push_back(extentOf(b, contraction, dimension));
  for (auto [dimension, index] :
       llvm::zip_equal(dimensions, b.delinearize(number, inner)))
    position[dimension] = index;
}

SmallVector<Value> TileEmitter::indices(AffineMap map, ValueRange position) {
  SmallVector<Value> result;
  for (AffineExpr expression : map.getResults())
    result.push_back(
        emitIndex(b, *LinearIndex::of(expression, map.getNumDims()), position));
  return result;
}

bool TileEmitter::runsAlongReduction(const Side &side) const {
  return runsAlongInnermost(side.map, contraction.reductions.back());
}

Value TileEmitter::createTile(gpu::GPUFuncOp kernel, int64_t extent) {
  Type type = contraction.elementType();
  SmallVector<int64_t> shape{schedule.blockReduction,
                             extent + GpuTiling::padding};
  if (instruction) {
    type = contraction.operandType();
    shape = {extent,
             schedule.blockReduction + GpuContractionSchedule::depthPadding(
                                           type.getIntOrFloatBitWidth() / 8)};
  }
  auto space = gpu::AddressSpaceAttr::get(b.builder.getContext(),
                                          gpu::AddressSpace::Workgroup);
  return kernel.addWorkgroupAttribution(
      MemRefType::get(shape, type, MemRefLayoutAttrInterface(), space),
      b.location);
}

/// `value`, f32, rounded to the nearest tf32, of two the one farther from zero,
/// as `cvt.rna.tf32.f32` does it.
static Value roundToTf32(LoopBuilder &b, Value value) {
  Type word = b.builder.getI32Type();
  auto constant = [&](int64_t bits) -> Value {
    return arith::ConstantOp::create(b.builder, b.location,
                                     b.builder.getIntegerAttr(word, bits));
  };
  Value bits = arith::BitcastOp::create(b.builder, b.location, word, value);
  Value half =
      arith::AddIOp::create(b.builder, b.location, bits, constant(1 << 12));
  Value kept =
      arith::AndIOp::create(b.builder, b.location, half, constant(-(1 << 13)));
  Value rounded =
      arith::BitcastOp::create(b.builder, b.location, value.getType(), kept);
  // The carry of a NaN would go over into the sign; its own uppermost bit,
  // which the instruction does look at, says what it is.
  Value isNaN = arith::CmpFOp::create(b.builder, b.location,
                                      arith::CmpFPredicate::UNO, value, value);
  return arith::SelectOp::create(b.builder, b.location, isNaN, value, rounded);
}

/// An operand's element as tiles have it.
Value TileEmitter::convertOperand(Value value) {
  if (instruction)
    return instruction->truncatesToTf32 ? roundToTf32(b, value) : value;
  if (value.getType() == contraction.elementType())
    return value;
  return arith::ExtFOp::create(b.builder, b.location, contraction.elementType(),
                               value);
}

void TileEmitter::copyTile(const Side &side, Value step, Value stepEnd) {
  int64_t elements = side.extent * schedule.blockReduction;
  bool alongReduction = runsAlongReduction(side);
  Value width =
      b.constant(alongReduction ? schedule.blockReduction : side.extent);
  b.forLoop(thread, b.constant(elements), schedule.threads(), [&](Value at) {
    Value slow = b.divide(at, width);
    Value fast = b.subtract(at, b.multiply(slow, width));
    Value across = alongReduction ? slow : fast;
    Value depth = alongReduction ? fast : slow;
    Value number = b.add(side.first, across);
    Value reduction = b.add(step, depth);
    auto below = [&](Value one, Value other) -> Value {
      return arith::CmpIOp::create(b.builder, b.location,
                                   arith::CmpIPredicate::ult, one, other);
    };
    Value inside =
        arith::AndIOp::create(b.builder, b.location, below(number, side.end),
                              below(reduction, stepEnd));
    Type type = cast<MemRefType>(side.tile.getType()).getElementType();
    auto branch = scf::IfOp::create(b.builder, b.location, TypeRange{type},
                                    inside, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b.builder);
      b.builder.setInsertionPointToStart(branch.thenBlock());
      SmallVector<Value> place(position);
      this->place(number, side.across, place);
      this->place(reduction, contraction.reductions, place);
      Value value = memref::LoadOp::create(b.builder, b.location, side.memref,
                                           indices(side.map, place));
      scf::YieldOp::create(b.builder, b.location, convertOperand(value));
      b.builder.setInsertionPointToStart(branch.elseBlock());
      Value zero = arith::ConstantOp::create(b.builder, b.location,
                                             b.builder.getZeroAttr(type));
      scf::YieldOp::create(b.builder, b.location, zero);
    }
    Value slowest = depth, fastest = across;
    if (instruction)
      std::swap(slowest, fastest);
    memref::StoreOp::create(b.builder, b.location, branch.getResult(0),
                            side.tile, ValueRange{slowest, fastest});
  });
}

/// The start of chunk `number` of a thread's rows or columns in the block's
/// tile: the chunks of neighbouring threads follow each other, so that
/// together they read whole lines.
static Value chunkStart(LoopBuilder &b, Value thread, int64_t number,
                        int64_t blockExtent, int64_t threadExtent) {
  int64_t threads = blockExtent / threadExtent;
  return b.add(b.multiply(thread, b.constant(chunk)),
               b.constant(number * threads * chunk));
}

TileEmitter::Accumulators TileEmitter::multiplyByThreads(ValueRange carried) {
  auto vectorType = VectorType::get({chunk}, b.builder.getF32Type());
  return b.reduceLoop(
      b.constant(0), b.constant(schedule.blockReduction), /*step=*/1, carried,
      [&](Value depth, ValueRange sums) {
        auto load = [&](const Side &side, Value from, int64_t threadExtent) {
          SmallVector<Value> values;
          for (int64_t number = 0; number < threadExtent / chunk; ++number)
            values.push_back(vector::LoadOp::create(
                b.builder, b.location, vectorType, side.tile,
                ValueRange{depth, chunkStart(b, from, number, side.extent,
                                             threadExtent)},
                /*nontemporal=*/false, llvm::MaybeAlign(4 * chunk)));
          return values;
        };
        SmallVector<Value> rows = load(rowSide, threadRow, schedule.threadRows);
        SmallVector<Value> across =
            load(columnSide, threadColumn, schedule.threadColumns);
        Accumulators next;
        for (int64_t row = 0; row < schedule.threadRows; ++row) {
          Value factor = vector::ExtractOp::create(
              b.builder, b.location, rows[row / chunk], row % chunk);
          Value wide = vector::BroadcastOp::create(b.builder, b.location,
                                                   vectorType, factor);
          for (Value column : across)
            next.push_back(vector::FMAOp::create(b.builder, b.location, wide,
                                                 column, sums[next.size()]));
        }
        return next;
      });
}

void TileEmitter::storeElement(Value sum, Value row, Value column) {
  SmallVector<Value> place(position);
  this->place(row, contraction.rows, place);
  this->place(column, columns, place);
  SmallVector<Value> at = indices(contraction.resultMap, place);
  if (schedule.reductionParts > 1) {
    SmallVector<Value> inPart{part};
    llvm::append_range(inPart, at);
    at = inPart;
  } else if (contraction.start != Contraction::Start::Zero) {
    bool fromBias = contraction.start == Contraction::Start::Bias;
    Value start = memref::LoadOp::create(
        b.builder, b.location, fromBias ? contraction.bias : contraction.result,
        fromBias ? indices(contraction.biasMap, place) : at);
    sum = arith::AddFOp::create(b.builder, b.location, sum, start);
  }
  memref::StoreOp::create(b.builder, b.location, sum, contraction.result, at);
}

void TileEmitter::storeWhereInside(Value sum, Value row, Value column) {
  Value rowNumber = b.add(rowSide.first, row);
  Value columnNumber = b.add(columnSide.first, column);
  emitWhereBelow(b, rowNumber, rowSide.end, [&] {
    emitWhereBelow(b, columnNumber, columnSide.end,
                   [&] { storeElement(sum, rowNumber, columnNumber); });
  });
}

void TileEmitter::storeByThreads(ValueRange accumulators) {
  int64_t chunks = schedule.threadColumns / chunk;
  for (int64_t row = 0; row < schedule.threadRows; ++row) {
    Value inTile = b.add(chunkStart(b, threadRow, row / chunk,
                                    schedule.blockRows, schedule.threadRows),
                         b.constant(row % chunk));
    Value rowNumber = b.add(rowSide.first, inTile);
    emitWhereBelow(b, rowNumber, rowSide.end, [&] {
      for (int64_t number = 0; number < chunks; ++number)
        for (int64_t lane = 0; lane < chunk; ++lane) {
          Value start =
              chunkStart(b, threadColumn, number, schedule.blockColumns,
                         schedule.threadColumns);
          Value column =
              b.add(columnSide.first, b.add(start, b.constant(lane)));
          emitWhereBelow(b, column, columnSide.end, [&] {
            Value sum = vector::ExtractOp::create(
                b.builder, b.location, accumulators[row * chunks + number],
                lane);
            storeElement(sum, rowNumber, column);
          });
        }
    });
  }
}

TileEmitter::Accumulators TileEmitter::zerosOfThreads() {
  auto type = VectorType::get({chunk}, b.builder.getF32Type());
  Value zero = arith::ConstantOp::create(b.builder, b.location,
                                         b.builder.getZeroAttr(type));
  return Accumulators(schedule.threadRows * schedule.threadColumns / chunk,
                      zero);
}

TileEmitter::Accumulators TileEmitter::multiplyTiles(
    Value begin, Value end, ValueRange zeros,
    llvm::function_ref<Accumulators(ValueRange carried)> multiply) {
  return b.reduceLoop(begin, end, schedule.blockReduction, zeros,
                      [&](Value step, ValueRange carried) {
                        copyTile(rowSide, step, end);
                        copyTile(columnSide, step, end);
                        gpu::BarrierOp::create(b.builder, b.location);
                        Accumulators next = multiply(carried);
                        gpu::BarrierOp::create(b.builder, b.location);
                        return next;
                      });
}

void TileEmitter::emit() {
  auto kernel =
      cast<gpu::GPUFuncOp>(b.builder.getInsertionBlock()->getParentOp());
  auto blockIndex = [&](gpu::Dimension dimension) -> Value {
    return gpu::BlockIdOp::create(b.builder, b.location, dimension);
  };
  thread = gpu::ThreadIdOp::create(b.builder, b.location, gpu::Dimension::x);
  Value across = b.constant(schedule.blockColumns / schedule.threadColumns);
  threadRow = b.divide(thread, across);
  threadColumn = b.subtract(thread, b.multiply(threadRow, across));

  position.assign(contraction.extents.size(), b.constant(0));
  Value parts = b.constant(schedule.reductionParts);
  Value depth = blockIndex(gpu::Dimension::z);
  Value batch = b.divide(depth, parts);
  part = b.subtract(depth, b.multiply(batch, parts));
  place(batch, contraction.outer, position);

  rowSide = {
      contraction.left,
      createTile(kernel, schedule.blockRows),
      contraction.leftMap,
      contraction.rows,
      schedule.blockRows,
      b.multiply(blockIndex(gpu::Dimension::x), b.constant(schedule.blockRows)),
      product(b, contraction, contraction.rows)};
  columnSide = {contraction.right,
                createTile(kernel, schedule.blockColumns),
                contraction.rightMap,
                columns,
                schedule.blockColumns,
                b.multiply(blockIndex(gpu::Dimension::y),
                           b.constant(schedule.blockColumns)),
                product(b, contraction, columns)};

  Value reduction = product(b, contraction, contraction.reductions);
  Value length = b.divideUp(reduction, parts);
  Value begin = b.minimum(b.multiply(part, length), reduction);
  Value end = b.minimum(b.add(begin, length), reduction);
  if (instruction) {
    MatrixTile matrices(*instruction, schedule, b, thread);
    Accumulators sums =
        multiplyTiles(begin, end, matrices.zeros(), [&](ValueRange carried) {
          return matrices.multiply(rowSide.tile, columnSide.tile, carried);
        });
    matrices.forEachSum(sums, [&](Value sum, Value row, Value column) {
      storeWhereInside(sum, row, column);
    });
    return;
  }
  storeByThreads(
      multiplyTiles(begin, end, zerosOfThreads(), [&](ValueRange carried) {
        return multiplyByThreads(carried);
      }));
}

/// Blocks in each dimension.
static std::array<Value, 3> gridOf(LoopBuilder &b,
                                   const Contraction &contraction,
                                   const GpuContractionSchedule &schedule) {
  auto blocks = [&](ArrayRef<unsigned> dimensions, int64_t size) {
    Value extent = product(b, contraction, dimensions);
    return b.maximum(b.divideUp(extent, b.constant(size)), b.constant(1));
  };
  return {blocks(contraction.rows, schedule.blockRows),
          blocks(columnsOf(contraction), schedule.blockColumns),
          b.multiply(blocks(contraction.outer, 1),
                     b.constant(schedule.reductionParts))};
}

void orcinus::mapContraction(Operation *op, Contraction contraction,
                             const GpuContractionSchedule &schedule,
                             KernelModule &kernels) {
  OpBuilder builder(op);
  Location location = op->getLoc();
  LoopBuilder b(builder, location);
  Value result = contraction.result;
  bool cut = schedule.reductionParts > 1;
  if (cut) {
    assert(contraction.start == Contraction::Start::Result);
    auto type = cast<MemRefType>(result.getType());
    SmallVector<int64_t> shape{schedule.reductionParts};
    SmallVector<Value> dynamic;
    for (auto [at, extent] : llvm::enumerate(type.getShape())) {
      shape.push_back(extent);
      if (ShapedType::isDynamic(extent))
        dynamic.push_back(b.extent(result, at));
    }
    contraction.result = memref::AllocOp::create(
        builder, location, MemRefType::get(shape, type.getElementType()),
        dynamic);
  }
  std::array<Value, 3> grid = gridOf(b, contraction, schedule);
  SmallVector<Value *> operands{&contraction.left, &contraction.right,
                                &contraction.result};
  if (contraction.bias)
    operands.push_back(&contraction.bias);
  SmallVector<Value> arguments;
  for (Value *operand : operands)
    arguments.push_back(*operand = withAnyOffset(builder, *operand));
  const MatrixInstruction *instruction =
      schedule.matrixInstructions
          ? MatrixInstruction::find(kernels.target.matrixInstructions,
                                    contraction.operandType())
          : nullptr;
  std::string key = contraction.signature() + schedule.toSchedule().toString();
  gpu::GPUFuncOp kernel = kernels.kernel(
      "contraction", key, ValueRange(arguments).getTypes(), location,
      [&](OpBuilder &inside, gpu::GPUFuncOp function) {
        Contraction made = contraction;
        made.left = function.getArgument(0);
        made.right = function.getArgument(1);
        made.result = function.getArgument(2);
        if (made.bias)
          made.bias = function.getArgument(3);
        TileEmitter(made, schedule, instruction, inside, location).emit();
      });
  kernels.launch(builder, location, kernel, grid, {schedule.threads(), 1, 1},
                 arguments);
  if (cut)
    addParts(builder, location, arguments[2], result, kernels);
}
