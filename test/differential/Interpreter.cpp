//===- Interpreter.cpp - What a module computes, slowly -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "BodyProgram.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <memory>
#include <numeric>

using namespace mlir;
using namespace orcinus;
using namespace orcinus::differential;

static int64_t product(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<>());
}

Array Array::unwritten(ElementType type, std::vector<int64_t> shape) {
  Array array{type, std::move(shape), {}};
  Number nothing{std::nan(""), 0, 0};
  array.elements.assign(product(array.shape), nothing);
  return array;
}

std::optional<ElementType> differential::elementTypeOf(Type type) {
  if (type.isF64())
    return ElementType::F64;
  if (type.isF32())
    return ElementType::F32;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isInteger(8))
    return ElementType::I8;
  if (type.isInteger(32) || type.isIndex())
    return ElementType::I32;
  return std::nullopt;
}

static Status unknown(Operation *op) {
  return Status::error("the interpreter does not know '" +
                       op->getName().getStringRef().str() + "'");
}

namespace {

/// Where an operand's element lies in the array: by each index.
class OperandIndex {
public:
  OperandIndex(AffineMap map, ArrayRef<int64_t> shape) : map(map) {
    int64_t stride = 1;
    strides.resize(shape.size());
    for (size_t at = shape.size(); at-- > 0; stride *= shape[at])
      strides[at] = stride;
    extents.assign(shape.begin(), shape.end());
  }

  /// The place for one iteration; nothing where it is beyond the operand.
  std::optional<int64_t> at(ArrayRef<int64_t> loops) const {
    int64_t place = 0;
    for (auto [position, index] : llvm::enumerate(map.getResults())) {
      int64_t value = evaluate(index, loops);
      if (value < 0 || value >= extents[position])
        return std::nullopt;
      place += value * strides[position];
    }
    return place;
  }

private:
  static int64_t evaluate(AffineExpr index, ArrayRef<int64_t> loops) {
    switch (index.getKind()) {
    case AffineExprKind::DimId:
      return loops[cast<AffineDimExpr>(index).getPosition()];
    case AffineExprKind::Constant:
      return cast<AffineConstantExpr>(index).getValue();
    default:
      break;
    }
    auto binary = cast<AffineBinaryOpExpr>(index);
    int64_t left = evaluate(binary.getLHS(), loops);
    int64_t right = evaluate(binary.getRHS(), loops);
    switch (index.getKind()) {
    case AffineExprKind::Add:
      return left + right;
    case AffineExprKind::Mul:
      return left * right;
    case AffineExprKind::Mod:
      return left % right;
    default:
      return left / right;
    }
  }

  AffineMap map;
  SmallVector<int64_t> strides, extents;
};

/// One function's values and the memory that they refer to.
class Interpreter {
public:
  StatusOr<Evaluation> run(func::FuncOp function, std::vector<Array> arguments);

private:
  using Reference = std::shared_ptr<Array>;

  Status runOp(Operation &op);
  Status runLinalg(linalg::LinalgOp op);
  Status iterate(linalg::LinalgOp op, ArrayRef<Reference> operands);
  Status runSoftmax(linalg::SoftmaxOp op);
  Status runPad(tensor::PadOp op);
  Status runCall(func::CallOp op);
  std::vector<int64_t> shapeOf(ShapedType type, OperandRange dynamicExtents);
  StatusOr<Number> scalar(Value value);

  /// The memory that an op writes for its destination `value`: that of a
  /// memref itself, a copy of a tensor.
  Reference destination(Value value) {
    Reference reference = arrays.lookup(value);
    return isa<MemRefType>(value.getType())
               ? reference
               : std::make_shared<Array>(*reference);
  }

  llvm::DenseMap<Value, Reference> arrays;
  llvm::DenseMap<Value, Number> scalars;
  std::vector<Array> returned;
};

} // namespace

StatusOr<Number> Interpreter::scalar(Value value) {
  if (auto known = scalars.find(value); known != scalars.end())
    return known->second;
  return Status::error("the interpreter does not know a value of the body");
}

std::vector<int64_t> Interpreter::shapeOf(ShapedType type,
                                          OperandRange dynamicExtents) {
  std::vector<int64_t> shape(type.getShape());
  auto next = dynamicExtents.begin();
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent))
      extent = static_cast<int64_t>(scalars.lookup(*next++).value);
  return shape;
}

