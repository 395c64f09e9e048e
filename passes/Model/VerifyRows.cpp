//===- VerifyRows.cpp - Check the extents that only the runtime knows -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "lib/Support/StepCount.h"
#include "orcinus/Support/CounterRng.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <map>

namespace orcinus {
#define GEN_PASS_DEF_VERIFYROWS
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// Numbers that stand for extents which only the runtime knows, far above those
/// that a model can have. Two that are made of them are equal if they are the
/// same sum and product, and a sum has no factor that its terms lack, at least
/// in some of several rounds: in round 0 the numbers are primes, in the others
/// each is odd in rounds of its own.
class StandIns {
public:
  static constexpr int64_t smallest = int64_t(1) << 31;
  static constexpr unsigned rounds = 9;

  explicit StandIns(unsigned round) : round(round) {}

  static bool isOne(int64_t extent) { return extent >= smallest; }

  /// A new one for what `name` says, which `origin` makes.
  int64_t make(const Twine &name, Operation *origin = nullptr) {
    uint64_t count = names.size() + 1;
    auto value = smallest + static_cast<int64_t>(
                                randomBits(round, randomStream("rows"), count) %
                                (1 << 24));
    if (round != 0)
      value = (value & ~int64_t(1)) | (count >> (round - 1) & 1);
    while (names.contains(value) || (round == 0 && !isPrime(value)))
      value += 2 - (round == 0);
    names[value] = {name.str(), origin};
    return value;
  }

