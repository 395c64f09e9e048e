//===- SplitPrepare.cpp - Separate index work from dense work -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace orcinus {
#define GEN_PASS_DEF_SPLITPREPARE
#include "passes/Model/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

namespace {

/// The runtime's functions, declared where they are first called.
class RuntimeCalls {
public:
  explicit RuntimeCalls(ModuleOp module) : module(module) {}

  func::CallOp call(OpBuilder &builder, Location location, StringRef name,
                    Value step, ArrayRef<int64_t> constants,
                    TypeRange results = {}) {
    SmallVector<Value> operands{step};
    for (int64_t value : constants)
      operands.push_back(arith::ConstantIntOp::create(
          builder, location, builder.getI32Type(), value));
    // A wrapper of C's calling convention takes the name of what it calls.
    bool isWrapped = llvm::any_of(results, llvm::IsaPred<MemRefType>);
    if (isWrapped)
      name.consume_front("orcinus_rt_");
    declare(builder, location, name, ValueRange(operands).getTypes(), results,
            isWrapped);
    return func::CallOp::create(builder, location, name, results, operands);
  }

private:
  void declare(OpBuilder &builder, Location location, StringRef name,
               TypeRange types, TypeRange results, bool isWrapped) {
    if (module.lookupSymbol(name))
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto function = func::FuncOp::create(
        builder, location, name, builder.getFunctionType(types, results));
    function.setPrivate();
    // C code returns a descriptor through a pointer.
    if (isWrapped)
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        builder.getUnitAttr());
  }

  ModuleOp module;
};

/// Splits one step function.
class Splitter {
public:
  Splitter(func::FuncOp function, RuntimeCalls &runtime,
           const llvm::StringMap<int64_t> &numbers)
      : function(function), runtime(runtime), numbers(numbers),
        name(function.getSymName()) {}

  void split() {
    // What reads no table needs none to be prepared.
    if (!function.getBody().getOps<TargetsOp>().empty())
      buildPrepare();
    function.setSymName(name + "_step");
    for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
      lowerDenseAccess(&op);
    for (Operation *op : llvm::reverse(indexWork))
      op->erase();
  }

private:
  //===--------------------------------------------------------------------===//
  // Index work
  //===--------------------------------------------------------------------===//

  void buildPrepare() {
    OpBuilder builder(function);
    Location location = function.getLoc();
    auto pointer = LLVM::LLVMPointerType::get(function.getContext());
    auto prepare = func::FuncOp::create(builder, location, name + "_prepare",
                                        builder.getFunctionType({pointer}, {}));
    builder.setInsertionPointToStart(prepare.addEntryBlock());
    step = prepare.getArgument(0);
    for (Operation &op : function.getBody().front())
      lowerIndexWork(builder, &op);
    func::ReturnOp::create(builder, location);
  }

  int64_t handleOf(Value value) {
    return handles.try_emplace(value, handles.size()).first->second;
  }

  void lowerIndexWork(OpBuilder &builder, Operation *op) {
    // Calls are of index tables: dense work has none yet.
    if (isa<func::CallOp>(op))
      builder.clone(*op, prepared);
    else if (auto work = dyn_cast<IndexWorkOpInterface>(op))
      callRuntime(builder, work);
    else
      return;
    indexWork.push_back(op);
  }

  void callRuntime(OpBuilder &builder, IndexWorkOpInterface work) {
    SmallVector<int64_t> constants;
    SmallVector<Value> returned;
    for (Value operand : work->getOperands())
      constants.push_back(handleOf(operand));
    for (Value result : work->getResults()) {
      if (isa<IndexHandleTypeInterface>(result.getType()))
        constants.push_back(handleOf(result));
      else
        returned.push_back(result);
    }
    constants.append(work.getRuntimeConstants(
        [&](StringRef name) { return numbers.lookup(name); }));
    func::CallOp made =
        runtime.call(builder, work.getLoc(), work.getRuntimeFunction(), step,
                     constants, ValueRange(returned).getTypes());
    prepared.map(returned, made.getResults());
  }

  //===--------------------------------------------------------------------===//
  // Dense work
  //===--------------------------------------------------------------------===//

  /// The argument that is bound to `binding`, added where there is none yet.
  Value argument(const Twine &binding, Type type,
                 const std::string &initializer = "") {
    auto key = StringAttr::get(function.getContext(), binding);
    Value &value = arguments[key];
    if (value)
      return value;
    NamedAttrList attributes;
    attributes.set("tgnn.binding", key);
    if (!initializer.empty())
      attributes.set("tgnn.initializer",
                     StringAttr::get(function.getContext(), initializer));
    return value = addArgument(type, attributes);
  }

