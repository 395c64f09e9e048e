//===- LowerTmTensor.cpp - Scans, sorts and scatters as loops -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// torch-mlir has a dialect, tm_tensor, for what is not linalg: the value of an
// element depends on that of others of its tensor. This compiler does not have
// the dialect; its ops are read in their generic form, without a definition.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

#include <functional>
#include <optional>

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_LOWERTMTENSOR
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// An attribute of an op that has no definition.
template <typename Attr>
static Attr attributeOf(Operation *op, StringRef name) {
  if (auto found = op->getAttrOfType<Attr>(name))
    return found;
  auto properties =
      dyn_cast_or_null<DictionaryAttr>(op->getPropertiesAsAttribute());
  return properties ? properties.getAs<Attr>(name) : Attr();
}

namespace {

/// Makes loops of one op, before which it puts them.
class TmTensorLowering {
public:
  explicit TmTensorLowering(Operation *op)
      : op(op), location(op->getLoc()), builder(op) {}

  /// The results in place of the op's; an error where the op is none that this
  /// knows.
  FailureOr<SmallVector<Value>> lower();

private:
  using Indices = SmallVector<Value>;

  FailureOr<SmallVector<Value>> lowerScan();
  FailureOr<SmallVector<Value>> lowerSort();
  FailureOr<SmallVector<Value>> lowerScatter();

  /// Merges runs of `width` elements along `dimension` of `from` into `into`.
  SmallVector<Value> mergeRuns(ValueRange from, ValueRange into,
                               unsigned dimension, Value width);
  SmallVector<Value> mergeRow(ValueRange from, ValueRange into, Indices at,
                              unsigned dimension, Value width);

  /// Loops over all indices of `extents` but those along `without`, which carry
  /// tensors.
  SmallVector<Value>
  nest(ArrayRef<Value> extents, std::optional<unsigned> without,
       ValueRange carried,
       llvm::function_ref<SmallVector<Value>(Indices, ValueRange)> body);
  SmallVector<Value>
  loop(Value extent, ValueRange carried,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);

  /// What the op's region makes of `arguments`.
  Value compute(ValueRange arguments);
  SmallVector<Value> extentsOf(Value tensor);
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, location, value);
  }
  Value add(Value left, Value right) {
    return arith::AddIOp::create(builder, location, left, right);
  }
  Value subtract(Value left, Value right) {
    return arith::SubIOp::create(builder, location, left, right);
  }
  Value minimum(Value left, Value right) {
    return arith::MinSIOp::create(builder, location, left, right);
  }
  Value select(Value condition, Value left, Value right) {
    return arith::SelectOp::create(builder, location, condition, left, right);
  }
  Value compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return arith::CmpIOp::create(builder, location, predicate, left, right);
  }
  Value extract(Value tensor, ArrayRef<Value> at) {
    return tensor::ExtractOp::create(builder, location, tensor, at);
  }
  Value insert(Value element, Value tensor, ArrayRef<Value> at) {
    return tensor::InsertOp::create(builder, location, element, tensor, at);
  }
  FailureOr<SmallVector<Value>> refuse(const Twine &why) {
    return op->emitError() << op->getName() << " has no lowering: " << why;
  }

  Operation *op;
  Location location;
  OpBuilder builder;
};

} // namespace

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Value> TmTensorLowering::extentsOf(Value tensor) {
  SmallVector<Value> extents;
  for (OpFoldResult extent : tensor::getMixedSizes(builder, location, tensor))
    extents.push_back(
        getValueOrCreateConstantIndexOp(builder, location, extent));
  return extents;
}

Value TmTensorLowering::compute(ValueRange arguments) {
  Block &block = op->getRegion(0).front();
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  // Nothing says of an op without a definition that it is a terminator.
  Operation &yield = block.back();
  for (Operation &nested : llvm::drop_end(block))
    builder.clone(nested, mapping);
  return mapping.lookupOrDefault(yield.getOperand(0));
}

SmallVector<Value> TmTensorLowering::loop(
    Value extent, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto made = scf::ForOp::create(builder, location, constant(0), extent,
                                 constant(1), carried);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(made.getBody());
  SmallVector<Value> next =
      body(made.getInductionVar(), made.getRegionIterArgs());
  scf::YieldOp::create(builder, location, next);
  return made.getResults();
}

