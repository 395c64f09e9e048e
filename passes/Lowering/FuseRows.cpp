//===- FuseRows.cpp - Chains of ops, row by row ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/ETO/IR/ETOOps.h"
#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/RowChain.h"
#include "passes/Lowering/RowSchedule.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_FUSEROWS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Bytes of a block's rows in all buffers: half a nearest cache.
static constexpr int64_t blockBytes = 16 << 10;
static constexpr int64_t mostBlockRows = 16;
/// Below this many iterations of the chain a parallel loop costs more than it
/// brings.
static constexpr int64_t fewestParallelIterations = 1 << 14;

namespace {

/// Emits the loops of one chain before its last op, and erases its ops.
class ChainEmitter {
public:
  ChainEmitter(const RowChain &chain, const RowSchedule &schedule,
               int64_t threads, OpBuilder &builder)
      : chain(chain), schedule(schedule), threads(threads),
        loops(builder, chain.location()), builder(builder),
        locals(chain.localBuffers()) {}

  void emit();

private:
  int64_t rowBytes() const;
  int64_t blockRows() const;
  int64_t taskCount() const;
  Value extentOf(size_t row);
  void allocateLocals(int64_t rows);
  void emitBlock(ValueRange outer, Value begin, Value rows);
  Value viewOf(Value buffer, ValueRange outer, Value begin, Value rows);

  const RowChain &chain;
  const RowSchedule &schedule;
  int64_t threads;
  LoopBuilder loops;
  OpBuilder &builder;
  SmallVector<Value> locals;
  /// The rows of one block in each local buffer, and what other local buffers
  /// are replaced by.
  IRMapping localBlocks, standIns;
};

} // namespace

/// Bytes of one row in all buffers that the chain touches.
int64_t ChainEmitter::rowBytes() const {
  llvm::SmallDenseSet<Value> seen;
  int64_t bytes = 0;
  for (linalg::GenericOp op : chain.ops())
    for (OpOperand &operand : op->getOpOperands()) {
      if (!chain.isOfRow(operand) || !seen.insert(operand.get()).second)
        continue;
      auto type = cast<MemRefType>(operand.get().getType());
      int64_t rowBytes = elementBytes(type.getElementType());
      for (int64_t extent :
           type.getShape().drop_front(chain.rowExtents().size()))
        rowBytes = saturatedProduct(rowBytes,
                                    ShapedType::isDynamic(extent) ? 1 : extent);
      bytes = saturatedSum(bytes, rowBytes);
    }
  return std::max<int64_t>(bytes, 1);
}

int64_t ChainEmitter::blockRows() const {
  int64_t rows =
      schedule.rowBlock
          ? schedule.rowBlock
          : std::clamp<int64_t>(blockBytes / rowBytes(), 1, mostBlockRows);
  // Where there is no row, the loops over blocks still need a step.
  return std::max<int64_t>(1, std::min(rows, chain.rowExtents().back()));
}

int64_t ChainEmitter::taskCount() const {
  if (schedule.rowTasks)
    return schedule.rowTasks;
  int64_t iterations = 0;
  for (linalg::GenericOp op : chain.ops()) {
    int64_t product = 1;
    for (int64_t extent : op.getStaticLoopRanges())
      product =
          saturatedProduct(product, ShapedType::isDynamic(extent) ? 1 : extent);
    iterations = saturatedSum(iterations, product);
  }
  return iterations >= fewestParallelIterations ? threads : 1;
}

/// How many rows dimension `row` has.
Value ChainEmitter::extentOf(size_t row) {
  int64_t known = chain.rowExtents()[row];
  if (!ShapedType::isDynamic(known))
    return loops.constant(known);
  linalg::GenericOp first = chain.ops().front();
  OpOperand &output = *first.getDpsInitOperand(0);
  auto allocation = output.get().getDefiningOp<memref::AllocOp>();
  if (!allocation)
    return loops.extent(output.get(), row);
  // Local buffers go.
  return getValueOrCreateConstantIndexOp(builder, loops.location,
                                         allocation.getMixedSizes()[row]);
}