  /// Says of a table of rows of nodes, of a mailbox or of a cache which these
  /// are, so that the runtime may number them anew where it has not all of
  /// them.
  void noteRows(TableOp table, Value buffer) {
    const TableDescription *description =
        findTable(table.getHandle(), table.getComponent());
    if (!description)
      return;
    std::string of = description->below.str();
    auto work = table.getHandle().getDefiningOp<IndexWorkOpInterface>();
    if (of != "nodes" && work)
      for (const ExtentSource &source : work.getExtentSources())
        if (source.name == description->below && !source.handle)
          of = source.of;
    if (of == "nodes" || StringRef(of).starts_with("mail:") ||
        StringRef(of).starts_with("cache:"))
      function.setArgAttr(cast<BlockArgument>(buffer).getArgNumber(),
                          "tgnn.rows_of",
                          StringAttr::get(function.getContext(), of));
  }

  Value addArgument(Type type, const NamedAttrList &attributes) {
    unsigned index = function.getNumArguments();
    (void)function.insertArgument(
        index, type, attributes.getDictionary(function.getContext()),
        function.getLoc());
    return function.getArgument(index);
  }

  static MemRefType bufferOf(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    return MemRefType::get(type.getShape(), type.getElementType());
  }

  void replaceByTensor(Operation *op, Value buffer) {
    Value result = op->getResult(0);
    if (isa<RankedTensorType>(result.getType())) {
      OpBuilder builder(op);
      buffer = bufferization::ToTensorOp::create(
          builder, op->getLoc(), result.getType(), buffer, /*restrict=*/true);
    }
    result.replaceAllUsesWith(buffer);
    op->erase();
  }

  void lowerDenseAccess(Operation *op) {
    TypeSwitch<Operation *>(op)
        .Case([&](TableOp table) {
          std::string binding = ("table:" + Twine(handleOf(table.getHandle())) +
                                 "." + table.getComponent())
                                    .str();
          Value buffer = argument(binding, bufferOf(table.getValues()));
          noteRows(table, buffer);
          replaceByTensor(op, buffer);
        })
        .Case([&](ReadOp read) {
          Type type = read.getValue().getType();
          if (isa<RankedTensorType>(type))
            type = bufferOf(read.getValue());
          replaceByTensor(op, argument(read.getBinding(), type));
        })
        .Case([&](ParameterOp parameter) {
          parameterTypes[parameter.getName()] = bufferOf(parameter.getValue());
          replaceByTensor(op, argument("parameter:" + parameter.getName(),
                                       bufferOf(parameter.getValue()),
                                       parameter.getInitializerText()));
        })
        .Case([&](WriteOp write) { lowerWrite(write); })
        .Case([&](OutputOp output) { lowerOutput(output); })
        .Case([&](AllGatherOp gather) { lowerAllGather(gather); })
        .Case([&](AllReduceOp reduce) { lowerAllReduce(reduce); })
        .Case([&](AwaitOp await) { lowerAwait(await); })
        .Case([&](OptimizeOp optimize) { lowerOptimize(optimize); });
  }

  void lowerWrite(WriteOp write) {
    OpBuilder builder(write);
    Location location = write.getLoc();
    if (write.getRows()) {
      auto type = cast<RankedTensorType>(write.getValue().getType());
      SmallVector<int64_t> shape(type.getShape());
      shape.front() = ShapedType::kDynamic;
      Value buffer = argument(write.getBinding(),
                              MemRefType::get(shape, type.getElementType()));
      WriteRowsOp::create(builder, location, write.getValue(), write.getRows(),
                          buffer);
    } else {
      overwrite(builder, location, write.getValue(),
                argument(write.getBinding(), bufferOf(write.getValue())));
    }
    write.erase();
  }

  static void overwrite(OpBuilder &builder, Location location, Value value,
                        Value buffer) {
    auto materialize = bufferization::MaterializeInDestinationOp::create(
        builder, location, value, buffer);
    materialize.setRestrict(true);
    materialize.setWritable(true);
  }

  /// Each output has a buffer of its own, also where several share a role.
  void lowerOutput(OutputOp output) {
    OpBuilder builder(output);
    NamedAttrList attributes;
    attributes.set("tgnn.binding",
                   builder.getStringAttr("output:" + output.getRole()));
    attributes.set("tgnn.extents", extentsOf(builder, output));
    overwrite(builder, output.getLoc(), output.getValue(),
              addArgument(bufferOf(output.getValue()), attributes));
    output.erase();
  }

