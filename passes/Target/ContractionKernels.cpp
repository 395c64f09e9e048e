//===- ContractionKernels.cpp - Tiled contractions on GPUs ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/ContractionKernels.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Target/ContractionIndices.h"
#include "passes/Target/ElementKernels.h"
#include "passes/Target/MatrixTile.h"
#include "passes/Target/OperandTile.h"
#include "passes/Target/VectorAccess.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/Support/raw_ostream.h"

#include <numeric>

using namespace mlir;
using namespace orcinus;

static constexpr int64_t chunk = GpuTiling::chunk;

bool orcinus::hasTiledKernel(const Contraction &contraction) {
  return contraction.elementType().isF32() && !contraction.panelColumns &&
         !contraction.leftHasColumn && isLinear(contraction.leftMap) &&
         isLinear(contraction.rightMap);
}

static SmallVector<unsigned> columnsOf(const Contraction &contraction) {
  SmallVector<unsigned> columns(contraction.outerColumns);
  columns.push_back(contraction.column);
  return columns;
}

namespace {

/// How a kernel gets at its operands.
struct KernelAccesses {
  OperandAccess left, right;
  /// Elements of a row of the result, and of the bias, that are stored and
  /// loaded at a time.
  int64_t resultWidth;

  /// Of `contraction`, whose operands are the host's.
  static KernelAccesses of(const Contraction &contraction,
                           const GpuContractionSchedule &schedule);

  /// Parts of the reduction begin at multiples of this.
  int64_t depthWidth() const {
    return std::max(left.alongReduction ? left.width : 1,
                    right.alongReduction ? right.width : 1);
  }
  /// Equal for equal ones.
  std::string key() const;
};

/// The code of one kernel. The contraction's operands are its arguments.
class TileEmitter {
public:
  /// By `instruction` where it is not null.
  TileEmitter(const Contraction &contraction,
              const GpuContractionSchedule &schedule,
              const KernelAccesses &accesses,
              const MatrixInstruction *instruction, OpBuilder &builder,
              Location location)
      : contraction(contraction), schedule(schedule), accesses(accesses),
        instruction(instruction), b(builder, location),
        columns(columnsOf(contraction)),
        frame{contraction, schedule, instruction, b, Value(), {}} {}

  void emit();

private:
  using Accumulators = SmallVector<Value>;

  /// Where the block is, and where the thread in it.
  void placeThread();
  OperandTile::Part rowsOfBlock();
  OperandTile::Part columnsOfBlock();

  /// Adds the products of what is in a tile of each operand to sums.
  using Multiply = llvm::function_ref<Accumulators(
      Value leftTile, Value rightTile, ValueRange sums)>;
  /// All tiles of the block's part of the reduction multiplied.
  Accumulators multiplyTiles(ValueRange zeros, Multiply multiply);
  Accumulators multiplyInTurn(Value begin, Value end, ValueRange zeros,
                              Multiply multiply);
  Accumulators multiplyOverlapped(Value begin, Value end, ValueRange zeros,
                                  Multiply multiply);
  void copyTiles(Value step, Value stepEnd, Value stage);
  void synchronize();
  Accumulators multiplyByThreads(Value leftTile, Value rightTile,
                                 ValueRange carried);
  Accumulators zerosOfThreads();
  void storeByThreads(ValueRange accumulators);
  /// Stores neighbouring sums of a row of the block's tile, a vector or one,
  /// from `column` on, where the result has them.
  void storeSums(Value sums, Value row, Value column);
  /// The same where it has all of them, at a row and column of the result.
  void storeInside(Value sums, Value row, Value column);

  const Contraction &contraction;
  const GpuContractionSchedule &schedule;
  const KernelAccesses &accesses;
  const MatrixInstruction *instruction;
  LoopBuilder b;
  SmallVector<unsigned> columns;
  OperandTile::Frame frame;
  OperandTile::Part blockRows, blockColumns;
  std::optional<OperandTile> left, right;
  Value threadRow, threadColumn, part;
};

} // namespace