SmallVector<Value> TmTensorLowering::nest(
    ArrayRef<Value> extents, std::optional<unsigned> without,
    ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Indices, ValueRange)> body) {
  Indices at(extents.size());
  std::function<SmallVector<Value>(unsigned, ValueRange)> descend =
      [&](unsigned dimension, ValueRange current) -> SmallVector<Value> {
    if (dimension == extents.size())
      return body(at, current);
    if (dimension == without)
      return descend(dimension + 1, current);
    return loop(extents[dimension], current, [&](Value index, ValueRange next) {
      at[dimension] = index;
      return descend(dimension + 1, next);
    });
  };
  return descend(0, carried);
}

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

/// y_k = f(y_{k-1}, x_k), or with f(y_{k-1}, x_{k-1}) where a scan is
/// exclusive. It is carried from turn to turn, beginning with the accumulator.
FailureOr<SmallVector<Value>> TmTensorLowering::lowerScan() {
  auto dimension = attributeOf<IntegerAttr>(op, "dimension");
  auto inclusive = attributeOf<BoolAttr>(op, "inclusive");
  if (!dimension || !inclusive || op->getNumOperands() != 3 ||
      op->getNumResults() != 2)
    return refuse("it is none of the form that is known");
  if (!op->getResult(1).use_empty())
    return refuse("its accumulator is read");
  Value input = op->getOperand(0), output = op->getOperand(1),
        accumulator = op->getOperand(2);
  unsigned along = dimension.getInt();
  SmallVector<Value> extents = extentsOf(input);
  SmallVector<Value> results =
      nest(extents, along, output, [&](Indices at, ValueRange rows) {
        Indices without(at);
        without.erase(without.begin() + along);
        Value start = extract(accumulator, without);
        SmallVector<Value> row =
            loop(extents[along], {rows[0], start},
                 [&](Value index, ValueRange current) -> SmallVector<Value> {
                   at[along] = index;
                   Value element = extract(input, at);
                   Value next = compute({current[1], element});
                   Value written = current[1];
                   if (inclusive.getValue())
                     written = next = select(
                         compare(arith::CmpIPredicate::eq, index, constant(0)),
                         element, next);
                   return {insert(written, current[0], at), next};
                 });
        return SmallVector<Value>{row[0]};
      });
  results.push_back(accumulator);
  return results;
}

/// Sorted runs of 1, 2, 4 … elements are merged, so that a sort is stable.
FailureOr<SmallVector<Value>> TmTensorLowering::lowerSort() {
  auto dimension = attributeOf<IntegerAttr>(op, "dimension");
  if (!dimension || op->getNumOperands() == 0 ||
      op->getNumOperands() != op->getNumResults())
    return refuse("it is none of the form that is known");
  unsigned along = dimension.getInt();
  Value extent = extentsOf(op->getOperand(0))[along];
  // As many turns as the number of the last element has bits.
  Value last =
      subtract(arith::MaxSIOp::create(builder, location, extent, constant(1)),
               constant(1));
  Value bits =
      arith::IndexCastOp::create(builder, location, builder.getI64Type(), last);
  Value zeros = arith::IndexCastOp::create(
      builder, location, builder.getIndexType(),
      math::CountLeadingZerosOp::create(builder, location, bits).getResult());
  return loop(subtract(constant(64), zeros), op->getOperands(),
              [&](Value turn, ValueRange current) {
                SmallVector<Value> copies;
                // A copy that is no copy to those who fold such.
                for (Value tensor : current)
                  copies.push_back(bufferization::AllocTensorOp::create(
                      builder, location,
                      cast<RankedTensorType>(tensor.getType()), ValueRange(),
                      tensor));
                Value width =
                    arith::ShLIOp::create(builder, location, constant(1), turn);
                return mergeRuns(copies, current, along, width);
              });
}

SmallVector<Value> TmTensorLowering::mergeRuns(ValueRange from, ValueRange into,
                                               unsigned dimension,
                                               Value width) {
  return nest(extentsOf(from[0]), dimension, into,
              [&](Indices at, ValueRange rows) {
                return mergeRow(from, rows, at, dimension, width);
              });
}

SmallVector<Value> TmTensorLowering::mergeRow(ValueRange from, ValueRange into,
                                              Indices at, unsigned dimension,
                                              Value width) {
  using arith::CmpIPredicate;
  Value extent = extentsOf(from[0])[dimension];
  Value last = subtract(extent, constant(1)), both = add(width, width);
  SmallVector<Value> carried(into);
  carried.append(2, constant(0));
  SmallVector<Value> merged = loop(
      extent, carried,
      [&](Value index, ValueRange current) -> SmallVector<Value> {
        // The next elements of the two runs that are merged here.
        Value within = arith::RemUIOp::create(builder, location, index, both);
        Value start = subtract(index, within);
        Value middle = minimum(add(start, width), extent);
        Value end = minimum(add(start, both), extent);
        Value isFirst = compare(CmpIPredicate::eq, within, constant(0));
        Value left = select(isFirst, start, current[into.size()]);
        Value right = select(isFirst, middle, current[into.size() + 1]);
        SmallVector<Value> pairs;
        for (Value tensor : from)
          for (Value place : {left, right}) {
            at[dimension] = minimum(place, last);
            pairs.push_back(extract(tensor, at));
          }
        // What is equal to its neighbour stays before it.
        Value takesLeft = arith::OrIOp::create(
            builder, location, compare(CmpIPredicate::sge, right, end),
            compute(pairs));
        takesLeft = arith::AndIOp::create(
            builder, location, compare(CmpIPredicate::slt, left, middle),
            takesLeft);
        at[dimension] = index;
        SmallVector<Value> next;
        for (size_t each = 0; each < into.size(); ++each)
          next.push_back(
              insert(select(takesLeft, pairs[2 * each], pairs[2 * each + 1]),
                     current[each], at));
        Value one = constant(1), zero = constant(0);
        next.push_back(add(left, select(takesLeft, one, zero)));
        next.push_back(add(right, select(takesLeft, zero, one)));
        return next;
      });
  merged.truncate(into.size());
  return merged;
}

/// Each of the first dimension of the updates goes where a row of the indices
/// says: `dimension_map` has the dimension of each index. The other dimensions
/// of an update are the last ones of the tensor.
FailureOr<SmallVector<Value>> TmTensorLowering::lowerScatter() {
  auto dimensions = attributeOf<DenseI64ArrayAttr>(op, "dimension_map");
  if (!dimensions || op->getNumOperands() != 3 || op->getNumResults() != 1)
    return refuse("it is none of the form that is known");
  Value updates = op->getOperand(0), places = op->getOperand(1),
        original = op->getOperand(2);
  SmallVector<Value> limits = extentsOf(original);
  SmallVector<Value> extents = extentsOf(updates);
  return loop(extents[0], original, [&](Value number, ValueRange whole) {
    Indices start(limits.size());
    for (auto [at, dimension] : llvm::enumerate(dimensions.asArrayRef()))
      start[dimension] =
          arith::IndexCastOp::create(builder, location, builder.getIndexType(),
                                     extract(places, {number, constant(at)}));
    return nest(
        ArrayRef(extents).drop_front(), std::nullopt, whole,
        [&](Indices window, ValueRange current) -> SmallVector<Value> {
          size_t first = limits.size() - window.size();
          Indices from{number}, to(limits.size());
          llvm::append_range(from, window);
          for (size_t at = 0; at < to.size(); ++at) {
            Value offset = at >= first ? window[at - first] : Value();
            to[at] = start[at] && offset ? add(start[at], offset)
                     : start[at]         ? start[at]
                     : offset            ? offset
                                         : constant(0);
            if (!start[at])
              continue;
            // Negative ones are large as numbers without a sign.
            cf::AssertOp::create(
                builder, location,
                compare(arith::CmpIPredicate::ult, to[at], limits[at]),
                ("an index is not within the extent of dimension " + Twine(at))
                    .str());
          }
          Value element =
              compute({extract(updates, from), extract(current[0], to)});
          return {insert(element, current[0], to)};
        });
  });
}

FailureOr<SmallVector<Value>> TmTensorLowering::lower() {
  StringRef name = op->getName().getStringRef();
  // What the op's region yields is the one operand of its last op.
  if (op->getNumRegions() == 1 && op->getRegion(0).hasOneBlock() &&
      !op->getRegion(0).front().empty() &&
      op->getRegion(0).front().back().getNumOperands() == 1) {
    if (name == "tm_tensor.scan")
      return lowerScan();
    if (name == "tm_tensor.sort")
      return lowerSort();
    if (name == "tm_tensor.scatter")
      return lowerScatter();
  }
  return refuse("scans, sorts and scatters have");
}

namespace {

class LowerTmTensorPass
    : public orcinus::impl::LowerTmTensorBase<LowerTmTensorPass> {
public:
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (op->isRegistered() ||
          op->getName().getStringRef() == "tm_tensor.yield")
        return;
      ops.push_back(op);
    });
    for (Operation *op : ops) {
      FailureOr<SmallVector<Value>> results = TmTensorLowering(op).lower();
      if (failed(results))
        return signalPassFailure();
      op->replaceAllUsesWith(*results);
      op->erase();
    }
  }
};

} // namespace
