//===- OperandTile.cpp - A block's part of an operand ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/OperandTile.h"

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Target/ContractionIndices.h"
#include "passes/Target/VectorAccess.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace orcinus;

OperandAccess OperandAccess::of(const Contraction &contraction, Value memref,
                                AffineMap map, ArrayRef<unsigned> across,
                                int64_t blockExtent, int64_t blockReduction) {
  OperandAccess access;
  unsigned reduction = contraction.reductions.back();
  access.alongReduction = runsAlongInnermost(map, reduction);
  if (!access.alongReduction && across.empty())
    return access;
  unsigned dimension = access.alongReduction ? reduction : across.back();
  int64_t inTile = access.alongReduction ? blockReduction : blockExtent;
  access.width = std::gcd(inTile, vectorWidth(memref, map, dimension,
                                              contraction.extents[dimension]));
  return access;
}

/// The type of `value` with the elements of `elementType`.
static Type withElements(Value value, Type elementType) {
  if (auto type = dyn_cast<VectorType>(value.getType()))
    return type.clone(elementType);
  return elementType;
}

/// `value`, f32, rounded to the nearest tf32, of two the one farther from zero,
/// as `cvt.rna.tf32.f32` does it.
static Value roundToTf32(LoopBuilder &b, Value value) {
  Type word = withElements(value, b.builder.getI32Type());
  auto constant = [&](int32_t bits) -> Value {
    TypedAttr number = b.builder.getI32IntegerAttr(bits);
    if (auto type = dyn_cast<VectorType>(word))
      number = DenseElementsAttr::get(type, Attribute(number));
    return arith::ConstantOp::create(b.builder, b.location, number);
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

OperandTile::OperandTile(Part operandPart, OperandAccess access,
                         const Frame &frame, gpu::GPUFuncOp kernel)
    : part(std::move(operandPart)), access(access), frame(frame), b(frame.b) {
  const GpuContractionSchedule &schedule = frame.schedule;
  Type type = frame.contraction.elementType();
  SmallVector<int64_t> shape{schedule.blockReduction,
                             part.extent + GpuTiling::padding};
  if (frame.instruction) {
    type = frame.contraction.operandType();
    shape = {part.extent,
             schedule.blockReduction + GpuContractionSchedule::depthPadding(
                                           type.getIntOrFloatBitWidth() / 8)};
  }
  if (schedule.stages > 1)
    shape.insert(shape.begin(), schedule.stages);
  auto space = gpu::AddressSpaceAttr::get(b.builder.getContext(),
                                          gpu::AddressSpace::Workgroup);
  tiles = kernel.addWorkgroupAttribution(
      MemRefType::get(shape, type, MemRefLayoutAttrInterface(), space),
      b.location);
}

Value OperandTile::view(Value stage) {
  auto type = cast<MemRefType>(tiles.getType());
  if (frame.schedule.stages == 1)
    return tiles;
  ArrayRef<int64_t> shape = type.getShape().drop_front();
  auto constant = [&](int64_t value) -> OpFoldResult {
    return b.builder.getIndexAttr(value);
  };
  SmallVector<OpFoldResult> offsets{stage, constant(0), constant(0)};
  SmallVector<OpFoldResult> sizes{constant(1), constant(shape[0]),
                                  constant(shape[1])};
  SmallVector<OpFoldResult> strides(3, constant(1));
  MemRefType viewType = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b.builder, b.location, viewType, tiles,
                                   offsets, sizes, strides);
}

int64_t OperandTile::blockPieces() const {
  return part.extent * frame.schedule.blockReduction / access.width;
}

int64_t OperandTile::pieces() const {
  return llvm::divideCeil(blockPieces(), frame.schedule.threads());
}

/// Pieces that follow each other in memory are those of neighbouring threads.
OperandTile::Place OperandTile::placeOf(Value number) {
  int64_t threads = frame.schedule.threads();
  int64_t inRow =
      (access.alongReduction ? frame.schedule.blockReduction : part.extent) /
      access.width;
  // Where threads have whole rows, all pieces of one are at the same place in
  // theirs.
  bool wholeRows = threads % inRow == 0;
  Value piece = frame.thread;
  if (!wholeRows)
    piece = b.add(piece, b.multiply(number, b.constant(threads)));
  Value row = b.divide(piece, b.constant(inRow));
  Value inside = b.subtract(piece, b.multiply(row, b.constant(inRow)));
  if (wholeRows)
    row = b.add(row, b.multiply(number, b.constant(threads / inRow)));
  Value along = b.multiply(inside, b.constant(access.width));
  return access.alongReduction ? Place{row, along} : Place{along, row};
}

static Value isBelow(LoopBuilder &b, Value one, Value other) {
  return arith::CmpIOp::create(b.builder, b.location, arith::CmpIPredicate::ult,
                               one, other);
}

Value OperandTile::exists(Value number) {
  int64_t threads = frame.schedule.threads();
  if (blockPieces() % threads == 0)
    return Value();
  Value piece = b.add(frame.thread, b.multiply(number, b.constant(threads)));
  return isBelow(b, piece, b.constant(blockPieces()));
}

/// What tiles have, of the elements of a load.
Type OperandTile::pieceType() {
  Type type = getElementTypeOrSelf(tiles.getType());
  return access.width == 1 ? type : VectorType::get({access.width}, type);
}

/// A piece of the operand as tiles have it.
Value OperandTile::convert(Value value) {
  if (frame.instruction)
    return frame.instruction->truncatesToTf32 ? roundToTf32(b, value) : value;
  if (value.getType() == pieceType())
    return value;
  return arith::ExtFOp::create(b.builder, b.location, pieceType(), value);
}

Value OperandTile::loadPiece(Value number, Value step, Value stepEnd) {
  Place at = placeOf(number);
  Value across = b.add(part.first, at.across);
  Value reduction = b.add(step, at.depth);
  auto both = [&](Value one, Value other) -> Value {
    return arith::AndIOp::create(b.builder, b.location, one, other);
  };
  // Of a vector, the first element decides: where it is inside, all are.
  Value inside =
      both(isBelow(b, across, part.end), isBelow(b, reduction, stepEnd));
  if (Value there = exists(number))
    inside = both(there, inside);
  Type type = pieceType();
  auto branch = scf::IfOp::create(b.builder, b.location, TypeRange{type},
                                  inside, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> position(frame.position);
  place(b, frame.contraction, across, part.across, position);
  place(b, frame.contraction, reduction, frame.contraction.reductions,
        position);
  Value value = loadElements(b, part.memref, indicesAt(b, part.map, position),
                             access.width);
  scf::YieldOp::create(b.builder, b.location, convert(value));
  b.builder.setInsertionPointToStart(branch.elseBlock());
  Value zero = arith::ConstantOp::create(b.builder, b.location,
                                         b.builder.getZeroAttr(type));
  scf::YieldOp::create(b.builder, b.location, zero);
  return branch.getResult(0);
}

void OperandTile::storePiece(Value value, Place at, Value tile) {
  bool depthFastest = frame.instruction;
  Value slowest = depthFastest ? at.across : at.depth;
  Value fastest = depthFastest ? at.depth : at.across;
  if (access.width == 1 || access.alongReduction == depthFastest)
    return storeElements(b, value, tile, {slowest, fastest});
  for (int64_t lane = 0; lane < access.width; ++lane) {
    Value element =
        vector::ExtractOp::create(b.builder, b.location, value, lane);
    storeElements(b, element, tile,
                  {b.add(slowest, b.constant(lane)), fastest});
  }
}

SmallVector<Value> OperandTile::load(Value first, int64_t count, Value step,
                                     Value stepEnd) {
  SmallVector<Value> values;
  for (int64_t piece = 0; piece < count; ++piece)
    values.push_back(loadPiece(b.add(first, b.constant(piece)), step, stepEnd));
  return values;
}

void OperandTile::store(Value first, ValueRange values, Value stage) {
  Value tile = view(stage);
  for (auto [piece, value] : llvm::enumerate(values)) {
    Value number = b.add(first, b.constant(piece));
    OpBuilder::InsertionGuard guard(b.builder);
    if (Value there = exists(number)) {
      auto branch = scf::IfOp::create(b.builder, b.location, there);
      b.builder.setInsertionPointToStart(branch.thenBlock());
    }
    storePiece(value, placeOf(number), tile);
  }
}

/// The most of `count` that are loaded before any is stored, such that all
/// rounds have as many.
static int64_t piecesAtOnce(int64_t count) {
  int64_t most = GpuTiling::copiesAtOnce;
  while (count % most != 0)
    --most;
  return most;
}

void OperandTile::copy(Value step, Value stepEnd, Value stage) {
  int64_t atOnce = piecesAtOnce(pieces());
  b.forLoop(b.constant(0), b.constant(pieces()), atOnce, [&](Value first) {
    store(first, load(first, atOnce, step, stepEnd), stage);
  });
}
