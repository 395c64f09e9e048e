//===- VerifyRows.cpp - Check the extents that only the runtime knows -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "lib/Support/StepCount.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

namespace orcinus {
#define GEN_PASS_DEF_VERIFYROWS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// Numbers that stand for extents which only the runtime knows. Each is a prime
/// of its own, far above the extents of a model, so that two extents which are
/// made of them differ unless they are the same product or sum.
class StandIns {
public:
  static constexpr int64_t smallest = 1 << 20;

  /// A new one for what `name` says, which `origin` makes.
  int64_t make(const Twine &name, Operation *origin = nullptr) {
    // Steps of the golden ratio are far from each other.
    int64_t prime = smallest + (names.size() + 1) * 0x9e3779b1 % (1 << 23);
    while (!isPrime(prime) || names.contains(prime))
      ++prime;
    names[prime] = {name.str(), origin};
    return prime;
  }

  /// Calls what is made of others by a name of its own.
  void name(int64_t value, StringRef name) { names[value] = {name.str()}; }

  /// `text` with extents by their names, and who makes these.
  std::string describe(StringRef text,
                       llvm::SmallSetVector<Operation *, 2> &origins) const {
    std::string result;
    while (!text.empty()) {
      StringRef digits = text.take_while(llvm::isDigit);
      int64_t value = 0;
      if (!digits.empty() && !digits.getAsInteger(10, value))
        result += describe(value, origins);
      else
        result += text.take_front();
      text = text.drop_front(std::max<size_t>(digits.size(), 1));
    }
    return result;
  }

private:
  struct Named {
    std::string name;
    Operation *origin = nullptr;
  };

  static bool isPrime(int64_t number) {
    for (int64_t factor = 2; factor * factor <= number; ++factor)
      if (number % factor == 0)
        return false;
    return true;
  }

  std::string describe(int64_t value,
                       llvm::SmallSetVector<Operation *, 2> &origins) const {
    auto called = [&](const Named &named) {
      if (named.origin)
        origins.insert(named.origin);
      return named.name;
    };
    if (auto found = names.find(value); found != names.end())
      return called(found->second);
    const std::pair<int64_t, Named> *factor = nullptr;
    for (const auto &known : names)
      if (value >= smallest && value % known.first == 0 &&
          (!factor || factor->first < known.first))
        factor = &known;
    if (factor)
      return llvm::formatv("{0} * {1}", value / factor->first,
                           called(factor->second))
          .str();
    return std::to_string(value);
  }

  llvm::MapVector<int64_t, Named> names;
};

/// Runs type inference on a step whose open extents have numbers. What fits for
/// all numbers fits for these, and what fits for these does for all.
class StepInstance {
public:
  explicit StepInstance(func::FuncOp function)
      : function(function), events(standIns.make("rows(events)")) {
    standIns.name(countOf(StepCount::Pairs), "rows(pairs)");
    standIns.name(countOf(StepCount::Targets), "rows(targets)");
  }

  LogicalResult verify() {
    Operation *failing = nullptr;
    std::string message;
    {
      // Its errors have numbers that nobody knows; and while types are
      // instances, no op must be printed.
      ScopedDiagnosticHandler handler(function.getContext(),
                                      [&](Diagnostic &diagnostic) {
                                        message = diagnostic.str();
                                        return success();
                                      });
      for (Operation &op : function.getBody().front())
        if (failed(instantiate(&op))) {
          failing = &op;
          break;
        }
    }
    for (auto [value, type] : openTypes)
      value.setType(type);
    if (!failing)
      return success();
    llvm::SmallSetVector<Operation *, 2> origins;
    StringRef text = message;
    text.consume_front(
        ("'" + failing->getName().getStringRef() + "' op ").str());
    InFlightDiagnostic error =
        failing->emitOpError(standIns.describe(text, origins));
    for (Operation *origin : origins)
      error.attachNote(origin->getLoc()) << "the " << origin->getName();
    return error;
  }

private:
  //===--------------------------------------------------------------------===//
  // Extents
  //===--------------------------------------------------------------------===//