  /// As Extents.h has them; the rows of a table go by its binding.
  ArrayAttr extentsOf(OpBuilder &builder, OutputOp output) {
    NamedAttrList rows(output.getRows().value_or(DictionaryAttr()));
    for (Value table : output.getTables()) {
      // It is lowered already.
      auto buffer = cast<BlockArgument>(
          table.getDefiningOp<bufferization::ToTensorOp>().getBuffer());
      auto binding = function.getArgAttrOfType<StringAttr>(
          buffer.getArgNumber(), "tgnn.binding");
      auto times = dyn_cast_or_null<IntegerAttr>(rows.get(binding));
      rows.set(binding,
               builder.getI64IntegerAttr(times ? times.getInt() + 1 : 1));
    }
    auto type = cast<RankedTensorType>(output.getValue().getType());
    SmallVector<Attribute> extents;
    for (int64_t extent : type.getShape())
      extents.push_back(ShapedType::isDynamic(extent)
                            ? rows.getDictionary(builder.getContext())
                            : getConstantExtent(builder.getContext(), extent));
    return builder.getArrayAttr(extents);
  }

  /// The runtime takes the rows out of the step once it has ended.
  void lowerAllGather(AllGatherOp gather) {
    OpBuilder builder(gather);
    lowerOutput(OutputOp::create(builder, gather.getLoc(), gather.getValue(),
                                 "kept", DictionaryAttr(), gather.getTable()));
    gather.erase();
  }

  /// Values are added out of the buffers that their sums come to, whose
  /// arguments say which sum they are of.
  void lowerAllReduce(AllReduceOp reduce) {
    if (!isa<RankedTensorType>(reduce.getValues()[0].getType()))
      return;
    OpBuilder builder(reduce);
    SmallVector<Value> buffers;
    for (auto [value, binding] :
         llvm::zip_equal(reduce.getValues(),
                         reduce.getBindings().getAsRange<StringAttr>())) {
      Value buffer = argument(binding.getValue(), bufferOf(value));
      overwrite(builder, reduce.getLoc(), value, buffer);
      function.setArgAttr(cast<BlockArgument>(buffer).getArgNumber(),
                          "tgnn.sum", reduce.getNumberAttr());
      buffers.push_back(buffer);
    }
    AllReduceOp::create(builder, reduce.getLoc(), reduce.getNumberAttr(),
                        buffers, reduce.getBindings());
    reduce.erase();
  }

  void lowerAwait(AwaitOp await) {
    OpBuilder builder(await);
    SmallVector<Value> buffers;
    for (auto binding : await.getBindings().getAsRange<StringAttr>())
      for (ReadOp read : function.getBody().getOps<ReadOp>())
        if (read.getBindingAttr() == binding &&
            isa<RankedTensorType>(read.getValue().getType())) {
          buffers.push_back(
              argument(binding.getValue(), bufferOf(read.getValue())));
          break;
        }
    if (buffers.size() == await.getBindings().size())
      await.getBuffersMutable().assign(buffers);
  }

  void lowerOptimize(OptimizeOp optimize) {
    OpBuilder builder(optimize);
    OptimizerAttr optimizer = optimize.getOptimizer();
    switch (optimizer.getKind()) {
    case OptimizerKind::Adam:
      buildAdaptive<AdamOp>(builder, optimize);
      break;
    case OptimizerKind::AdamW:
      buildAdaptive<AdamWOp>(builder, optimize);
      break;
    case OptimizerKind::Sgd:
      buildSgd(builder, optimize);
      break;
    }
    optimize.erase();
  }

  /// What is bound to `kind` of the parameter that `optimize` updates.
  Value bufferOf(OptimizeOp optimize, StringRef kind) {
    StringRef parameter = optimize.getParameter();
    return argument(kind + ":" + parameter, parameterTypes.lookup(parameter));
  }

  static FloatAttr settingOf(OpBuilder &builder, OptimizeOp optimize,
                             StringRef name) {
    return builder.getF64FloatAttr(optimize.getOptimizer().getSetting(name));
  }

  template <typename AdaptiveOp>
  void buildAdaptive(OpBuilder &builder, OptimizeOp optimize) {
    auto setting = [&](StringRef name) {
      return settingOf(builder, optimize, name);
    };
    Value parameter = bufferOf(optimize, "parameter");
    Value first = bufferOf(optimize, "first_moment");
    Value second = bufferOf(optimize, "second_moment");
    AdaptiveOp::create(builder, optimize.getLoc(), optimize.getGradient(),
                       parameter, first, second, optimize.getLearningRate(),
                       optimize.getStep(), optimize.getScale(),
                       setting("beta1"), setting("beta2"), setting("epsilon"),
                       setting("weight_decay"));
  }

  void buildSgd(OpBuilder &builder, OptimizeOp optimize) {
    FloatAttr momentum = settingOf(builder, optimize, "momentum");
    Value parameter = bufferOf(optimize, "parameter"), velocity;
    if (!momentum.getValue().isZero())
      velocity = bufferOf(optimize, "velocity");
    SgdOp::create(builder, optimize.getLoc(), optimize.getGradient(), parameter,
                  optimize.getLearningRate(), velocity, optimize.getScale(),
                  momentum, settingOf(builder, optimize, "weight_decay"),
                  optimize.getOptimizer().isNesterov() ? builder.getUnitAttr()
                                                       : UnitAttr());
  }

