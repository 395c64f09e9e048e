//===- OperatorModule.cpp - Operators as program text ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Operator.h"

#include "IndexMap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

using namespace orcinus;

namespace {

/// A value of the function, with what its elements are called in bodies.
struct Value {
  std::string name;
  std::string type;
};

/// Writes the function of one operator, an op after the other.
class ModuleEmitter {
public:
  explicit ModuleEmitter(const OperatorDescription &description)
      : description(description) {}

  StatusOr<std::string> emit();

private:
  using Maps = std::vector<std::string>;

  std::string elementType() const { return result().elementType; }
  const OperatorOperand &result() const { return description.operands.back(); }
  std::string tensorType(const std::vector<int64_t> &shape) const;
  std::string mapText(const OperatorOperand &operand) const;
  /// The map of the whole nest to the loops that are not reduced.
  std::string rowMap() const;
  std::vector<int64_t> rowShape() const;
  Value argument(size_t operand) const;
  std::optional<size_t> biasOperand() const;

  template <typename... Arguments>
  void line(fmt::format_string<Arguments...> format, Arguments &&...arguments) {
    text += "    ";
    fmt::format_to(std::back_inserter(text), format,
                   std::forward<Arguments>(arguments)...);
    text += '\n';
  }
  std::string fresh() { return fmt::format("%{}", values++); }

  std::string constant(std::string_view literal);
  Value filled(const std::vector<int64_t> &shape, std::string_view literal);
  Value empty(const std::vector<int64_t> &shape);
  /// A linalg.generic over the operator's loops, `reduces` as they are, else
  /// all parallel. `body` writes its ops by `line` and returns what is yielded;
  /// its arguments are %x0, %x1, … and, for the result, %y.
  template <typename Body>
  Value generic(const std::vector<Value> &ins, const Maps &maps, Value out,
                const std::string &outMap, bool reduces, Body body);

  Value initialResult();
  Value rowSum(const Value &in, const std::string &map, bool squared);
  Value multiplyAdd();
  Value softmax();
  Value layerNorm();
  Value norm();
  Value elementwise();
  Value epilogue(const Value &value, std::string_view op);