  /// Of a training or evaluation step: as many negatives as events. Steps of
  /// other kinds have other numbers of targets and pairs, but none that relates
  /// them to each other.
  int64_t countOf(StepCount count) const {
    switch (count) {
    case StepCount::Events:
    case StepCount::Negatives:
      return events;
    case StepCount::Pairs:
      return 2 * events;
    case StepCount::Targets:
      return 3 * events;
    }
    llvm_unreachable("not a count");
  }

  /// The rows of a buffer of the runtime.
  int64_t rowsOf(StringRef binding) {
    StringRef kind = binding.split(':').first;
    std::string name = ("rows(\"" + binding + "\")").str();
    if (binding == "features:node" || kind == "state" || kind == "message")
      name = "rows(the stream's nodes)";
    else if (binding == "features:edge")
      name = "rows(the stream's events)";
    int64_t &rows = bindings[name];
    if (!rows)
      rows = standIns.make(name);
    return rows;
  }

  /// What `source` says that an extent is equal to.
  int64_t extentOf(const ExtentSource &source) {
    if (!source.handle) {
      std::optional<StepCount> count = parseStepCount(source.of);
      return count ? countOf(*count) : rowsOf(source.of);
    }
    int64_t sum = 0;
    for (StringRef term : llvm::split(source.of, " + "))
      sum += extentOf(source.handle, term);
    return sum;
  }

  /// The extent `name` of the tables of `handle`.
  int64_t extentOf(Value handle, StringRef name) {
    int64_t known = getHandleExtent(handle, name);
    if (!ShapedType::isDynamic(known))
      return known;
    if (name == "offsets")
      return extentOf(handle, "rows") + 1;
    if (name == "places")
      return extentOf(handle, "neighbours") + 1;
    auto work = handle.getDefiningOp<IndexWorkOpInterface>();
    std::pair key(handle.getAsOpaquePointer(), name.str());
    auto [found, isNew] = extents.try_emplace(key);
    if (!isNew)
      return found->second;
    int64_t extent = 0;
    if (work)
      for (const ExtentSource &source : work.getExtentSources())
        if (source.name == name && !extent)
          extent = extentOf(source);
    if (!extent)
      extent =
          work ? standIns.make(
                     name + "(" + work->getName().getStringRef() + ")", work)
               : standIns.make(name + "(an argument)");
    return extents[key] = extent;
  }

  /// What the values of a table are below; nothing where they are no numbers of
  /// things.
  std::optional<int64_t> boundOf(Value handle, const TableDescription &table) {
    StringRef name = table.indexed;
    int64_t number = 0;
    if (name.empty())
      return std::nullopt;
    if (!name.getAsInteger(10, number))
      return number;
    if (name == "nodes")
      return rowsOf("features:node");
    if (name == "events")
      return rowsOf("features:edge");
    if (auto work = handle.getDefiningOp<IndexWorkOpInterface>())
      for (const ExtentSource &source : work.getExtentSources())
        if (source.name == name)
          return extentOf(source);
    if (std::optional<StepCount> count = parseStepCount(name))
      return countOf(*count);
    return extentOf(handle, name);
  }

  //===--------------------------------------------------------------------===//
  // Ops
  //===--------------------------------------------------------------------===//

  void setType(Value value, Type type) {
    openTypes.emplace_back(value, value.getType());
    value.setType(type);
  }