  /// `text` with extents by their names, and who makes these.
  std::string describe(StringRef text,
                       llvm::SmallSetVector<Operation *, 2> &origins) const {
    std::string result;
    while (!text.empty()) {
      StringRef digits = text.take_while(llvm::isDigit);
      int64_t value = 0;
      if (digits.empty())
        result += text.front();
      else
        result += digits.getAsInteger(10, value) ? digits.str()
                                                 : describe(value, origins);
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

  /// A multiple of a known one; nothing where it is none.
  std::optional<std::pair<int64_t, const Named *>>
  multipleOf(int64_t value) const {
    if (auto found = names.find(value); found != names.end())
      return std::pair(int64_t(1), &found->second);
    for (const auto &[known, named] : names)
      if (isOne(value) && value % known == 0)
        return std::pair(value / known, &named);
    return std::nullopt;
  }

  std::string describe(int64_t value,
                       llvm::SmallSetVector<Operation *, 2> &origins) const {
    auto text = [&](std::pair<int64_t, const Named *> multiple) {
      auto [factor, named] = multiple;
      if (named->origin)
        origins.insert(named->origin);
      return factor == 1
                 ? named->name
                 : llvm::formatv("{0} * {1}", factor, named->name).str();
    };
    if (auto multiple = multipleOf(value))
      return text(*multiple);
    // A sum of two, or one more, as offsets are.
    for (const auto &[known, named] : names) {
      auto other = multipleOf(value - known);
      if (value - known == 1)
        return text({1, &named}) + " + 1";
      if (other)
        return text({1, &named}) + " + " + text(*other);
    }
    return std::to_string(value);
  }

  unsigned round;
  llvm::MapVector<int64_t, Named> names;
};

/// Runs type inference on a step whose open extents have numbers.
class StepInstance {
public:
  StepInstance(func::FuncOp function, unsigned round)
      : function(function), standIns(round) {
    for (StringRef name : stepCountNames)
      counts[name] = standIns.make("rows(" + name + ")");
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
    for (auto [value, type] : llvm::reverse(openTypes))
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
  /// What is not known of a value, such as an argument's.
  static constexpr int64_t unknown = ShapedType::kDynamic;

  //===--------------------------------------------------------------------===//
  // Extents
  //===--------------------------------------------------------------------===//

  /// Whether its targets are asked for (docs/abi.md): nothing relates them to
  /// pairs, as it does those of a batch.
  bool isAsked() {
    StringRef name = function.getSymName();
    return name.starts_with("embed") || name == "score" || name == "advance";
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
    if (source.handle)
      return sumOf(source.of, [&](StringRef name) {
        return extentOf(source.handle, name);
      });
    auto count = counts.find(source.of);
    return count == counts.end() ? rowsOf(source.of) : count->second;
  }

  /// The value of a sum of products of numbers and names; unknown where one is.
  int64_t sumOf(StringRef text, function_ref<int64_t(StringRef)> valueOf) {
    int64_t sum = 0;
    for (StringRef term : llvm::split(text, " + ")) {
      int64_t product = 1;
      for (StringRef factor : llvm::split(term, " * ")) {
        int64_t value = 0;
        if (factor.getAsInteger(10, value))
          value = valueOf(factor);
        if (value == unknown || llvm::MulOverflow(product, value, product))
          return unknown;
      }
      if (llvm::AddOverflow(sum, product, sum))
        return unknown;
    }
    return sum;
  }

  /// The extent `name` of the tables of `handle`.
  int64_t extentOf(Value handle, StringRef name) {
    int64_t known = getHandleExtent(handle, name);
    auto work = handle.getDefiningOp<IndexWorkOpInterface>();
    if (!ShapedType::isDynamic(known) || !work)
      return known;
    if (name == "offsets" || name == "places")
      return sumOf(name == "offsets" ? "rows + 1" : "neighbours + 1",
                   [&](StringRef other) { return extentOf(handle, other); });
    std::pair key(handle.getAsOpaquePointer(), name.str());
    auto [found, isNew] = extents.try_emplace(key, unknown);
    if (!isNew)
      return found->second;
    for (const ExtentSource &source : work.getExtentSources())
      if (source.name == name)
        return extents[key] = extentOf(source);
    return extents[key] = standIns.make(
               name + "(" + work->getName().getStringRef() + ")", work);
  }

  /// What the values of a table are below; nothing where they index nothing.
  std::optional<int64_t> boundOf(Value handle, const TableDescription &table) {
    if (table.below.empty())
      return std::nullopt;
    return sumOf(table.below, [&](StringRef name) {
      if (name == "nodes")
        return rowsOf("features:node");
      if (name == "events")
        return rowsOf("features:edge");
      auto count = counts.find(name);
      bool isCount =
          count != counts.end() && handle.getDefiningOp<IndexWorkOpInterface>();
      return isCount ? count->second : extentOf(handle, name);
    });
  }

  //===--------------------------------------------------------------------===//
  // Ops
  //===--------------------------------------------------------------------===//

  void setType(Value value, Type type) {
    openTypes.emplace_back(value, value.getType());
    value.setType(type);
  }

  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<ShapedType>(value.getType()).getShape();
  }

  static bool differ(int64_t a, int64_t b) {
    return a != unknown && b != unknown && a != b;
  }

  /// The product of all extents but the last `columns`.
  static int64_t positionsOf(Value value, unsigned columns) {
    int64_t product = 1;
    for (int64_t extent : shapeOf(value).drop_back(columns))
      if (extent == unknown || llvm::MulOverflow(product, extent, product))
        return unknown;
    return product;
  }

  LogicalResult instantiate(Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>()) {
      noteConstant(op);
      return success();
    }
    return TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](IndexWorkOpInterface work) { return checkSources(work); })
        .Case([&](TableOp table) { return instantiateTable(table); })
        .Case([&](ReadOp read) {
          auto type = dyn_cast<RankedTensorType>(read.getValue().getType());
          if (type && type.getRank() > 0 && type.isDynamicDim(0))
            setType(read.getValue(), withRows(type, rowsOf(read.getBinding())));
          return success();
        })
        .Case([&](WriteOp write) { return checkWrite(write); })
        .Case([&](OutputOp output) { return checkOutput(output); })
        .Case([&](AllGatherOp gather) { return checkGathered(gather); })
        .Case([&](InferTypeOpInterface inferable) {
          // Kernels on buffers have no results.
          return isa<TGNNDialect>(op->getDialect())
                     ? op->getNumResults() != 0 ? infer(inferable) : success()
                     : checkOther(op);
        })
        .Default([&](Operation *other) { return checkOther(other); });
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
      if (differ(found->second, extent))
        return work->emitOpError("takes ") << found->second << " and " << extent
                                           << ", which must be as many";
    }
    return success();
  }

  LogicalResult instantiateTable(TableOp table) {
    Value handle = table.getHandle(), values = table.getValues();
    if (isAsked() && handle.getDefiningOp<PairsOp>() &&
        table.getComponent() == "labels")
      return table.emitOpError("is of a batch's labels, which '")
             << function.getSymName() << "' has not";
    const TableDescription &description =
        *findTable(handle, table.getComponent());
    SmallVector<int64_t> shape =
        llvm::map_to_vector(description.getExtents(), [&](StringRef name) {
          return extentOf(handle, name);
        });
    setType(values, cast<RankedTensorType>(values.getType()).clone(shape));
    if (std::optional<int64_t> bound = boundOf(handle, description))
      bounds[values] = *bound;
    if (description.isDistinct)
      distinct.insert(values);
    return success();
  }

  /// Nobody knows what an op of another dialect makes of open extents.
  LogicalResult checkOther(Operation *op) {
    auto isOpen = [](Value value) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      return type && llvm::any_of(type.getShape(), [](int64_t extent) {
               return extent == unknown || StandIns::isOne(extent);
             });
    };
    if (isa<TGNNDialect>(op->getDialect()))
      return success();
    if (op->getNumRegions() != 0 || llvm::any_of(op->getOperands(), isOpen) ||
        llvm::any_of(op->getResults(), isOpen))
      return op->emitOpError(
          "is of another dialect: in a step, tensors of open "
          "extents are made by ops of tgnn alone");
    return success();
  }

  void noteConstant(Operation *op) {
    DenseIntElementsAttr elements;
    if (!matchPattern(op, m_Constant(&elements)) ||
        !elements.getElementType().isSignlessInteger(32))
      return;
    int64_t &bound = bounds[op->getResult(0)];
    for (int32_t element : elements.getValues<int32_t>())
      bound = std::max<int64_t>(bound, static_cast<uint32_t>(element) + 1ll);
  }

  LogicalResult infer(InferTypeOpInterface op) {
    SmallVector<Type> types;
    if (auto pairs = dyn_cast<LinkPairsOp>(*op)) {
      if (failed(checkPairs(op, pairs.getEmbeddings(), "targets")))
        return failure();
      types.append(
          2, withRows(cast<RankedTensorType>(pairs.getEmbeddings().getType()),
                      counts["pairs"]));
    } else if (auto pairs = dyn_cast<LinkPairsGradOp>(*op)) {
      if (failed(checkPairs(op, pairs.getSources(), "pairs")) ||
          failed(checkPairs(op, pairs.getDestinations(), "pairs")))
        return failure();
      types.push_back(
          withRows(cast<RankedTensorType>(pairs.getSources().getType()),
                   counts["targets"]));
    } else if (failed(checkRange(op)) ||
               failed(op.inferReturnTypes(
                   op->getContext(), op->getLoc(), op->getOperands(),
                   op->getDiscardableAttrDictionary(),
                   op->getPropertiesStorage(), op->getRegions(), types))) {
      return failure();
    }
    for (auto [result, type] : llvm::zip_equal(op->getResults(), types))
      setType(result, type);
    passBounds(op);
    return checkIndices(op);
  }

  /// That `value` has a row for each `count`, in a step of a batch.
  LogicalResult checkPairs(Operation *op, Value value, StringRef count) {
    if (isAsked())
      return op->emitOpError("pairs what a batch has, but '")
             << function.getSymName() << "' has what is asked for";
    if (differ(shapeOf(value)[0], counts[count]))
      return op->emitOpError("needs ")
             << counts[count] << ", has " << shapeOf(value)[0];
    return success();
  }

  /// Of rows that nobody knows, nobody knows whether there are so many.
  LogicalResult checkRange(Operation *op) {
    Value input;
    int64_t dimension = 0;
    if (auto slice = dyn_cast<SliceOp>(op)) {
      input = slice.getInput();
      dimension = slice.getDimension();
    } else if (auto pad = dyn_cast<PadOp>(op)) {
      input = pad.getInput();
      dimension = pad.getDimension();
    } else if (auto first = dyn_cast<FirstRowsOp>(op);
               first && !StandIns::isOne(shapeOf(first.getLike())[0])) {
      input = first.getInput();
    }
    if (input && StandIns::isOne(shapeOf(input)[dimension]))
      return op->emitOpError("takes a range of ")
             << shapeOf(input)[dimension] << ", which may be another number";
    return success();
  }

  /// Indices may be moved about before they are used.
  void passBounds(Operation *op) {
    if (op->getNumResults() != 1 || op->getNumOperands() == 0)
      return;
    Value result = op->getResult(0);
    if (isa<ZerosOp>(op))
      bounds[result] = 1;
    SmallVector<Value> moved(op->getOperands().take_front(1));
    if (isa<ConcatOp, ConcatRowsOp>(op))
      moved.assign(op->operand_begin(), op->operand_end());
    else if (isa<ReplaceRowsOp>(op))
      moved.push_back(op->getOperand(2));
    else if (!isa<GatherOp, ReshapeOp, SliceOp, TransposeOp, StopGradientOp,
                  BroadcastRowsOp, FirstRowsOp>(op))
      return;
    std::optional<int64_t> bound = boundOf(moved.front());
    if (bound &&
        llvm::all_of(moved, [&](Value each) { return boundOf(each) == bound; }))
      bounds[result] = *bound;
  }

  /// What the values of an index are below; nothing where they are no index.
  std::optional<int64_t> boundOf(Value index) const {
    if (isa<BlockArgument>(index))
      return unknown;
    auto found = bounds.find(index);
    return found == bounds.end() ? std::nullopt : std::optional(found->second);
  }

  //===--------------------------------------------------------------------===//
  // Indices
  //===--------------------------------------------------------------------===//

  LogicalResult checkIndices(Operation *op) {
    return TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](GatherOp gather) {
          ValueRange inputs = gather.getInputs();
          return checkIndex(op, inputs[1], shapeOf(inputs[0])[0]);
        })
        .Case([&](GatherGradOp gather) {
          ValueRange inputs = gather.getInputs();
          return checkInverse(op, inputs[1], inputs[2],
                              positionsOf(inputs[0], /*columns=*/1));
        })
        .Case([&](MeanRowsOp mean) {
          ValueRange inputs = mean.getInputs();
          return checkInverse(op, inputs[1], inputs[2], shapeOf(inputs[0])[0]);
        })
        .Case([&](ReplaceRowsOp replace) {
          ValueRange inputs = replace.getInputs();
          return failure(
              failed(checkIndex(op, inputs[1], shapeOf(inputs[0])[0])) ||
              failed(checkDistinct(op, inputs[1])));
        })
        .Case([&](AttendOp attend) {
          SmallVector<Value> inputs(attend.getInputs());
          if (attend.getIndexed()) {
            auto *index = inputs.begin() + AttendOp::indexPosition;
            if (failed(checkIndex(op, *index, shapeOf(inputs[0])[0])))
              return failure();
            inputs.erase(index);
          }
          return checkAttend(op, inputs, attend.getTime());
        })
        .Case([&](AttendGradOp attend) {
          return checkAttend(op, attend.getInputs().drop_front(2),
                             attend.getTime());
        })
        .Case([&](AttendTableGradOp attend) {
          ValueRange inputs = attend.getInputs();
          int64_t queries = shapeOf(inputs[2])[0], k = shapeOf(inputs[2])[2];
          return checkInverse(op, inputs[4], inputs[5],
                              queries == unknown || k == unknown ? unknown
                                                                 : queries * k);
        })
        .Case([&](AttendTimeGradOp attend) {
          ValueRange inputs = attend.getInputs();
          return checkCounts(op, inputs[4], shapeOf(inputs[5])[1]);
        })
        .Case<MaskTokensOp, MeanTokensOp>([&](auto tokens) {
          return checkCounts(op, tokens.getInputs().drop_front(),
                             shapeOf(tokens.getInputs()[0])[1]);
        })
        .Case([&](MeanTokensGradOp tokens) {
          return checkCounts(op, tokens.getInputs().drop_front(),
                             tokens.getTokens());
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

  /// Of attend's inputs from u on: the counts, and each table's index.
  LogicalResult checkAttend(Operation *op, ValueRange inputs, bool hasTime) {
    ValueRange pairs = inputs.drop_front(hasTime ? 6 : 3);
    for (size_t at = 0; at != pairs.size(); at += 2)
      if (failed(checkIndex(op, pairs[at + 1], shapeOf(pairs[at])[0])))
        return failure();
    Value neighbours = hasTime ? inputs[3] : pairs.empty() ? Value() : pairs[1];
    return neighbours ? checkCounts(op, inputs[1], shapeOf(neighbours)[1])
                      : success();
  }

  /// That values of `index` are rows of a table of `rows`.
  LogicalResult checkIndex(Operation *op, Value index, int64_t rows) {
    std::optional<int64_t> bound = boundOf(index);
    if (!bound)
      return op->emitOpError("has an index that numbers no rows of a table");
    bool fits = *bound == rows || *bound == unknown || rows == unknown ||
                (*bound < rows && !StandIns::isOne(rows));
    return fits ? success()
                : op->emitOpError("has an index below ")
                      << *bound << " into a table of " << rows;
  }

  LogicalResult checkDistinct(Operation *op, Value rows) {
    if (isa<BlockArgument>(rows) || distinct.contains(rows))
      return success();
    return op->emitOpError("has rows that may be there twice");
  }

  /// That `references` are of a gradient's or value's `positions`, and that
  /// `offsets` are theirs.
  LogicalResult checkInverse(Operation *op, Value offsets, Value references,
                             int64_t positions) {
    if (isa<BlockArgument>(offsets) || isa<BlockArgument>(references))
      return success();
    auto begins = offsets.getDefiningOp<TableOp>(),
         listed = references.getDefiningOp<TableOp>();
    StringRef wanted;
    if (begins)
      wanted = llvm::StringSwitch<StringRef>(begins.getComponent())
                   .Case("self_offsets", "self_references")
                   .Case("reference_offsets", "references")
                   .Default("");
    if (!listed || wanted.empty() || begins.getHandle() != listed.getHandle() ||
        listed.getComponent() != wanted)
      return op->emitOpError("needs a table's offsets and the references that "
                             "they are of");
    return checkIndex(op, references, positions);
  }

  /// That no count is above `tokens`.
  LogicalResult checkCounts(Operation *op, ValueRange each, int64_t tokens) {
    for (Value counted : each) {
      std::optional<int64_t> bound = boundOf(counted);
      if (!bound)
        return op->emitOpError("has counts that are no numbers of places");
      if (*bound != unknown && tokens != unknown && *bound - 1 > tokens)
        return op->emitOpError("has counts of up to ")
               << *bound - 1 << " places, but " << tokens << " tokens";
    }
    return success();
  }

  LogicalResult checkWrite(WriteOp write) {
    auto type = cast<RankedTensorType>(write.getValue().getType());
    Value rows = write.getRows();
    if (!rows) {
      // A gradient's type is its parameter's.
      bool isOpen = write.getBinding().split(':').first != "gradient";
      if (isOpen && type.getRank() > 0 &&
          differ(type.getDimSize(0), rowsOf(write.getBinding())))
        return write.emitOpError("has ")
               << type.getDimSize(0) << " for " << rowsOf(write.getBinding());
      return success();
    }
    if (differ(shapeOf(rows)[0], type.getDimSize(0)))
      return write.emitOpError("writes ")
             << type.getDimSize(0) << " to " << shapeOf(rows)[0];
    return failure(
        failed(checkIndex(write, rows, rowsOf(write.getBinding()))) ||
        failed(checkDistinct(write, rows)));
  }

  LogicalResult checkOutput(OutputOp output) {
    auto type = cast<RankedTensorType>(output.getValue().getType());
    if (type.getRank() == 0 ||
        (!output.getRows() && output.getTables().empty()))
      return success();
    int64_t rows = 0;
    if (std::optional<DictionaryAttr> given = output.getRows())
      for (NamedAttribute term : *given)
        rows += counts[term.getName().strref()] *
                cast<IntegerAttr>(term.getValue()).getInt();
    for (Value table : output.getTables()) {
      if (shapeOf(table)[0] == unknown)
        return success();
      rows += shapeOf(table)[0];
    }
    if (differ(rows, type.getDimSize(0)))
      return output.emitOpError("is of ")
             << rows << ", but its value of " << type.getDimSize(0);
    return success();
  }

  LogicalResult checkGathered(AllGatherOp gather) {
    int64_t rows = shapeOf(gather.getTable())[0];
    int64_t has =
        cast<RankedTensorType>(gather.getValue().getType()).getDimSize(0);
    if (rows != unknown && differ(rows, has))
      return gather.emitOpError("is of ")
             << rows << ", but its value of " << has;
    return success();
  }

  func::FuncOp function;
  StandIns standIns;
  /// By name: what docs/abi.md says that a step counts.
  llvm::StringMap<int64_t> counts;
  std::map<std::string, int64_t> bindings;
  std::map<std::pair<void *, std::string>, int64_t> extents;
  /// What the values of an index are below, and whether none is there twice.
  llvm::DenseMap<Value, int64_t> bounds;
  llvm::DenseSet<Value> distinct;
  SmallVector<std::pair<Value, Type>> openTypes;
};

struct VerifyRowsPass : orcinus::impl::VerifyRowsBase<VerifyRowsPass> {
  using VerifyRowsBase::VerifyRowsBase;

  void runOnOperation() override {
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration() &&
          !function.getBody().getOps<TargetsOp>().empty() &&
          failed(verify(function)))
        return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  static LogicalResult verify(func::FuncOp step) {
    if (!step.getBody().hasOneBlock())
      return step.emitOpError("is a step, which has one block");
    for (unsigned round = 0; round != StandIns::rounds; ++round)
      if (failed(StepInstance(step, round).verify()))
        return failure();
    return success();
  }
};

} // namespace