  const OperatorDescription &description;
  std::string text;
  int values = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Types and maps
//===----------------------------------------------------------------------===//

std::string ModuleEmitter::tensorType(const std::vector<int64_t> &shape) const {
  std::string type = "tensor<";
  for (int64_t extent : shape)
    type += fmt::format("{}x", extent);
  return type + elementType() + ">";
}

static std::string dimensionList(size_t count) {
  std::vector<std::string> names;
  for (size_t loop = 0; loop < count; ++loop)
    names.push_back(fmt::format("d{}", loop));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string ModuleEmitter::mapText(const OperatorOperand &operand) const {
  std::vector<size_t> numbers(description.loops.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  StatusOr<IndexMap> map = parseIndexMap(operand.map, description.loops);
  return fmt::format("affine_map<({}) -> ({})>", dimensionList(numbers.size()),
                     printIndexMap(*map, numbers, "d", ", "));
}

std::string ModuleEmitter::rowMap() const {
  std::vector<std::string> rows;
  for (size_t loop = 0; loop < description.loops.size(); ++loop)
    if (description.loops[loop].kind == LoopKind::Parallel)
      rows.push_back(fmt::format("d{}", loop));
  return fmt::format("affine_map<({}) -> ({})>",
                     dimensionList(description.loops.size()),
                     fmt::join(rows, ", "));
}

std::vector<int64_t> ModuleEmitter::rowShape() const {
  std::vector<int64_t> shape;
  for (const OperatorLoop &loop : description.loops)
    if (loop.kind == LoopKind::Parallel)
      shape.push_back(loop.extent);
  return shape;
}

Value ModuleEmitter::argument(size_t operand) const {
  return {fmt::format("%a{}", operand),
          tensorType(description.shapeOf(description.operands[operand]))};
}

std::optional<size_t> ModuleEmitter::biasOperand() const {
  for (size_t at = 0; at < description.operands.size(); ++at)
    if (description.operands[at].role == OperandRole::Bias)
      return at;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

std::string ModuleEmitter::constant(std::string_view literal) {
  std::string name = fresh();
  line("{} = arith.constant {} : {}", name, literal, elementType());
  return name;
}

Value ModuleEmitter::empty(const std::vector<int64_t> &shape) {
  Value value{fresh(), tensorType(shape)};
  line("{} = tensor.empty() : {}", value.name, value.type);
  return value;
}

Value ModuleEmitter::filled(const std::vector<int64_t> &shape,
                            std::string_view literal) {
  std::string start = constant(literal);
  Value destination = empty(shape);
  Value value{fresh(), destination.type};
  line("{} = linalg.fill ins({} : {}) outs({} : {}) -> {}", value.name, start,
       elementType(), destination.name, destination.type, value.type);
  return value;
}

template <typename Body>
Value ModuleEmitter::generic(const std::vector<Value> &ins, const Maps &maps,
                             Value out, const std::string &outMap, bool reduces,
                             Body body) {
  std::vector<std::string> iterators, names, types, arguments;
  for (const OperatorLoop &loop : description.loops)
    iterators.push_back(reduces && loop.kind == LoopKind::Reduction
                            ? "\"reduction\""
                            : "\"parallel\"");
  for (size_t at = 0; at < ins.size(); ++at) {
    names.push_back(ins[at].name);
    types.push_back(ins[at].type);
    arguments.push_back(fmt::format("%x{}: {}", at, elementType()));
  }
  Value value{fresh(), out.type};
  line(
      "{} = linalg.generic {{indexing_maps = [{}, {}], iterator_types = [{}]}} "
      "ins({} : {}) outs({} : {}) {{",
      value.name, fmt::join(maps, ", "), outMap, fmt::join(iterators, ", "),
      fmt::join(names, ", "), fmt::join(types, ", "), out.name, out.type);
  line("^bb0({}, %y: {}):", fmt::join(arguments, ", "), elementType());
  std::string yielded = body();
  line("linalg.yield {} : {}", yielded, elementType());
  line("}} -> {}", value.type);
  return value;
}

/// What the sums start from: the bias, where there is one, else zero.
Value ModuleEmitter::initialResult() {
  std::vector<int64_t> shape = description.shapeOf(result());
  std::optional<size_t> bias = biasOperand();
  if (!bias)
    return filled(shape, "0.0");
  IndexMap biasMap =
      *parseIndexMap(description.operands[*bias].map, description.loops);
  IndexMap resultMap = *parseIndexMap(result().map, description.loops);
  std::vector<size_t> added;
  for (size_t at = 0; at < resultMap.size(); ++at)
    if (std::none_of(biasMap.begin(), biasMap.end(),
                     [&](const IndexExpression &expression) {
                       return expression.terms == resultMap[at].terms;
                     }))
      added.push_back(at);
  Value from = argument(*bias);
  Value destination = empty(shape);
  std::string name = fresh();
  line("{} = linalg.broadcast ins({} : {}) outs({} : {}) dimensions = [{}]",
       name, from.name, from.type, destination.name, destination.type,
       fmt::join(added, ", "));
  return {name, destination.type};
}

Value ModuleEmitter::multiplyAdd() {
  Maps maps = {mapText(description.operands[0]),
               mapText(description.operands[1])};
  return generic({argument(0), argument(1)}, maps, initialResult(),
                 mapText(result()),
                 /*reduces=*/true, [&] {
                   line("%p = arith.mulf %x0, %x1 : {}", elementType());
                   line("%s = arith.addf %y, %p : {}", elementType());
                   return "%s";
                 });
}

Value ModuleEmitter::rowSum(const Value &in, const std::string &map,
                            bool squared) {
  return generic({in}, {map}, filled(rowShape(), "0.0"), rowMap(),
                 /*reduces=*/true, [&] {
                   std::string term = "%x0";
                   if (squared) {
                     term = "%q";
                     line("%q = arith.mulf %x0, %x0 : {}", elementType());
                   }
                   line("%s = arith.addf %y, {} : {}", term, elementType());
                   return "%s";
                 });
}

Value ModuleEmitter::softmax() {
  Value in = argument(0);
  std::string map = mapText(description.operands[0]);
  std::vector<int64_t> shape = description.shapeOf(result());
  Value largest =
      generic({in}, {map}, filled(rowShape(), "0xFF800000"), rowMap(),
              /*reduces=*/true, [&] {
                line("%m = arith.maximumf %y, %x0 : {}", elementType());
                return "%m";
              });
  Value exponentials =
      generic({in, largest}, {map, rowMap()}, empty(shape), map,
              /*reduces=*/false, [&] {
                line("%d = arith.subf %x0, %x1 : {}", elementType());
                line("%e = math.exp %d : {}", elementType());
                return "%e";
              });
  Value sum = rowSum(exponentials, map, /*squared=*/false);
  return generic({exponentials, sum}, {map, rowMap()}, empty(shape), map,
                 /*reduces=*/false, [&] {
                   line("%q = arith.divf %x0, %x1 : {}", elementType());
                   return "%q";
                 });
}

/// (x - mean) / sqrt(variance + 1e-5) · weight + bias, over each row.
Value ModuleEmitter::layerNorm() {
  Value in = argument(0);
  std::string map = mapText(description.operands[0]);
  std::vector<int64_t> shape = description.shapeOf(result());
  int64_t columns = description.iterations();
  for (int64_t extent : rowShape())
    columns /= extent;
  std::string count = constant(fmt::format("{}.0", columns));
  std::string epsilon = constant("1.0e-5");
  Value sum = rowSum(in, map, /*squared=*/false);
  Value centred =
      generic({in, sum}, {map, rowMap()}, empty(shape), map,
              /*reduces=*/false, [&] {
                line("%m = arith.divf %x1, {} : {}", count, elementType());
                line("%d = arith.subf %x0, %m : {}", elementType());
                return "%d";
              });
  Value squares = rowSum(centred, map, /*squared=*/true);
  std::vector<Value> ins = {centred, squares, argument(1), argument(2)};
  Maps maps = {map, rowMap(), mapText(description.operands[1]),
               mapText(description.operands[2])};
  return generic(ins, maps, empty(shape), map, /*reduces=*/false, [&] {
    line("%v = arith.divf %x1, {} : {}", count, elementType());
    line("%w = arith.addf %v, {} : {}", epsilon, elementType());
    line("%r = math.rsqrt %w : {}", elementType());
    line("%n = arith.mulf %x0, %r : {}", elementType());
    line("%g = arith.mulf %n, %x2 : {}", elementType());
    line("%b = arith.addf %g, %x3 : {}", elementType());
    return "%b";
  });
}

/// The square root of each row's sum of squares.
Value ModuleEmitter::norm() {
  Value squares = rowSum(argument(0), mapText(description.operands[0]),
                         /*squared=*/true);
  Value root{fresh(), squares.type};
  Value destination = empty(rowShape());
  line("{} = linalg.sqrt ins({} : {}) outs({} : {}) -> {}", root.name,
       squares.name, squares.type, destination.name, destination.type,
       root.type);
  return root;
}

/// The operand itself, with the bias added where there is one.
Value ModuleEmitter::elementwise() {
  std::optional<size_t> bias = biasOperand();
  if (!bias)
    return argument(0);
  Maps maps = {mapText(description.operands[0]),
               mapText(description.operands[*bias])};
  return generic({argument(0), argument(*bias)}, maps,
                 empty(description.shapeOf(result())), mapText(result()),
                 /*reduces=*/false, [&] {
                   line("%s = arith.addf %x0, %x1 : {}", elementType());
                   return "%s";
                 });
}

/// An op of the epilogue on the whole result.
Value ModuleEmitter::epilogue(const Value &value, std::string_view op) {
  std::string zero, half, one, slope;
  if (op == "relu") {
    zero = constant("0.0");
  } else {
    half = constant("0.5");
    one = constant("1.0");
    slope = constant("0.70710678");
  }
  size_t rank = description.shapeOf(result()).size();
  std::string map =
      fmt::format("affine_map<({0}) -> ({0})>", dimensionList(rank));
  Value destination = empty(description.shapeOf(result()));
  Value output{fresh(), value.type};
  std::vector<std::string> iterators(rank, "\"parallel\"");
  line("{} = linalg.generic {{indexing_maps = [{}, {}], iterator_types = "
       "[{}]}} ins({} : {}) outs({} : {}) {{",
       output.name, map, map, fmt::join(iterators, ", "), value.name,
       value.type, destination.name, destination.type);
  line("^bb0(%x: {0}, %y: {0}):", elementType());
  if (op == "relu") {
    line("%r = arith.maximumf %x, {} : {}", zero, elementType());
  } else {
    // x · (1 + erf(x / sqrt(2))) / 2.
    line("%a = arith.mulf %x, {} : {}", slope, elementType());
    line("%e = math.erf %a : {}", elementType());
    line("%f = arith.addf %e, {} : {}", one, elementType());
    line("%h = arith.mulf %x, {} : {}", half, elementType());
    line("%r = arith.mulf %h, %f : {}", elementType());
  }
  line("linalg.yield %r : {}", elementType());
  line("}} -> {}", output.type);
  return output;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static std::vector<std::string_view> epilogueOps(std::string_view epilogue) {
  std::vector<std::string_view> ops;
  while (!epilogue.empty()) {
    size_t comma = std::min(epilogue.find(','), epilogue.size());
    ops.push_back(epilogue.substr(0, comma));
    epilogue.remove_prefix(std::min(comma + 1, epilogue.size()));
  }
  return ops;
}

StatusOr<std::string> ModuleEmitter::emit() {
  std::vector<std::string> arguments;
  for (size_t at = 0; at + 1 < description.operands.size(); ++at)
    arguments.push_back(
        fmt::format("{}: {}", argument(at).name, argument(at).type));
  std::optional<Value> value;
  if (description.body == "multiply_add")
    value = multiplyAdd();
  else if (description.body == "softmax")
    value = softmax();
  else if (description.body == "layer_norm")
    value = layerNorm();
  else if (description.body == "l2_norm")
    value = norm();
  else if (description.body == "copy")
    value = elementwise();
  if (!value)
    return Status::error(
        fmt::format("no template for the operator '{}': its body is '{}'",
                    description.name, description.body));
  for (std::string_view op : epilogueOps(description.epilogue)) {
    if (op == "relu" || op == "gelu")
      value = epilogue(*value, op);
    else if (op != "bias")
      return Status::error(
          fmt::format("no template for the operator '{}': its epilogue has "
                      "'{}'",
                      description.name, op));
  }
  return fmt::format("module {{\n  func.func @operator({}) -> {} {{\n{}    "
                     "return {} : {}\n  }}\n}}\n",
                     fmt::join(arguments, ", "), value->type, text, value->name,
                     value->type);
}

StatusOr<std::string>
orcinus::emitOperatorModule(const OperatorDescription &description) {
  return ModuleEmitter(description).emit();
}

StatusOr<TunableOperator>
orcinus::makeOperator(OperatorDescription description) {
  StatusOr<std::string> module = emitOperatorModule(description);
  if (!module.ok())
    return module.status();
  return TunableOperator{std::move(description), std::move(*module)};
}