/// The iterations of each loop of `op` on `operands`.
static SmallVector<int64_t>
loopExtents(linalg::LinalgOp op, ArrayRef<std::shared_ptr<Array>> operands) {
  SmallVector<int64_t> extents(op.getNumLoops(), 0);
  for (auto [operand, map] :
       llvm::zip_equal(operands, op.getIndexingMapsArray()))
    for (auto [at, index] : llvm::enumerate(map.getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(index))
        extents[loop.getPosition()] = operand->shape[at];
  return extents;
}

Status Interpreter::iterate(linalg::LinalgOp op, ArrayRef<Reference> operands) {
  StatusOr<BodyProgram> body = BodyProgram::of(
      *op.getBlock(), [&](Value value) { return scalar(value); });
  if (!body.ok())
    return body.status();
  SmallVector<OperandIndex> indices;
  for (auto [operand, map] :
       llvm::zip_equal(operands, op.getIndexingMapsArray()))
    indices.emplace_back(map, operand->shape);
  SmallVector<int64_t> extents = loopExtents(op, operands);
  if (llvm::is_contained(extents, 0))
    return Status();
  SmallVector<int64_t> loops(extents.size(), 0), places(operands.size());
  SmallVector<Number> arguments(operands.size());
  size_t inputs = op.getNumDpsInputs();
  for (;;) {
    for (auto [at, operand] : llvm::enumerate(operands)) {
      std::optional<int64_t> place = indices[at].at(loops);
      if (!place)
        return Status::error("an index is beyond an operand");
      places[at] = *place;
      arguments[at] = operand->elements[*place];
    }
    body->run(loops, arguments);
    for (size_t at = inputs; at < operands.size(); ++at)
      operands[at]->elements[places[at]] = body->yielded(at - inputs);
    size_t loop = loops.size();
    while (loop-- > 0 && ++loops[loop] == extents[loop])
      loops[loop] = 0;
    if (loop == static_cast<size_t>(-1))
      return Status();
  }
}

Status Interpreter::runLinalg(linalg::LinalgOp op) {
  SmallVector<Reference> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    if (op.isDpsInit(&operand)) {
      operands.push_back(destination(operand.get()));
    } else if (Reference known = arrays.lookup(operand.get())) {
      operands.push_back(known);
    } else {
      StatusOr<Number> value = scalar(operand.get());
      if (!value.ok())
        return value.status();
      operands.push_back(std::make_shared<Array>(
          Array{*elementTypeOf(operand.get().getType()), {}, {*value}}));
    }
  }
  if (Status status = iterate(op, operands); !status.ok())
    return status;
  for (auto [result, memory] :
       llvm::zip(op->getResults(),
                 ArrayRef(operands).drop_front(op.getNumDpsInputs())))
    arrays[result] = memory;
  return Status();
}

Status Interpreter::runSoftmax(linalg::SoftmaxOp op) {
  const Array &input = *arrays.lookup(op.getInput());
  Reference output = destination(op.getOutput());
  ElementType type = input.type;
  int64_t dimension = op.getDimension();
  int64_t length = input.shape[dimension];
  int64_t inner = product(ArrayRef(input.shape).drop_front(dimension + 1));
  int64_t outer = product(ArrayRef(input.shape).take_front(dimension));
  for (int64_t row = 0; row < (length ? outer * inner : 0); ++row) {
    int64_t first = row / inner * inner * length + row % inner;
    Number largest = input.elements[first];
    for (int64_t at = 1; at < length; ++at)
      largest = maximum(largest, input.elements[first + at * inner]);
    Number sum = Number::exactly(0);
    for (int64_t at = 0; at < length; ++at) {
      Number &element = output->elements[first + at * inner];
      element = apply(
          std::exp, subtract(input.elements[first + at * inner], largest, type),
          type);
      sum = add(sum, element, type);
    }
    for (int64_t at = 0; at < length; ++at) {
      Number &element = output->elements[first + at * inner];
      element = divide(element, sum, type);
    }
  }
  for (Value result : op->getResults())
    arrays[result] = output;
  return Status();
}