/// A buffer of a block's rows for each local buffer that has no stand-in. The
/// first write of what the stand-in stands for waits for memory; so it is made
/// while there is still arithmetic to do.
void ChainEmitter::allocateLocals(int64_t rows) {
  llvm::SmallDenseSet<Value> taken;
  for (Value local : locals) {
    Value standIn = chain.standInFor(local);
    if (standIn && !llvm::is_contained(locals, standIn) &&
        taken.insert(standIn).second) {
      standIns.map(local, standIn);
      continue;
    }
    auto type = cast<MemRefType>(local.getType());
    SmallVector<int64_t> shape{rows};
    llvm::append_range(shape,
                       type.getShape().drop_front(chain.rowExtents().size()));
    auto allocation = local.getDefiningOp<memref::AllocOp>();
    auto openRows =
        llvm::count_if(type.getShape().take_front(chain.rowExtents().size()),
                       ShapedType::isDynamic);
    localBlocks.map(local,
                    memref::AllocOp::create(
                        builder, loops.location,
                        MemRefType::get(shape, type.getElementType()),
                        allocation.getDynamicSizes().drop_front(openRows))
                        .getResult());
  }
}

/// The block's rows in `buffer`, all outer rows' dimensions dropped.
Value ChainEmitter::viewOf(Value buffer, ValueRange outer, Value begin,
                           Value rows) {
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets, sizes;
  buffer = standIns.lookupOrDefault(buffer);
  if (Value block = localBlocks.lookupOrNull(buffer)) {
    buffer = block;
    offsets.push_back(zero);
    outer = {};
  } else {
    offsets.append(outer.begin(), outer.end());
    sizes.append(outer.size(), one);
    offsets.push_back(begin);
  }
  sizes.push_back(getAsOpFoldResult(rows));
  auto type = cast<MemRefType>(buffer.getType());
  for (int64_t at = sizes.size(); at < type.getRank(); ++at) {
    offsets.push_back(zero);
    sizes.push_back(getAsOpFoldResult(loops.extent(buffer, at)));
  }
  SmallVector<int64_t> shape;
  for (OpFoldResult size : ArrayRef(sizes).drop_front(outer.size()))
    shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  SmallVector<OpFoldResult> strides(sizes.size(), one);
  auto viewType = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(builder, loops.location, viewType, buffer,
                                   offsets, sizes, strides);
}

/// All ops on the rows [begin, begin + rows) of one outer index.
void ChainEmitter::emitBlock(ValueRange outer, Value begin, Value rows) {
  MLIRContext *context = builder.getContext();
  RowSchedule inner = schedule;
  inner.rowBlock = inner.rowTasks = 0;
  for (linalg::GenericOp op : chain.ops()) {
    SmallVector<unsigned> dropped = chain.rowDimensions(op);
    dropped.pop_back();
    // The loops that are left, renumbered.
    SmallVector<AffineExpr> renamed(op.getNumLoops(),
                                    getAffineConstantExpr(0, context));
    SmallVector<utils::IteratorType> iterators;
    for (auto [loop, type] : llvm::enumerate(op.getIteratorTypesArray()))
      if (!llvm::is_contained(dropped, loop)) {
        renamed[loop] = getAffineDimExpr(iterators.size(), context);
        iterators.push_back(type);
      }
    SmallVector<Value> inputs, outputs;
    SmallVector<AffineMap> maps;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      bool ofRow = chain.isOfRow(operand);
      SmallVector<AffineExpr> results;
      for (AffineExpr result :
           map.getResults().drop_front(ofRow ? dropped.size() : 0))
        results.push_back(result.replaceDims(renamed));
      maps.push_back(AffineMap::get(iterators.size(), 0, results, context));
      (op.isDpsInit(&operand) ? outputs : inputs)
          .push_back(ofRow ? viewOf(operand.get(), outer, begin, rows)
                           : operand.get());
    }
    auto part = linalg::GenericOp::create(builder, op.getLoc(), TypeRange(),
                                          inputs, outputs, maps, iterators);
    if (inner != RowSchedule())
      part->setAttr(eto::scheduleAttributeName,
                    eto::ScheduleAttr::get(context, inner.toSchedule()));
    IRMapping mapping;
    op.getRegion().cloneInto(&part.getRegion(), mapping);
  }
}

void ChainEmitter::emit() {
  ArrayRef<int64_t> extents = chain.rowExtents();
  int64_t rows = blockRows(), lastExtent = extents.back();
  int64_t blocks = llvm::divideCeil(lastExtent, rows);
  int64_t tasks = taskCount();
  bool parallel = tasks > 1;
  // Where outer rows are enough for all threads, the last ones stay whole.
  int64_t outerRows = 1;
  SmallVector<Value> taskExtents;
  for (auto [row, extent] : llvm::enumerate(extents.drop_back())) {
    taskExtents.push_back(extentOf(row));
    outerRows =
        saturatedProduct(outerRows, ShapedType::isDynamic(extent) ? 1 : extent);
  }
  int64_t lastTasks =
      outerRows >= tasks ? 1 : std::clamp<int64_t>(blocks, 1, tasks);
  int64_t taskRows = llvm::divideCeil(blocks, lastTasks) * rows;
  taskExtents.push_back(loops.constant(lastTasks));
  loops.nest(taskExtents, parallel, [&](ValueRange indices) {
    allocateLocals(rows);
    Value extent = loops.constant(lastExtent);
    Value begin = loops.minimum(
        loops.multiply(indices.back(), loops.constant(taskRows)), extent);
    Value end =
        loops.minimum(loops.add(begin, loops.constant(taskRows)), extent);
    // Whole blocks have a size that is known.
    int64_t rest = lastExtent % rows;
    Value wholeEnd = loops.constant(lastExtent - rest);
    loops.forLoop(begin, loops.minimum(end, wholeEnd), rows, [&](Value at) {
      emitBlock(indices.drop_back(), at, loops.constant(rows));
    });
    if (rest == 0)
      return;
    if (lastTasks == 1)
      return emitBlock(indices.drop_back(), wholeEnd, loops.constant(rest));
    // A task without rows begins behind them.
    loops.forLoop(loops.maximum(begin, wholeEnd), end, rows, [&](Value at) {
      emitBlock(indices.drop_back(), at, loops.constant(rest));
    });
  });
}

namespace {

class FuseRowsPass : public orcinus::impl::FuseRowsBase<FuseRowsPass> {
public:
  using FuseRowsBase::FuseRowsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context).threads(threads).result();
  }

  void runOnOperation() override {
    generalise();
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks)
      for (const RowChain &chain : findRowChains(*block))
        if (failed(fuse(chain)))
          return signalPassFailure();
  }

private:
  /// Named ops to generic ones.
  void generalise() {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (!isa<linalg::GenericOp>(op) && op.hasPureBufferSemantics())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops) {
      rewriter.setInsertionPoint(op);
      // What has no generic form stays, and ends a chain.
      (void)generalizeWithSchedule(rewriter, op);
    }
  }

  LogicalResult fuse(const RowChain &chain) {
    RowSchedule schedule;
    for (linalg::GenericOp op : chain.ops()) {
      FailureOr<std::optional<RowSchedule>> own = RowSchedule::of(op);
      if (failed(own))
        return failure();
      if (*own) {
        schedule = **own;
        break;
      }
    }
    OpBuilder builder(chain.ops().back());
    ChainEmitter emitter(chain, schedule,
                         threadsAt(chain.ops().back(), threads), builder);
    SmallVector<Value> locals = chain.localBuffers();
    emitter.emit();
    fusedOps += chain.ops().size();
    ++fusedChains;
    for (linalg::GenericOp op : llvm::reverse(chain.ops()))
      op->erase();
    for (Value local : locals)
      local.getDefiningOp()->erase();
    return success();
  }
};

} // namespace