  func::FuncOp function;
  RuntimeCalls &runtime;
  const llvm::StringMap<int64_t> &numbers;
  std::string name;
  Value step;
  /// What index work computes, in the prepare function.
  IRMapping prepared;
  llvm::DenseMap<Value, int64_t> handles;
  SmallVector<Operation *> indexWork;
  llvm::DenseMap<StringAttr, Value> arguments;
  llvm::StringMap<MemRefType> parameterTypes;
};

struct SplitPreparePass : orcinus::impl::SplitPrepareBase<SplitPreparePass> {
  using SplitPrepareBase::SplitPrepareBase;

  void runOnOperation() override {
    RuntimeCalls runtime(getOperation());
    llvm::StringMap<int64_t> numbers;
    number<CacheOp>("tgnn.caches", numbers);
    number<WalksOp>("tgnn.walks", numbers);
    number<MailboxOp>("tgnn.mailboxes", numbers);
    SmallVector<func::FuncOp> steps;
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (isStep(function))
        steps.push_back(function);
    if (llvm::any_of(steps, [](func::FuncOp step) {
          return failed(checkHandles(step)) || failed(checkOutputs(step)) ||
                 failed(checkOptimizers(step));
        }))
      return signalPassFailure();
    for (func::FuncOp function : steps)
      Splitter(function, runtime, numbers).split();
  }

private:
  /// Handles stay in the prepare function.
  static LogicalResult checkHandles(func::FuncOp step) {
    for (auto work : step.getBody().getOps<IndexWorkOpInterface>())
      for (Value result : work->getResults())
        for (Operation *user : result.getUsers())
          if (isa<IndexHandleTypeInterface>(result.getType()) &&
              !isa<IndexWorkOpInterface, TableOp>(user))
            return user->emitError("'")
                   << user->getName()
                   << "' uses a handle, as only index work and tgnn.table may "
                      "where they are split";
    return success();
  }

  /// The runtime makes room for an output before its step runs.
  static LogicalResult checkOutputs(func::FuncOp step) {
    for (auto output : step.getBody().getOps<OutputOp>()) {
      for (Value table : output.getTables())
        if (!table.getDefiningOp<TableOp>())
          return output.emitOpError(
              "has as many rows as a tensor that is no table of the step");
      if (failed(checkRows(output, output.getValue())))
        return failure();
    }
    for (auto gather : step.getBody().getOps<AllGatherOp>()) {
      if (!gather.getTable().getDefiningOp<TableOp>())
        return gather.emitOpError(
            "has as many rows as a tensor that is no table of the step");
      if (failed(checkRows(gather, gather.getValue())))
        return failure();
    }
    return success();
  }

  static LogicalResult checkRows(Operation *op, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getRank() > 0 &&
        llvm::any_of(type.getShape().drop_front(), ShapedType::isDynamic))
      return op->emitOpError("has rows of unknown extents: ") << type;
    return success();
  }

  /// An optimizer's buffers have the type of the parameter that it updates.
  static LogicalResult checkOptimizers(func::FuncOp step) {
    llvm::StringSet<> parameters;
    for (auto parameter : step.getBody().getOps<ParameterOp>())
      parameters.insert(parameter.getName());
    for (auto optimize : step.getBody().getOps<OptimizeOp>())
      if (!parameters.contains(optimize.getParameter()))
        return optimize.emitOpError("updates the parameter '")
               << optimize.getParameter() << "', which the step does not have";
    return success();
  }

  static bool isStep(func::FuncOp function) {
    return !function.isDeclaration() &&
           (!function.getBody().getOps<TargetsOp>().empty() ||
            !function.getBody().getOps<OptimizeOp>().empty() ||
            !function.getBody().getOps<WriteOp>().empty());
  }

  /// The runtime counts what ops of a kind declare from 1, in the order of the
  /// module's attribute `attribute`, which takes the place of the ops.
  template <typename Declaration>
  void number(StringRef attribute, llvm::StringMap<int64_t> &numbers) {
    SmallVector<Attribute> described;
    for (Declaration op :
         llvm::to_vector(getOperation().getOps<Declaration>())) {
      described.push_back(op->getAttrDictionary());
      numbers[op.getSymName()] = static_cast<int64_t>(described.size());
      op.erase();
    }
    if (!described.empty())
      getOperation()->setAttr(attribute,
                              ArrayAttr::get(&getContext(), described));
  }
};

} // namespace