Status Interpreter::runPad(tensor::PadOp op) {
  const Array &source = *arrays.lookup(op.getSource());
  FloatAttr number;
  IntegerAttr integer;
  Value padding = op.getConstantPaddingValue();
  Number around;
  if (padding && matchPattern(padding, m_Constant(&number)))
    around = Number::exactly(number.getValueAsDouble());
  else if (padding && matchPattern(padding, m_Constant(&integer)))
    around =
        Number::exactly(static_cast<double>(integer.getValue().getSExtValue()));
  else
    return unknown(op);
  std::vector<int64_t> shape = source.shape;
  for (size_t at = 0; at < shape.size(); ++at)
    shape[at] += op.getStaticLow()[at] + op.getStaticHigh()[at];
  auto padded = std::make_shared<Array>(Array::unwritten(source.type, shape));
  std::fill(padded->elements.begin(), padded->elements.end(), around);
  for (size_t number = 0; number < source.elements.size(); ++number) {
    int64_t place = 0, rest = static_cast<int64_t>(number), stride = 1;
    for (size_t at = shape.size(); at-- > 0; stride *= shape[at]) {
      place += (rest % source.shape[at] + op.getStaticLow()[at]) * stride;
      rest /= source.shape[at];
    }
    padded->elements[place] = source.elements[number];
  }
  arrays[op.getResult()] = padded;
  return Status();
}

Status Interpreter::runCall(func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  std::vector<Array> arguments;
  for (Value operand : op.getOperands())
    arguments.push_back(*arrays.lookup(operand));
  StatusOr<Evaluation> evaluation = interpret(callee, std::move(arguments));
  if (!evaluation.ok())
    return evaluation.status();
  for (auto [operand, after] :
       llvm::zip(op.getOperands(), evaluation->arguments))
    if (isa<MemRefType>(operand.getType()))
      *arrays.lookup(operand) = after;
  for (auto [result, array] : llvm::zip(op.getResults(), evaluation->results))
    arrays[result] = std::make_shared<Array>(array);
  return Status();
}

Status Interpreter::runOp(Operation &op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return runLinalg(linalgOp);
  if (Attribute constant; matchPattern(&op, m_Constant(&constant))) {
    if (auto number = dyn_cast<FloatAttr>(constant))
      scalars[op.getResult(0)] = Number::exactly(number.getValueAsDouble());
    else if (auto integer = dyn_cast<IntegerAttr>(constant))
      scalars[op.getResult(0)] = Number::exactly(
          static_cast<double>(integer.getValue().getSExtValue()));
    else
      return unknown(&op);
    return Status();
  }
  return llvm::TypeSwitch<Operation *, Status>(&op)
      .Case([&](linalg::SoftmaxOp softmax) { return runSoftmax(softmax); })
      .Case([&](tensor::PadOp pad) { return runPad(pad); })
      .Case([&](func::CallOp call) { return runCall(call); })
      .Case<tensor::EmptyOp, memref::AllocOp>([&](auto allocation) {
        auto type = cast<ShapedType>(allocation.getType());
        arrays[allocation] = std::make_shared<Array>(
            Array::unwritten(*elementTypeOf(type.getElementType()),
                             shapeOf(type, allocation.getDynamicSizes())));
        return Status();
      })
      .Case([&](memref::DeallocOp) { return Status(); })
      .Case<tensor::DimOp, memref::DimOp>([&](auto dim) {
        int64_t at = static_cast<int64_t>(scalars.lookup(dim.getIndex()).value);
        scalars[dim] = Number::exactly(
            static_cast<double>(arrays.lookup(dim.getSource())->shape[at]));
        return Status();
      })
      .Case([&](bufferization::MaterializeInDestinationOp op) {
        *arrays.lookup(op.getDest()) = *arrays.lookup(op.getSource());
        return Status();
      })
      .Case([&](func::ReturnOp op) {
        for (Value value : op.getOperands())
          returned.push_back(*arrays.lookup(value));
        return Status();
      })
      .Default([](Operation *op) { return unknown(op); });
}

StatusOr<Evaluation> Interpreter::run(func::FuncOp function,
                                      std::vector<Array> arguments) {
  for (auto [value, array] : llvm::zip(function.getArguments(), arguments))
    arrays[value] = std::make_shared<Array>(std::move(array));
  for (Operation &op : function.getBody().front())
    if (Status status = runOp(op); !status.ok())
      return status;
  Evaluation evaluation;
  for (Value value : function.getArguments())
    evaluation.arguments.push_back(*arrays.lookup(value));
  evaluation.results = std::move(returned);
  return evaluation;
}

StatusOr<Evaluation> differential::interpret(func::FuncOp function,
                                             std::vector<Array> arguments) {
  return Interpreter().run(function, std::move(arguments));
}