KernelAccesses KernelAccesses::of(const Contraction &contraction,
                                  const GpuContractionSchedule &schedule) {
  KernelAccesses accesses;
  accesses.left = OperandAccess::of(
      contraction, contraction.left, contraction.leftMap, contraction.rows,
      schedule.blockRows, schedule.blockReduction);
  accesses.right = OperandAccess::of(
      contraction, contraction.right, contraction.rightMap,
      columnsOf(contraction), schedule.blockColumns, schedule.blockReduction);
  int64_t extent = contraction.extents[contraction.column];
  accesses.resultWidth = vectorWidth(contraction.result, contraction.resultMap,
                                     contraction.column, extent);
  if (contraction.bias)
    accesses.resultWidth = std::gcd(
        accesses.resultWidth, vectorWidth(contraction.bias, contraction.biasMap,
                                          contraction.column, extent));
  return accesses;
}

std::string KernelAccesses::key() const {
  std::string text;
  llvm::raw_string_ostream(text)
      << " by " << left.width << " " << right.width << " " << resultWidth;
  return text;
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

TileEmitter::Accumulators TileEmitter::multiplyByThreads(Value leftTile,
                                                         Value rightTile,
                                                         ValueRange carried) {
  return b.reduceLoop(
      b.constant(0), b.constant(schedule.blockReduction), /*step=*/1, carried,
      [&](Value depth, ValueRange sums) {
        auto load = [&](Value tile, Value from, int64_t extent,
                        int64_t threadExtent) {
          SmallVector<Value> values;
          for (int64_t number = 0; number < threadExtent / chunk; ++number)
            values.push_back(loadElements(
                b, tile,
                {depth, chunkStart(b, from, number, extent, threadExtent)},
                chunk));
          return values;
        };
        SmallVector<Value> rows =
            load(leftTile, threadRow, schedule.blockRows, schedule.threadRows);
        SmallVector<Value> across =
            load(rightTile, threadColumn, schedule.blockColumns,
                 schedule.threadColumns);
        Accumulators next;
        for (int64_t row = 0; row < schedule.threadRows; ++row) {
          Value factor = vector::ExtractOp::create(
              b.builder, b.location, rows[row / chunk], row % chunk);
          for (Value column : across) {
            Value wide = vector::BroadcastOp::create(b.builder, b.location,
                                                     column.getType(), factor);
            next.push_back(vector::FMAOp::create(b.builder, b.location, wide,
                                                 column, sums[next.size()]));
          }
        }
        return next;
      });
}

void TileEmitter::storeInside(Value sums, Value row, Value column) {
  SmallVector<Value> position(frame.position);
  place(b, contraction, row, contraction.rows, position);
  place(b, contraction, column, columns, position);
  SmallVector<Value> at = indicesAt(b, contraction.resultMap, position);
  if (schedule.reductionParts > 1) {
    at.insert(at.begin(), part);
  } else if (contraction.start != Contraction::Start::Zero) {
    bool fromBias = contraction.start == Contraction::Start::Bias;
    auto type = dyn_cast<VectorType>(sums.getType());
    Value start = loadElements(
        b, fromBias ? contraction.bias : contraction.result,
        fromBias ? indicesAt(b, contraction.biasMap, position) : at,
        type ? type.getNumElements() : 1);
    sums = arith::AddFOp::create(b.builder, b.location, sums, start);
  }
  storeElements(b, sums, contraction.result, at);
}

/// `count` elements of `vector` from `first` on; alone, one is no vector.
static Value sliceOf(LoopBuilder &b, Value vector, int64_t first,
                     int64_t count) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type || type.getNumElements() == count)
    return vector;
  if (count == 1)
    return vector::ExtractOp::create(b.builder, b.location, vector, first);
  return vector::ShuffleOp::create(
      b.builder, b.location, vector, vector,
      llvm::to_vector(llvm::seq(first, first + count)));
}

void TileEmitter::storeSums(Value sums, Value row, Value column) {
  auto type = dyn_cast<VectorType>(sums.getType());
  int64_t count = type ? type.getNumElements() : 1;
  int64_t width = std::gcd(count, accesses.resultWidth);
  Value rowNumber = b.add(blockRows.first, row);
  for (int64_t lane = 0; lane < count; lane += width) {
    Value number = b.add(blockColumns.first, b.add(column, b.constant(lane)));
    emitWhereBelow(b, number, blockColumns.end, [&] {
      storeInside(sliceOf(b, sums, lane, width), rowNumber, number);
    });
  }
}

