//===- PlaceCollectives.cpp - Begin sums early, wait for them late --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

#include <limits>

namespace orcinus {
#define GEN_PASS_DEF_PLACECOLLECTIVES
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// The bindings of the gradients that are added together, by sum, in the order
/// in which sums are begun.
using Sums = SmallVector<SmallVector<StringAttr>>;

/// A gradient that a step writes.
struct Gradient {
  WriteOp write;
  /// What makes it; null where it is there from the start.
  Operation *source;
};

/// Whether `first` stands before `second`, null standing before all.
bool isBefore(Operation *first, Operation *second) {
  if (!first || !second)
    return !first && second;
  return first->isBeforeInBlock(second);
}

/// The gradients that `function` writes, in the order in which it makes them.
SmallVector<Gradient> gradientsOf(func::FuncOp function) {
  SmallVector<Gradient> gradients;
  llvm::DenseSet<StringAttr> seen;
  for (WriteOp write : function.getBody().getOps<WriteOp>()) {
    auto type = cast<RankedTensorType>(write.getValue().getType());
    if (!write.getRows() && write.getBinding().starts_with("gradient:") &&
        type.hasStaticShape() && type.getElementType().isF32() &&
        seen.insert(write.getBindingAttr()).second)
      gradients.push_back({write, write.getValue().getDefiningOp()});
  }
  llvm::stable_sort(gradients, [](const Gradient &left, const Gradient &right) {
    return isBefore(left.source, right.source);
  });
  return gradients;
}

int64_t bytesOf(const Gradient &gradient) {
  WriteOp write = gradient.write;
  return cast<RankedTensorType>(write.getValue().getType()).getNumElements() *
         static_cast<int64_t>(sizeof(float));
}

struct PlaceCollectivesPass
    : orcinus::impl::PlaceCollectivesBase<PlaceCollectivesPass> {
  using PlaceCollectivesBase::PlaceCollectivesBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .inRange(messageBytes, 0, std::numeric_limits<int64_t>::max())
        .result();
  }

  void runOnOperation() override {
    // Steps are straight lines.
    SmallVector<func::FuncOp> functions;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (function.getBody().hasOneBlock())
        functions.push_back(function);
    Sums sums;
    for (func::FuncOp function : functions)
      if (function->hasAttr("tgnn.shard") &&
          function->hasAttr("tgnn.training")) {
        // Functions that take turns begin the same sums.
        if (sums.empty())
          sums = divide(gradientsOf(function));
        beginSums(function, sums);
        awaitRows(function);
      }
    if (sums.empty())
      return;
    if (deviceSums) {
      addDeviceSums();
      for (CacheOp cache : llvm::to_vector(getOperation().getOps<CacheOp>()))
        addRowStore(cache);
    }
    for (func::FuncOp function : functions)
      if (!function.getBody().getOps<OptimizeOp>().empty())
        awaitSums(function, sums);
  }

private:
  //===--------------------------------------------------------------------===//
  // Sums on a device
  //===--------------------------------------------------------------------===//

  /// Two functions, so that no compiler makes one rounding of the product and
  /// the sum.
  void addDeviceSums() {
    Type real = Float32Type::get(&getContext());
    addVectorFunction("weigh_gradients", {real},
                      [](OpBuilder &builder, Location location, Value,
                         Value from, func::FuncOp function) -> Value {
                        return arith::MulFOp::create(builder, location, from,
                                                     function.getArgument(2));
                      });
    addVectorFunction("add_gradients", {},
                      [](OpBuilder &builder, Location location, Value into,
                         Value from, func::FuncOp) -> Value {
                        return arith::AddFOp::create(builder, location, into,
                                                     from);
                      });
  }