  LogicalResult instantiate(Operation *op) {
    return TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](IndexWorkOpInterface work) { return checkSources(work); })
        .Case([&](TableOp table) {
          instantiateTable(table);
          return success();
        })
        .Case([&](ReadOp read) {
          auto type = dyn_cast<RankedTensorType>(read.getValue().getType());
          if (type && type.getRank() > 0 && type.isDynamicDim(0))
            setType(read.getValue(), withRows(type, rowsOf(read.getBinding())));
          return success();
        })
        .Case([&](WriteOp write) { return checkWrite(write); })
        .Case([&](OutputOp output) { return checkOutput(output); })
        .Case([&](InferTypeOpInterface inferable) { return infer(inferable); })
        .Default(success());
  }

  static RankedTensorType withRows(RankedTensorType type, int64_t rows) {
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = rows;
    return type.clone(shape);
  }

  LogicalResult checkSources(IndexWorkOpInterface work) {
    llvm::StringMap<int64_t> seen;
    for (const ExtentSource &source : work.getExtentSources()) {
      int64_t extent = extentOf(source);
      auto [found, isNew] = seen.try_emplace(source.name, extent);
      if (found->second != extent)
        return work->emitOpError("takes ") << found->second << " and " << extent
                                           << ", which must be as many";
    }
    return success();
  }

  void instantiateTable(TableOp table) {
    Value handle = table.getHandle(), values = table.getValues();
    const TableDescription &description =
        *findTable(handle, table.getComponent());
    SmallVector<int64_t> shape =
        llvm::map_to_vector(description.getExtents(), [&](StringRef name) {
          return extentOf(handle, name);
        });
    setType(values, cast<RankedTensorType>(values.getType()).clone(shape));
    if (std::optional<int64_t> bound = boundOf(handle, description))
      bounds[values] = *bound;
  }

  LogicalResult infer(InferTypeOpInterface op) {
    // Of rows that nobody knows, nobody knows whether there are so many.
    if (auto slice = dyn_cast<SliceOp>(*op)) {
      int64_t extent = shapeOf(slice.getInput())[slice.getDimension()];
      if (extent >= StandIns::smallest)
        return op->emitOpError("takes a range of ")
               << extent << ", which may be fewer";
    }
    SmallVector<Type> types;
    if (failed(op.inferReturnTypes(
            op->getContext(), op->getLoc(), op->getOperands(),
            op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
            op->getRegions(), types)))
      return failure();
    for (auto [result, type] : llvm::zip_equal(op->getResults(), types))
      setType(result, type);
    passBounds(op);
    return checkIndices(op);
  }

  /// Indices may be moved about before they are used.
  void passBounds(Operation *op) {
    if (!isa<GatherOp, ReshapeOp, SliceOp, TransposeOp, StopGradientOp,
             BroadcastRowsOp>(op))
      return;
    if (auto found = bounds.find(op->getOperand(0)); found != bounds.end())
      bounds[op->getResult(0)] = int64_t(found->second);
  }

  LogicalResult checkIndices(Operation *op) {
    return TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](GatherOp gather) {
          return checkIndex(op, gather.getInputs()[1], gather.getInputs()[0]);
        })
        .Case([&](ReplaceRowsOp replace) {
          return checkIndex(op, replace.getInputs()[1], replace.getInputs()[0]);
        })
        .Case([&](MeanRowsOp mean) {
          return checkIndex(op, mean.getInputs()[2], mean.getInputs()[0]);
        })
        .Case<AttendOp, AttendGradOp>([&](auto attend) {
          ValueRange pairs =
              attend.getInputs().drop_front(attend.getFirstTable());
          for (size_t at = 0; at != pairs.size(); at += 2)
            if (failed(checkIndex(op, pairs[at + 1], pairs[at])))
              return failure();
          return success();
        })
        .Case<MaskTokensOp, MeanTokensOp>([&](auto tokens) {
          return checkCounts(op, tokens.getInputs().drop_front(),
                             shapeOf(tokens.getInputs()[0])[1]);
        })
        .Case([&](NeighbourSoftmaxOp softmax) {
          return checkCounts(op, softmax.getInputs().drop_front(),
                             shapeOf(softmax.getInputs()[0])[2]);
        })
        .Case([&](TemporalAttentionOp attention) {
          return checkCounts(op, attention.getCounts(),
                             shapeOf(attention.getKey())[1]);
        })
        .Case([&](TokenAttentionOp attention) {
          return attention.getCounts()
                     ? checkCounts(op, attention.getCounts(),
                                   shapeOf(attention.getKey())[1])
                     : success();
        })
        .Default(success());
  }

  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  }

  static bool differ(int64_t a, int64_t b) {
    return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b) && a != b;
  }

  /// That values of `index` are rows of `table`. Those of an argument may be
  /// anything.
  LogicalResult checkIndex(Operation *op, Value index, Value table) {
    int64_t rows = shapeOf(table)[0];
    auto found = bounds.find(index);
    if (found == bounds.end()) {
      if (isa<BlockArgument>(index))
        return success();
      return op->emitOpError("has an index that numbers no rows of a table");
    }
    bool fits = found->second == rows ||
                (found->second < rows && rows < StandIns::smallest);
    if (fits || ShapedType::isDynamic(rows))
      return success();
    return op->emitOpError("has an index of ")
           << found->second << " into a table of " << rows;
  }

  /// That no count is above `tokens`.
  LogicalResult checkCounts(Operation *op, ValueRange counts, int64_t tokens) {
    for (Value each : counts) {
      auto found = bounds.find(each);
      if (found == bounds.end() && !isa<BlockArgument>(each))
        return op->emitOpError("has counts that are no numbers of places");
      if (found != bounds.end() && found->second > tokens)
        return op->emitOpError("has counts of up to ")
               << found->second << " places, but " << tokens << " tokens";
    }
    return success();
  }

  LogicalResult checkWrite(WriteOp write) {
    auto type = cast<RankedTensorType>(write.getValue().getType());
    if (!write.getRows())
      return success();
    auto rows = cast<RankedTensorType>(write.getRows().getType());
    if (differ(rows.getDimSize(0), type.getDimSize(0)))
      return write.emitOpError("writes ")
             << type.getDimSize(0) << " to " << rows.getDimSize(0);
    auto found = bounds.find(write.getRows());
    int64_t all = rowsOf(write.getBinding());
    if (found != bounds.end() && found->second != all)
      return write.emitOpError("has an index of ")
             << found->second << " into a table of " << all;
    return success();
  }

  LogicalResult checkOutput(OutputOp output) {
    auto type = cast<RankedTensorType>(output.getValue().getType());
    if (type.getRank() == 0 ||
        (!output.getRows() && output.getTables().empty()))
      return success();
    int64_t rows = 0;
    if (std::optional<DictionaryAttr> counts = output.getRows())
      for (NamedAttribute term : *counts)
        rows += countOf(*parseStepCount(term.getName().strref())) *
                cast<IntegerAttr>(term.getValue()).getInt();
    for (Value table : output.getTables()) {
      if (ShapedType::isDynamic(shapeOf(table)[0]))
        return success();
      rows += shapeOf(table)[0];
    }
    if (differ(rows, type.getDimSize(0)))
      return output.emitOpError("is of ")
             << rows << ", but its value of " << type.getDimSize(0);
    return success();
  }

  func::FuncOp function;
  StandIns standIns;
  int64_t events;
  std::map<std::string, int64_t> bindings;
  std::map<std::pair<void *, std::string>, int64_t> extents;
  /// What the values of an index are below.
  llvm::DenseMap<Value, int64_t> bounds;
  SmallVector<std::pair<Value, Type>> openTypes;
};

struct VerifyRowsPass : orcinus::impl::VerifyRowsBase<VerifyRowsPass> {
  using VerifyRowsBase::VerifyRowsBase;

  void runOnOperation() override {
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration() &&
          !function.getBody().getOps<TargetsOp>().empty() &&
          failed(StepInstance(function).verify()))
        return signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace
