//===- ContractionGenerator.cpp - Random sums of products -----------------===//
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

/// The loops of a contraction by the operands that have them.
struct Parts {
  std::vector<unsigned> outer, rows, columns, reductions;
};

std::vector<unsigned>
joined(std::initializer_list<std::vector<unsigned>> lists) {
  std::vector<unsigned> all;
  for (const std::vector<unsigned> &list : lists)
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

IndexList indices(const std::vector<unsigned> &dimensions) {
  IndexList list;
  for (unsigned dimension : dimensions)
    list.push_back(Index::of(dimension));
  return list;
}

IndexList shuffled(std::vector<unsigned> dimensions, Draw &draw) {
  draw.shuffle(dimensions);
  return indices(dimensions);
}

} // namespace

static Parts drawParts(Specification &specification, Draw &draw) {
  auto some = [&](int64_t count) {
    std::vector<unsigned> dimensions;
    for (int64_t at = 0; at < count; ++at)
      dimensions.push_back(addDimension(specification, draw));
    return dimensions;
  };
  Parts parts;
  parts.reductions = some(draw.among<int64_t>({1, 1, 2, 2, 3, 4}));
  parts.rows = some(draw.among<int64_t>({0, 1, 1, 2, 2, 3}));
  parts.columns = some(draw.among<int64_t>({0, 1, 1, 1, 2}));
  parts.outer = some(draw.among<int64_t>({0, 0, 0, 1, 2}));
  if (parts.rows.empty() && parts.columns.empty() && parts.outer.empty())
    parts.columns = some(1);
  return parts;
}

/// Makes windows of some of the reductions: each slides along one of the
/// operand's other indices, by strides and dilations.
static void slide(IndexList &map, const std::vector<unsigned> &reductions,
                  Draw &draw) {
  for (unsigned reduction : reductions) {
    auto own = std::find_if(map.begin(), map.end(), [&](const Index &index) {
      return index.terms.size() == 1 && index.terms[0].first == reduction;
    });
    if (own == map.end() || !draw.percent(60))
      continue;
    std::vector<size_t> others;
    for (size_t at = 0; at < map.size(); ++at)
      if (std::none_of(map[at].terms.begin(), map[at].terms.end(),
                       [&](auto term) {
                         return std::find(reductions.begin(), reductions.end(),
                                          term.first) != reductions.end();
                       }))
        others.push_back(at);
    if (others.empty())
      continue;
    Index &index = map[draw.among(others)];
    index.terms.front().second = draw.among<int64_t>({1, 1, 2, 3});
    index.terms.push_back({reduction, draw.among<int64_t>({1, 1, 1, 2})});
    if (draw.percent(20))
      index.offset = draw.between(1, 3);
    map.erase(own);
  }
}

static bool isIndexAlone(const IndexList &map, unsigned dimension) {
  return std::find(map.begin(), map.end(), Index::of(dimension)) != map.end();
}

/// Indices that are not windows may still be strided, or begin later. MLIR asks
/// that each loop be an index alone in some operand: of those of `others`.
static void stretch(IndexList &map, std::initializer_list<IndexList> others,
                    Draw &draw) {
  for (Index &index : map)
    if (index.terms.size() == 1 && draw.percent(4) &&
        std::any_of(others.begin(), others.end(), [&](const IndexList &other) {
          return isIndexAlone(other, index.terms[0].first);
        })) {
      index.terms[0].second = draw.between(1, 2);
      index.offset = draw.between(0, 2);
    }
}

/// The shape of an operand: what its map reaches, now and then more.
static IndexList shapeFor(const IndexList &map, Draw &draw) {
  IndexList shape = map;
  for (Index &index : shape)
    if ((index.terms.size() > 1 || index.offset > 0 ||
         index.terms[0].second > 1) &&
        draw.percent(40))
      index.offset += draw.between(1, 2);
  return shape;
}

static std::pair<ElementType, ElementType> drawTypes(Draw &draw) {
  using enum ElementType;
  int64_t kind = draw.below(100);
  if (kind < 55)
    return {F32, F32};
  if (kind < 65)
    return {F64, F64};
  if (kind < 72)
    return {F16, F32};
  if (kind < 79)
    return {BF16, F32};
  if (kind < 84)
    return {F16, F16};
  if (kind < 88)
    return {BF16, BF16};
  return {I8, I32};
}

/// A bias along some of the result's dimensions, repeated along the others.
static void startWithBias(Specification &specification, unsigned result,
                          Draw &draw) {
  const IndexList shape = specification.buffers[result].shape;
  Operation broadcast;
  broadcast.body = "copy";
  IndexList map;
  for (const Index &index : shape) {
    broadcast.loops.push_back(index.terms[0].first);
    broadcast.reduced.push_back(false);
    if (&index == &shape.back() ? draw.percent(80) : draw.percent(25))
      map.push_back(index);
  }
  unsigned bias =
      addBuffer(specification, specification.buffers[result].type, map, true);
  broadcast.inputs = {{bias, map}};
  broadcast.output = {result, shape};
  specification.operations.push_back(std::move(broadcast));
}

static void drawStart(Specification &specification, unsigned result,
                      Draw &draw) {
  int64_t kind = draw.below(100);
  if (kind < 45)
    return addFill(specification, result, 0);
  if (kind < 55)
    return addFill(specification, result, 2);
  if (kind < 75 && !specification.buffers[result].shape.empty() &&
      isFloat(specification.buffers[result].type))
    return startWithBias(specification, result, draw);
  specification.buffers[result].argument = true;
}

/// Elementwise ops over the result, in place or into another buffer.
static unsigned addEpilogue(Specification &specification, unsigned result,
                            Draw &draw) {
  ElementType type = specification.buffers[result].type;
  for (int64_t count = draw.between(1, 2); count > 0; --count) {
    const IndexList shape = specification.buffers[result].shape;
    Operation operation;
    for (const Index &index : shape) {
      operation.loops.push_back(index.terms[0].first);
      operation.reduced.push_back(false);
    }
    operation.inputs = {{result, shape}};
    if (draw.percent(50)) {
      operation.body = draw.among<std::string>({"add", "multiply"});
      IndexList map;
      for (const Index &index : shape)
        if (draw.percent(50))
          map.push_back(index);
      operation.inputs.push_back(
          {addBuffer(specification, type, map, true), map});
    } else {
      std::vector<std::string> bodies = {"relu", "relu_select", "negate",
                                         "scale"};
      if (hasFunctions(type))
        bodies.insert(bodies.end(), {"tanh", "sigmoid", "gelu"});
      operation.body = draw.among(bodies);
      operation.constant = 2;
    }
    unsigned next = addBuffer(specification, type, shape, false);
    operation.output = {next, shape};
    specification.operations.push_back(std::move(operation));
    result = next;
  }
  return result;
}

void differential::generateContraction(Specification &specification,
                                       Draw &draw) {
  Parts parts = drawParts(specification, draw);
  auto [factorType, sumType] = drawTypes(draw);
  IndexList left =
      shuffled(joined({parts.outer, parts.rows, parts.reductions}), draw);
  IndexList right =
      shuffled(joined({parts.outer, parts.columns, parts.reductions}), draw);
  IndexList result =
      shuffled(joined({parts.outer, parts.rows, parts.columns}), draw);
  if (draw.percent(45))
    slide(draw.percent(85) ? left : right, parts.reductions, draw);
  stretch(left, {right, result}, draw);
  stretch(right, {left, result}, draw);

  Operation product;
  product.body = draw.percent(50) ? "product_sum" : "product_sum_swapped";
  std::vector<unsigned> loops =
      joined({parts.outer, parts.rows, parts.columns, parts.reductions});
  draw.shuffle(loops);
  for (unsigned loop : loops) {
    product.loops.push_back(loop);
    product.reduced.push_back(std::find(parts.reductions.begin(),
                                        parts.reductions.end(),
                                        loop) != parts.reductions.end());
  }
  product.inputs = {
      {addBuffer(specification, factorType, shapeFor(left, draw), true), left},
      {addBuffer(specification, factorType, shapeFor(right, draw), true),
       right}};
  if (draw.percent(50))
    std::swap(product.inputs[0], product.inputs[1]);
  unsigned sum = addBuffer(specification, sumType, result, false);
  product.output = {sum, result};
  drawStart(specification, sum, draw);
  specification.operations.push_back(std::move(product));
  if (isFloat(sumType) && draw.percent(30))
    sum = addEpilogue(specification, sum, draw);
  specification.buffers[sum].result = true;
}