  /// Puts rows of a cache, whatever process computed them, to their slots.
  void addRowStore(CacheOp cache) {
    auto row = cast<RankedTensorType>(cache.getRow());
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    auto rows = MemRefType::get({ShapedType::kDynamic, row.getDimSize(0)},
                                row.getElementType());
    auto slots = MemRefType::get({ShapedType::kDynamic}, builder.getI32Type());
    auto function = func::FuncOp::create(
        builder, cache.getLoc(), ("store_rows_" + cache.getSymName()).str(),
        builder.getFunctionType({rows, rows, slots}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    WriteRowsOp::create(builder, cache.getLoc(), function.getArgument(1),
                        function.getArgument(2), function.getArgument(0));
    func::ReturnOp::create(builder, cache.getLoc());
  }

  /// A function of two vectors, and of what else there is, that replaces each
  /// element of the first.
  void addVectorFunction(StringRef name, ArrayRef<Type> more,
                         llvm::function_ref<Value(OpBuilder &, Location, Value,
                                                  Value, func::FuncOp)>
                             body) {
    Location location = getOperation().getLoc();
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    Type vector = MemRefType::get({ShapedType::kDynamic}, builder.getF32Type());
    SmallVector<Type> types{vector, vector};
    llvm::append_range(types, more);
    auto function = func::FuncOp::create(builder, location, name,
                                         builder.getFunctionType(types, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    AffineMap identity = builder.getMultiDimIdentityMap(1);
    linalg::GenericOp::create(
        builder, location, ValueRange{function.getArgument(1)},
        ValueRange{function.getArgument(0)}, ArrayRef{identity, identity},
        ArrayRef{utils::IteratorType::parallel},
        [&](OpBuilder &nested, Location place, ValueRange elements) {
          Value result =
              body(nested, place, elements[1], elements[0], function);
          linalg::YieldOp::create(nested, place, result);
        });
    func::ReturnOp::create(builder, location);
  }

  //===--------------------------------------------------------------------===//
  // Places
  //===--------------------------------------------------------------------===//

  Sums divide(ArrayRef<Gradient> gradients) const {
    Sums sums;
    int64_t bytes = 0;
    for (const Gradient &gradient : gradients) {
      int64_t more = bytesOf(gradient);
      if (sums.empty() || bytes + more > messageBytes) {
        sums.emplace_back();
        bytes = 0;
      }
      bytes += more;
      sums.back().push_back(WriteOp(gradient.write).getBindingAttr());
    }
    return sums;
  }

  /// Puts each sum behind the last of its gradients.
  void beginSums(func::FuncOp function, const Sums &sums) {
    llvm::MapVector<StringAttr, Gradient> byBinding;
    for (const Gradient &gradient : gradientsOf(function))
      byBinding.insert({WriteOp(gradient.write).getBindingAttr(), gradient});
    for (auto [number, bindings] : llvm::enumerate(sums)) {
      Operation *last = nullptr;
      SmallVector<Value> values;
      SmallVector<Attribute> names;
      for (StringAttr binding : bindings) {
        auto found = byBinding.find(binding);
        if (found == byBinding.end())
          continue;
        const Gradient &gradient = found->second;
        values.push_back(WriteOp(gradient.write).getValue());
        names.push_back(binding);
        if (isBefore(last, gradient.source))
          last = gradient.source;
      }
      if (values.empty())
        continue;
      OpBuilder builder(function.getContext());
      if (last)
        builder.setInsertionPointAfter(last);
      else
        builder.setInsertionPointToStart(&function.getBody().front());
      AllReduceOp::create(builder, function.getLoc(),
                          builder.getI64IntegerAttr(number), values,
                          builder.getArrayAttr(names));
      ++placedSums;
      for (StringAttr binding : bindings)
        if (auto found = byBinding.find(binding); found != byBinding.end())
          found->second.write->erase();
    }
  }

  /// Before a cache is read, what was gathered for it is there.
  static void awaitRows(func::FuncOp function) {
    llvm::StringMap<int64_t> numbers;
    for (AllGatherOp gather : function.getBody().getOps<AllGatherOp>())
      numbers[gather.getBinding()] = static_cast<int64_t>(gather.getNumber());
    for (ReadOp read : llvm::to_vector(function.getBody().getOps<ReadOp>())) {
      auto found = numbers.find(read.getBinding());
      if (found == numbers.end() || read->use_empty())
        continue;
      OpBuilder builder(firstUserOf(read));
      createAwait(builder, read.getLoc(), CollectiveKind::AllGather,
                  found->second, {read.getBindingAttr()});
      read->moveBefore(builder.getInsertionBlock(),
                       builder.getInsertionPoint());
      // Once is enough.
      numbers.erase(found);
    }
  }

  /// Puts an await before the first reader of each sum.
  static void awaitSums(func::FuncOp function, const Sums &sums) {
    orderUpdates(function, sums);
    for (auto [number, bindings] : llvm::enumerate(sums)) {
      SmallVector<ReadOp> reads;
      SmallVector<Attribute> names;
      Operation *first = nullptr;
      for (ReadOp read : function.getBody().getOps<ReadOp>()) {
        if (!llvm::is_contained(bindings, read.getBindingAttr()) ||
            read->use_empty())
          continue;
        reads.push_back(read);
        names.push_back(read.getBindingAttr());
        Operation *user = firstUserOf(read);
        if (!first || user->isBeforeInBlock(first))
          first = user;
      }
      if (reads.empty())
        continue;
      OpBuilder builder(first);
      createAwait(builder, first->getLoc(), CollectiveKind::AllReduce,
                  static_cast<int64_t>(number), names);
      for (ReadOp read : reads)
        read->moveBefore(first);
    }
  }

  /// Updates parameters in the order in which their gradients' sums are begun.
  static void orderUpdates(func::FuncOp function, const Sums &sums) {
    llvm::DenseMap<StringAttr, size_t> places;
    for (const SmallVector<StringAttr> &bindings : sums)
      for (StringAttr binding : bindings)
        places.try_emplace(binding, places.size());
    SmallVector<std::pair<size_t, OptimizeOp>> updates;
    for (OptimizeOp update : function.getBody().getOps<OptimizeOp>()) {
      auto read = update.getGradient().getDefiningOp<ReadOp>();
      auto found = read ? places.find(read.getBindingAttr()) : places.end();
      // All of them wait for all gradients, or are no sums.
      if (update.getScale() || found == places.end())
        return;
      updates.push_back({found->second, update});
    }
    llvm::stable_sort(updates, llvm::less_first());
    Operation *end = function.getBody().front().getTerminator();
    for (auto [place, update] : updates)
      update->moveBefore(end);
  }

  static Operation *firstUserOf(ReadOp read) {
    Block *block = read->getBlock();
    Operation *first = nullptr;
    for (Operation *user : read->getUsers()) {
      Operation *own = block->findAncestorOpInBlock(*user);
      if (own && (!first || own->isBeforeInBlock(first)))
        first = own;
    }
    return first;
  }

  static void createAwait(OpBuilder &builder, Location location,
                          CollectiveKind kind, int64_t number,
                          ArrayRef<Attribute> bindings) {
    AwaitOp::create(builder, location,
                    CollectiveKindAttr::get(builder.getContext(), kind),
                    builder.getI64IntegerAttr(number), ValueRange(),
                    builder.getArrayAttr(bindings));
  }
};

} // namespace
