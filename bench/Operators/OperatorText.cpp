//===- OperatorText.cpp - Programs of operators with packed weights -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorText.h"

#include "lib/Tuning/IndexMap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace orcinus;
using namespace orcinus::bench;

namespace {

struct Operand {
  std::vector<std::string> indices;
  std::vector<int64_t> shape;
};

std::vector<std::string> indicesOf(const OperatorDescription &description,
                                   const OperatorOperand &operand) {
  std::vector<size_t> numbers(description.loops.size());
  for (size_t loop = 0; loop < numbers.size(); ++loop)
    numbers[loop] = loop;
  IndexMap map = *parseIndexMap(operand.map, description.loops);
  std::vector<std::string> indices;
  for (const IndexExpression &expression : map)
    indices.push_back(printIndexMap({expression}, numbers, "d", ", "));
  return indices;
}

std::string typeOf(const std::vector<int64_t> &shape) {
  return fmt::format("memref<{}xf32>", fmt::join(shape, "x"));
}

/// Puts `weight` into panels of the width that `schedule` asks for: outer
/// dimensions, the panel, reductions, the column in the panel.
void packWeight(const OperatorDescription &description, Operand &weight,
                const std::string &column, Schedule &schedule, int64_t lanes) {
  size_t columnAt =
      std::find(weight.indices.begin(), weight.indices.end(), column) -
      weight.indices.begin();
  int64_t columns = weight.shape[columnAt];
  if (int64_t chosen = schedule.find("vector_lanes").value_or(0))
    lanes = chosen;
  int64_t vectors = (columns + lanes - 1) / lanes;
  int64_t widest = *schedule.find("panel_vectors");
  int64_t panels = (vectors + widest - 1) / widest;
  int64_t panelVectors = (vectors + panels - 1) / panels;
  int64_t width = panelVectors * lanes;

  auto isReduction = [&](const std::string &index) {
    for (size_t loop = 0; loop < description.loops.size(); ++loop)
      if (index == fmt::format("d{}", loop))
        return description.loops[loop].kind == LoopKind::Reduction;
    return false;
  };
  Operand packed;
  auto add = [&](const std::string &index, int64_t extent) {
    packed.indices.push_back(index);
    packed.shape.push_back(extent);
  };
  for (bool reductions : {false, true}) {
    for (size_t at = 0; at < weight.indices.size(); ++at)
      if (at != columnAt && isReduction(weight.indices[at]) == reductions)
        add(weight.indices[at], weight.shape[at]);
    if (!reductions)
      add(fmt::format("{} floordiv {}", column, width),
          (columns + width - 1) / width);
  }
  add(fmt::format("{} mod {}", column, width), width);
  weight = packed;
  schedule.set("panel_vectors", panelVectors);
  schedule.set("pack_right", 0);
}

} // namespace

OperatorText bench::sumOfProductsText(const OperatorDescription &description,
                                      Schedule schedule, int64_t lanes) {
  std::vector<Operand> operands;
  for (size_t at : {size_t(0), size_t(1), description.operands.size() - 1}) {
    const OperatorOperand &operand = description.operands[at];
    operands.push_back(
        {indicesOf(description, operand), description.shapeOf(operand)});
  }
  const std::string &column = operands[2].indices.back();
  for (size_t at : {0, 1})
    if (description.operands[at].role == OperandRole::Weight &&
        schedule.find("pack_right").value_or(0) &&
        std::count(operands[at].indices.begin(), operands[at].indices.end(),
                   column) == 1)
      packWeight(description, operands[at], column, schedule, lanes);

  std::vector<std::string> dimensions, iterators, maps, types;
  for (size_t loop = 0; loop < description.loops.size(); ++loop) {
    dimensions.push_back(fmt::format("d{}", loop));
    iterators.push_back(description.loops[loop].kind == LoopKind::Reduction
                            ? "\"reduction\""
                            : "\"parallel\"");
  }
  OperatorText text;
  for (const Operand &operand : operands) {
    maps.push_back(fmt::format("affine_map<({}) -> ({})>",
                               fmt::join(dimensions, ", "),
                               fmt::join(operand.indices, ", ")));
    types.push_back(typeOf(operand.shape));
    text.shapes.push_back(operand.shape);
  }
  text.schedule = schedule;
  text.module = fmt::format(
      R"(func.func @operator(%a: {0}, %b: {1}, %c: {2}) {{
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : {2})
  linalg.generic {{indexing_maps = [{3}], iterator_types = [{4}]}}
      ins(%a, %b : {0}, {1}) outs(%c : {2}) {{
  ^bb0(%x: f32, %y: f32, %z: f32):
    %product = arith.mulf %x, %y : f32
    %sum = arith.addf %z, %product : f32
    linalg.yield %sum : f32
  }}
  return
}}
)",
      types[0], types[1], types[2], fmt::join(maps, ", "),
      fmt::join(iterators, ", "));
  return text;
}