void TileEmitter::storeByThreads(ValueRange accumulators) {
  int64_t chunks = schedule.threadColumns / chunk;
  for (int64_t row = 0; row < schedule.threadRows; ++row) {
    Value inTile = b.add(chunkStart(b, threadRow, row / chunk,
                                    schedule.blockRows, schedule.threadRows),
                         b.constant(row % chunk));
    emitWhereBelow(b, b.add(blockRows.first, inTile), blockRows.end, [&] {
      for (int64_t number = 0; number < chunks; ++number)
        storeSums(accumulators[row * chunks + number], inTile,
                  chunkStart(b, threadColumn, number, schedule.blockColumns,
                             schedule.threadColumns));
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

/// Keeps the loop that has `results` one: a compiler that knows its bounds may
/// unroll it whole, with all barriers, and run out of registers.
static void forbidUnrolling(ValueRange results) {
  auto loop = results.front().getDefiningOp<scf::ForOp>();
  MLIRContext *context = loop.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(
      context, /*disable=*/BoolAttr::get(context, true), /*count=*/{},
      /*runtimeDisable=*/{}, /*full=*/{}, /*followupUnrolled=*/{},
      /*followupRemainder=*/{}, /*followupAll=*/{});
  // The loop's branch takes over attributes of the LLVM dialect; this is what
  // `llvm.br` calls it.
  loop->setAttr("loop_annotation",
                LLVM::LoopAnnotationAttr::get(
                    context, /*disableNonforced=*/{}, /*vectorize=*/{},
                    /*interleave=*/{}, unroll, /*unrollAndJam=*/{},
                    /*licm=*/{}, /*distribute=*/{}, /*pipeline=*/{},
                    /*peeled=*/{}, /*unswitch=*/{}, /*mustProgress=*/{},
                    /*isVectorized=*/{}, /*startLoc=*/{}, /*endLoc=*/{},
                    /*parallelAccesses=*/{}));
}

void TileEmitter::synchronize() {
  gpu::BarrierOp::create(b.builder, b.location);
}

/// Puts what a step needs into the tiles of `stage`.
void TileEmitter::copyTiles(Value step, Value stepEnd, Value stage) {
  if (left->pieces() + right->pieces() > 2 * GpuTiling::copiesAtOnce) {
    left->copy(step, stepEnd, stage);
    right->copy(step, stepEnd, stage);
    return;
  }
  SmallVector<Value> ofLeft = left->load(step, stepEnd);
  SmallVector<Value> ofRight = right->load(step, stepEnd);
  left->store(ofLeft, stage);
  right->store(ofRight, stage);
}

/// A tile of each operand: it is filled and then read.
TileEmitter::Accumulators TileEmitter::multiplyInTurn(Value begin, Value end,
                                                      ValueRange zeros,
                                                      Multiply multiply) {
  Value only = b.constant(0);
  return b.reduceLoop(begin, end, schedule.blockReduction, zeros,
                      [&](Value step, ValueRange sums) {
                        copyTiles(step, end, only);
                        synchronize();
                        Accumulators next =
                            multiply(left->view(only), right->view(only), sums);
                        synchronize();
                        return next;
                      });
}

/// Two tiles of each operand: while one is read, what fills the other is on
/// its way.
TileEmitter::Accumulators TileEmitter::multiplyOverlapped(Value begin,
                                                          Value end,
                                                          ValueRange zeros,
                                                          Multiply multiply) {
  copyTiles(begin, end, b.constant(0));
  synchronize();
  Accumulators initial(zeros);
  initial.push_back(b.constant(0));
  Accumulators last = b.reduceLoop(
      begin, end, schedule.blockReduction, initial,
      [&](Value step, ValueRange carried) {
        Value stage = carried.back();
        Value nextStep = b.add(step, b.constant(schedule.blockReduction));
        SmallVector<Value> ofLeft = left->load(nextStep, end);
        SmallVector<Value> ofRight = right->load(nextStep, end);
        Accumulators next = multiply(left->view(stage), right->view(stage),
                                     carried.drop_back());
        Value other = b.subtract(b.constant(1), stage);
        left->store(ofLeft, other);
        right->store(ofRight, other);
        synchronize();
        next.push_back(other);
        return next;
      });
  last.pop_back();
  return last;
}

TileEmitter::Accumulators TileEmitter::multiplyTiles(ValueRange zeros,
                                                     Multiply multiply) {
  Value reduction = countOf(b, contraction, contraction.reductions);
  Value whole = b.constant(accesses.depthWidth());
  Value length = b.multiply(
      b.divideUp(reduction,
                 b.multiply(b.constant(schedule.reductionParts), whole)),
      whole);
  Value begin = b.minimum(b.multiply(part, length), reduction);
  Value end = b.minimum(b.add(begin, length), reduction);
  Accumulators sums = schedule.stages == 1
                          ? multiplyInTurn(begin, end, zeros, multiply)
                          : multiplyOverlapped(begin, end, zeros, multiply);
  forbidUnrolling(sums);
  return sums;
}

static Value blockIndex(LoopBuilder &b, gpu::Dimension dimension) {
  return gpu::BlockIdOp::create(b.builder, b.location, dimension);
}

void TileEmitter::placeThread() {
  frame.thread =
      gpu::ThreadIdOp::create(b.builder, b.location, gpu::Dimension::x);
  Value across = b.constant(schedule.blockColumns / schedule.threadColumns);
  threadRow = b.divide(frame.thread, across);
  threadColumn = b.subtract(frame.thread, b.multiply(threadRow, across));

  frame.position.assign(contraction.extents.size(), b.constant(0));
  Value parts = b.constant(schedule.reductionParts);
  Value depth = blockIndex(b, gpu::Dimension::z);
  Value batch = b.divide(depth, parts);
  part = b.subtract(depth, b.multiply(batch, parts));
  place(b, contraction, batch, contraction.outer, frame.position);
}

OperandTile::Part TileEmitter::rowsOfBlock() {
  Value first = b.multiply(blockIndex(b, gpu::Dimension::x),
                           b.constant(schedule.blockRows));
  return {contraction.left,
          contraction.leftMap,
          contraction.rows,
          schedule.blockRows,
          first,
          countOf(b, contraction, contraction.rows)};
}

OperandTile::Part TileEmitter::columnsOfBlock() {
  Value first = b.multiply(blockIndex(b, gpu::Dimension::y),
                           b.constant(schedule.blockColumns));
  return {contraction.right,
          contraction.rightMap,
          columns,
          schedule.blockColumns,
          first,
          countOf(b, contraction, columns)};
}

void TileEmitter::emit() {
  auto kernel =
      cast<gpu::GPUFuncOp>(b.builder.getInsertionBlock()->getParentOp());
  placeThread();
  blockRows = rowsOfBlock();
  blockColumns = columnsOfBlock();
  left.emplace(blockRows, accesses.left, frame, kernel);
  right.emplace(blockColumns, accesses.right, frame, kernel);
  if (!instruction) {
    storeByThreads(
        multiplyTiles(zerosOfThreads(),
                      [&](Value leftTile, Value rightTile, ValueRange sums) {
                        return multiplyByThreads(leftTile, rightTile, sums);
                      }));
    return;
  }
  MatrixTile matrices(*instruction, schedule, b, frame.thread);
  Accumulators sums = multiplyTiles(
      matrices.zeros(), [&](Value leftTile, Value rightTile, ValueRange sums) {
        return matrices.multiply(leftTile, rightTile, sums);
      });
  matrices.forEachRun(sums, [&](Value run, Value row, Value column) {
    emitWhereBelow(b, b.add(blockRows.first, row), blockRows.end,
                   [&] { storeSums(run, row, column); });
  });
}

/// Blocks in each dimension.
static std::array<Value, 3> gridOf(LoopBuilder &b,
                                   const Contraction &contraction,
                                   const GpuContractionSchedule &schedule) {
  auto blocks = [&](ArrayRef<unsigned> dimensions, int64_t size) {
    Value extent = countOf(b, contraction, dimensions);
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
  KernelAccesses accesses = KernelAccesses::of(contraction, schedule);
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
  std::string key = contraction.signature() + schedule.toSchedule().toString() +
                    accesses.key();
  gpu::GPUFuncOp kernel = kernels.kernel(
      "contraction", key, ValueRange(arguments).getTypes(), location,
      [&](OpBuilder &inside, gpu::GPUFuncOp function) {
        Contraction made = contraction;
        made.left = function.getArgument(0);
        made.right = function.getArgument(1);
        made.result = function.getArgument(2);
        if (made.bias)
          made.bias = function.getArgument(3);
        TileEmitter(made, schedule, accesses, instruction, inside, location)
            .emit();
      });
  kernels.launch(builder, location, kernel, grid, {schedule.threads(), 1, 1},
                 arguments);
  if (cut)
    addParts(builder, location, arguments[2], result, kernels);
}
