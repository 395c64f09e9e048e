//===- ChainGenerator.cpp - Random elementwise ops and reductions ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generator.h"

#include <algorithm>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

/// Appends ops over the same dimensions, one after the other.
class Chain {
public:
  Chain(Specification &specification, ElementType type, int64_t rank,
        Draw &draw)
      : specification(specification), type(type), draw(draw) {
    for (int64_t at = 0; at < rank; ++at)
      space.push_back(Index::of(addDimension(specification, draw)));
  }

  const IndexList &dimensions() const { return space; }

  unsigned argument(const IndexList &shape) {
    return addBuffer(specification, type, shape, true);
  }

  /// A result over the whole space of `body` of buffers, each of which has the
  /// shape that its indices have.
  unsigned elementwise(const std::string &body,
                       const std::vector<unsigned> &inputs,
                       double constant = 0) {
    return append(body, inputs, space, constant);
  }

  /// The same over the dimensions `kept` alone.
  unsigned append(const std::string &body, const std::vector<unsigned> &inputs,
                  const IndexList &kept, double constant) {
    Operation operation;
    operation.body = body;
    operation.constant = constant;
    for (const Index &index : kept) {
      operation.loops.push_back(index.terms[0].first);
      operation.reduced.push_back(false);
    }
    for (unsigned input : inputs)
      operation.inputs.push_back({input, specification.buffers[input].shape});
    unsigned output = addBuffer(specification, type, kept, false);
    operation.output = {output, kept};
    specification.operations.push_back(std::move(operation));
    return output;
  }

  /// A reduction of `input`, which has all dimensions, to `kept`.
  unsigned reduce(const std::string &body, unsigned input,
                  const IndexList &kept, double start) {
    unsigned output = addBuffer(specification, type, kept, false);
    addFill(specification, output, start);
    Operation operation;
    operation.body = body;
    for (const Index &index : specification.buffers[input].shape) {
      operation.loops.push_back(index.terms[0].first);
      operation.reduced.push_back(
          std::none_of(kept.begin(), kept.end(), [&](const Index &other) {
            return other.terms == index.terms;
          }));
    }
    operation.inputs = {{input, specification.buffers[input].shape}};
    operation.output = {output, kept};
    specification.operations.push_back(std::move(operation));
    return output;
  }

  /// Some of the dimensions, in their order or in another.
  IndexList some(int64_t share, int64_t permuted) {
    IndexList kept;
    for (const Index &index : space)
      if (draw.percent(share))
        kept.push_back(index);
    if (draw.percent(permuted))
      draw.shuffle(kept);
    return kept;
  }

  /// All but those that `row` is over: the last, or some.
  IndexList rows() {
    IndexList kept(space.begin(), space.end() - 1);
    if (draw.percent(25))
      kept = some(60, 0);
    if (kept.size() == space.size())
      kept.pop_back();
    return kept;
  }

  unsigned softmax(unsigned input);
  unsigned layerNorm(unsigned input);
  unsigned random(unsigned input);

private:
  Specification &specification;
  ElementType type;
  Draw &draw;
  IndexList space;
};

} // namespace

/// As torch-mlir and jax write it: a maximum, exponentials, a sum, quotients.
unsigned Chain::softmax(unsigned input) {
  IndexList kept = rows();
  unsigned largest = reduce("largest", input, kept, -1e4);
  unsigned shifted = elementwise("subtract", {input, largest});
  unsigned powers = elementwise("exp", {shifted});
  unsigned sum = reduce("sum", powers, kept, 0);
  return elementwise("divide", {powers, sum});
}

unsigned Chain::layerNorm(unsigned input) {
  IndexList kept = rows();
  unsigned sum = reduce("sum", input, kept, 0);
  unsigned mean = append("scale", {sum}, kept, 0.125);
  unsigned centred = elementwise("subtract", {input, mean});
  unsigned squares = reduce("sum_squares", centred, kept, 0);
  unsigned variance = append("scale", {squares}, kept, 0.125);
  unsigned scale = append("rsqrt", {variance}, kept, 1);
  unsigned normalised = elementwise("multiply", {centred, scale});
  unsigned weight = argument(some(50, 0));
  return elementwise("multiply", {normalised, weight});
}

/// One elementwise op on `input`, alone or with an operand that is repeated or
/// permuted.
unsigned Chain::random(unsigned input) {
  if (draw.percent(50)) {
    IndexList shape = draw.percent(40) ? some(60, 50) : space;
    if (draw.percent(30))
      draw.shuffle(shape);
    std::vector<unsigned> inputs = {input, argument(shape)};
    if (draw.percent(30))
      std::swap(inputs[0], inputs[1]);
    return elementwise(draw.among<std::string>({"add", "subtract", "multiply",
                                                "divide", "maximum"}),
                       inputs);
  }
  std::vector<std::string> bodies = {"relu",  "relu_select", "square",
                                     "scale", "shift",       "negate"};
  if (hasFunctions(type))
    bodies.insert(bodies.end(), {"tanh", "sigmoid", "gelu", "rsqrt"});
  return elementwise(draw.among(bodies), {input}, /*constant=*/0.5);
}

void differential::generateChain(Specification &specification, Draw &draw) {
  using enum ElementType;
  ElementType type = draw.among<ElementType>({F32, F32, F32, F64, F16, BF16});
  Chain chain(specification, type, draw.between(1, 4), draw);
  IndexList shape = chain.dimensions();
  if (draw.percent(25))
    draw.shuffle(shape);
  unsigned value = chain.argument(shape);
  int64_t length = draw.between(0, 3);
  for (int64_t at = 0; at < length; ++at)
    value = chain.random(value);
  if (specification.buffers[value].argument)
    value = chain.elementwise("shift", {value}, 1);
  int64_t kind = draw.below(100);
  if (kind < 25 && hasFunctions(type)) {
    value = chain.softmax(value);
  } else if (kind < 45 && hasFunctions(type)) {
    value = chain.layerNorm(value);
  } else if (kind < 80) {
    IndexList kept = chain.some(50, 25);
    if (kept.size() == shape.size())
      kept.pop_back();
    std::string body =
        draw.among<std::string>({"sum", "sum_squares", "largest", "smallest"});
    bool sums = body.starts_with("sum");
    value = chain.reduce(body, value, kept,
                         sums ? 0 : (body == "largest" ? -1e4 : 1e4));
    if (draw.percent(30))
      value = chain.append("scale", {value}, kept, 0.5);
  }
  specification.buffers[value].result = true;
}
