//===- TileProducts.cpp - Products of products, by rows -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/ProductChain.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_TILEPRODUCTS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Buffers of fewer bytes stay in the nearest caches as they are.
static constexpr int64_t fewestLocalBytes = 64 << 10;
/// Bytes of a block of rows: a part of a second-level cache, beside what all
/// rows read.
static constexpr int64_t blockBytes = 192 << 10;
/// What all rows read is to stay in that cache, or near it.
static constexpr int64_t mostSharedBytes = 1 << 20;

/// The rows of a block, of `rows`: at most `most`, and a divisor where there is
/// one that is not much smaller.
static int64_t blockRowsOf(int64_t rows, int64_t most) {
  int64_t blocks = llvm::divideCeil(rows, std::clamp<int64_t>(most, 1, rows));
  int64_t even = llvm::divideCeil(rows, blocks);
  for (int64_t candidate = even; candidate > even / 2; --candidate)
    if (rows % candidate == 0)
      return candidate;
  return even;
}

static int64_t blockRowsOf(const ProductChain &chain) {
  // What is read and what is written.
  return blockRowsOf(chain.dimensions()[chain.row()],
                     blockBytes / (2 * chain.largestRowBytes()));
}

/// Whether `chain` is worth loops of its own, and is not one block already.
static bool isWorthLoops(const ProductChain &chain) {
  if (chain.localBytes() < fewestLocalBytes ||
      chain.sharedBytes() > mostSharedBytes)
    return false;
  for (auto [number, extent] : llvm::enumerate(chain.dimensions()))
    if (extent != (number == chain.row() ? blockRowsOf(chain) : 1))
      return true;
  return false;
}

namespace {

/// Emits the loops of one chain before its last op.
class ChainTiler {
public:
  ChainTiler(const ProductChain &chain, int64_t threads, OpBuilder &builder)
      : chain(chain), threads(threads), builder(builder),
        loops(builder, chain.ops().back()->getLoc()) {}

  void emit();

private:
  void emitRows(int64_t firstRow, int64_t blocks, int64_t rows);
  Value extentOf(unsigned number);
  void allocateLocals(int64_t rows);
  void emitOp(linalg::LinalgOp op, int64_t rows);
  Value viewOf(linalg::LinalgOp op, OpOperand &operand, int64_t rows);
  void moveIndices(linalg::LinalgOp op, Block &body,
                   ArrayRef<AffineExpr> renamed);

  const ProductChain &chain;
  int64_t threads;
  OpBuilder &builder;
  LoopBuilder loops;
  /// The current index of each of the chain's dimensions, of the row's where
  /// the block begins.
  SmallVector<Value> position;
  IRMapping blocksOfLocals;
};

} // namespace

void ChainTiler::emit() {
  int64_t rows = chain.dimensions()[chain.row()];
  int64_t blockRows = blockRowsOf(chain);
  emitRows(0, rows / blockRows, blockRows);
  if (int64_t rest = rows % blockRows)
    emitRows(rows - rest, 1, rest);
}

/// `blocks` blocks of `rows` rows from `firstRow` on, for each index of the
/// outer dimensions.
void ChainTiler::emitRows(int64_t firstRow, int64_t blocks, int64_t rows) {
  SmallVector<Value> extents;
  for (unsigned number = 0; number < chain.dimensions().size(); ++number)
    extents.push_back(number == chain.row() ? loops.constant(blocks)
                                            : extentOf(number));
  bool parallel = threads > 1;
  if (!parallel)
    allocateLocals(rows);
  loops.nest(extents, parallel, [&](ValueRange indices) {
    if (parallel)
      allocateLocals(rows);
    position.assign(indices.begin(), indices.end());
    position[chain.row()] =
        loops.add(loops.constant(firstRow),
                  loops.multiply(position[chain.row()], loops.constant(rows)));
    for (linalg::LinalgOp op : chain.ops())
      emitOp(op, rows);
  });
}

/// The extent of the chain's dimension `number`, which the last op's result
/// has.
Value ChainTiler::extentOf(unsigned number) {
  int64_t known = chain.dimensions()[number];
  if (!ShapedType::isDynamic(known))
    return loops.constant(known);
  linalg::LinalgOp last = chain.ops().back();
  OpOperand &result = *last.getDpsInitOperand(0);
  AffineExpr loop =
      getAffineDimExpr(chain.loopsOf(last)[number], builder.getContext());
  ArrayRef<AffineExpr> indices =
      last.getMatchingIndexingMap(&result).getResults();
  return loops.extent(result.get(),
                      llvm::find(indices, loop) - indices.begin());
}

/// A buffer of `rows` rows of one outer index for each local one.
void ChainTiler::allocateLocals(int64_t rows) {
  for (const auto &[local, positions] : chain.locals()) {
    auto type = cast<MemRefType>(local.getType());
    SmallVector<int64_t> shape;
    for (auto [at, extent] : llvm::enumerate(type.getShape())) {
      auto found = llvm::find(positions, at);
      if (found == positions.end())
        shape.push_back(extent);
      else if (found - positions.begin() == chain.row())
        shape.push_back(rows);
    }
    blocksOfLocals.map(local, memref::AllocOp::create(
                                  builder, loops.location,
                                  MemRefType::get(shape, type.getElementType()))
                                  .getResult());
  }
}

/// The part of `operand` that one block of `op` uses, without the outer
/// dimensions.
Value ChainTiler::viewOf(linalg::LinalgOp op, OpOperand &operand,
                         int64_t rows) {
  Value buffer = operand.get();
  if (Value block = blocksOfLocals.lookupOrNull(buffer))
    return block;
  auto type = cast<MemRefType>(buffer.getType());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<unsigned> own = chain.loopsOf(op);
  OpFoldResult one = builder.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets, sizes, strides(type.getRank(), one);
  SmallVector<int64_t> shape;
  for (auto [at, result] : llvm::enumerate(map.getResults())) {
    auto loop = llvm::find_if(
        own, [&](unsigned each) { return result.isFunctionOfDim(each); });
    if (loop == own.end()) {
      offsets.push_back(builder.getIndexAttr(0));
      shape.push_back(type.getDimSize(at));
      sizes.push_back(builder.getIndexAttr(type.getDimSize(at)));
      continue;
    }
    unsigned number = loop - own.begin();
    offsets.push_back(position[number]);
    if (number == chain.row())
      shape.push_back(rows);
    sizes.push_back(builder.getIndexAttr(number == chain.row() ? rows : 1));
  }
  auto viewType = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(builder, loops.location, viewType, buffer,
                                   offsets, sizes, strides);
}

/// Gives the ops of `body` that ask for an index of `op` that of the whole.
void ChainTiler::moveIndices(linalg::LinalgOp op, Block &body,
                             ArrayRef<AffineExpr> renamed) {
  SmallVector<unsigned> own = chain.loopsOf(op);
  for (auto index : llvm::to_vector(body.getOps<linalg::IndexOp>())) {
    unsigned loop = index.getDim();
    auto found = llvm::find(own, loop);
    bool outer = found != own.end() && found - own.begin() != chain.row();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(index);
    if (outer) {
      index.replaceAllUsesWith(position[found - own.begin()]);
      index.erase();
      continue;
    }
    index.setDim(cast<AffineDimExpr>(renamed[loop]).getPosition());
    if (found == own.end())
      continue;
    builder.setInsertionPointAfter(index);
    auto whole = arith::AddIOp::create(builder, index.getLoc(), index,
                                       position[chain.row()]);
    index.getResult().replaceAllUsesExcept(whole, whole);
  }
}

void ChainTiler::emitOp(linalg::LinalgOp op, int64_t rows) {
  MLIRContext *context = builder.getContext();
  if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation())) {
    linalg::FillOp::create(builder, op.getLoc(), fill.getInputs()[0],
                           viewOf(op, *op.getDpsInitOperand(0), rows));
    return;
  }
  SmallVector<unsigned> own = chain.loopsOf(op);
  SmallVector<AffineExpr> renamed(op.getNumLoops(),
                                  getAffineConstantExpr(0, context));
  SmallVector<utils::IteratorType> iterators;
  for (auto [loop, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    auto found = llvm::find(own, loop);
    if (found != own.end() && found - own.begin() != chain.row())
      continue;
    renamed[loop] = getAffineDimExpr(iterators.size(), context);
    iterators.push_back(type);
  }
  auto isOuter = [&](AffineExpr result) {
    for (auto [number, loop] : llvm::enumerate(own))
      if (number != chain.row() && result.isFunctionOfDim(loop))
        return true;
    return false;
  };
  SmallVector<Value> inputs, outputs;
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    SmallVector<AffineExpr> results;
    for (AffineExpr result : op.getMatchingIndexingMap(&operand).getResults())
      if (!isOuter(result))
        results.push_back(result.replaceDims(renamed));
    maps.push_back(AffineMap::get(iterators.size(), 0, results, context));
    bool isMemRef = isa<MemRefType>(operand.get().getType());
    (op.isDpsInit(&operand) ? outputs : inputs)
        .push_back(isMemRef ? viewOf(op, operand, rows) : operand.get());
  }
  auto part = linalg::GenericOp::create(builder, op.getLoc(), TypeRange(),
                                        inputs, outputs, maps, iterators);
  IRMapping mapping;
  op->getRegion(0).cloneInto(&part.getRegion(), mapping);
  moveIndices(op, *part.getBody(), renamed);
}

namespace {

class TileProductsPass
    : public orcinus::impl::TileProductsBase<TileProductsPass> {
public:
  using TileProductsBase::TileProductsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context).threads(threads).result();
  }

  void runOnOperation() override {
    // The chain with the largest buffers first: an op may be of two. What is
    // left of others may be one, too.
    for (SmallVector<ProductChain, 0> chains = findChains(); !chains.empty();
         chains = findChains()) {
      llvm::stable_sort(chains,
                        [](const ProductChain &one, const ProductChain &other) {
                          return one.localBytes() > other.localBytes();
                        });
      llvm::DenseSet<Operation *> erased;
      for (const ProductChain &chain : chains)
        if (llvm::none_of(chain.ops(), [&](linalg::LinalgOp op) {
              return erased.contains(op);
            })) {
          erased.insert(chain.ops().begin(), chain.ops().end());
          tile(chain);
        }
    }
  }

private:
  SmallVector<ProductChain, 0> findChains() {
    SmallVector<ProductChain, 0> chains;
    getOperation()->walk([&](linalg::LinalgOp op) {
      std::optional<ProductChain> chain = ProductChain::endingIn(op);
      if (chain && isWorthLoops(*chain))
        chains.push_back(std::move(*chain));
    });
    return chains;
  }

  void tile(const ProductChain &chain) {
    OpBuilder builder(chain.ops().back());
    ChainTiler(chain, threadsAt(chain.ops().back(), threads), builder).emit();
    SmallVector<Value> locals;
    for (const auto &[local, positions] : chain.locals())
      locals.push_back(local);
    for (linalg::LinalgOp op : llvm::reverse(chain.ops()))
      op->erase();
    for (Value local : locals)
      local.getDefiningOp()->erase();
    ++tiledChains;
  }
};

} // namespace
