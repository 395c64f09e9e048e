//===- OperatorSets.cpp - Sets of operators to tune -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/OperatorSets.h"

#include "OperatorFamilies.h"

#include "orcinus/Support/CounterRng.h"

#include <fmt/format.h>

#include <utility>

using namespace orcinus;

static constexpr OperatorSet sets[] = {
    {"gemm-grid", "64 matrix products of powers of two"},
    {"gemm-apart", "16 matrix products, no two of which share two extents"},
    {"network-mix", "18 operators of networks: 12 products, 4 convolutions, a "
                    "softmax and a layer norm"},
    {"standard", "the operators common in the literature"},
};

std::span<const OperatorSet> orcinus::operatorSets() { return sets; }

/// 64 of the grid's shapes, each as likely (Fisher and Yates).
static std::vector<OperatorDescription> gridOperators(uint64_t seed) {
  constexpr size_t taken = 64;
  constexpr int64_t least = 32, most = 1024;
  std::vector<OperatorDescription> grid;
  for (int64_t m = least; m <= most; m *= 2)
    for (int64_t n = least; n <= most; n *= 2)
      for (int64_t k = least; k <= most; k *= 2)
        grid.push_back(matmul(m, n, k));
  for (size_t at = 0; at < taken; ++at)
    std::swap(grid[at], grid[at + randomBelow(seed, randomStream("gemm-grid"),
                                              at, grid.size() - at)]);
  grid.resize(taken);
  return grid;
}

/// Exponents that sum to a multiple of four: two of a shape's decide the third.
static std::vector<OperatorDescription> apartOperators() {
  constexpr int64_t least = 64;
  std::vector<OperatorDescription> operators;
  for (int m = 0; m < 4; ++m)
    for (int n = 0; n < 4; ++n)
      operators.push_back(
          matmul(least << m, least << n, least << (8 - m - n) % 4));
  return operators;
}

/// Products of BERT, MobileNet-V2 and a classifier, and ResNet's convolutions
/// of 3×3, of each size one: far from each other, as a network's operators are.
static std::vector<OperatorDescription> networkMix() {
  constexpr int64_t products[][3] = {
      {128, 768, 768},  {128, 3072, 768}, {128, 768, 3072}, {128, 512, 512},
      {128, 2048, 512}, {128, 512, 2048}, {512, 768, 768},  {3136, 24, 144},
      {784, 192, 32},   {196, 576, 96},   {49, 1280, 320},  {1, 1000, 2048},
  };
  std::vector<OperatorDescription> operators;
  for (auto [m, n, k] : products)
    operators.push_back(matmul(m, n, k));
  for (int64_t pixels = 56, channels = 64; pixels >= 7;
       pixels /= 2, channels *= 2) {
    ConvolutionShape shape;
    shape.spatial = {pixels, pixels};
    shape.inputChannels = shape.outputChannels = channels;
    shape.window = 3;
    shape.padding = 1;
    operators.push_back(convolution(shape));
  }
  operators.push_back(rowReduction("softmax", 1536, 128));
  operators.push_back(rowReduction("layer_norm", 128, 768));
  return operators;
}

StatusOr<std::vector<TunableOperator>>
orcinus::operatorSet(std::string_view name, uint64_t seed) {
  std::vector<OperatorDescription> descriptions;
  if (name == "gemm-grid")
    descriptions = gridOperators(seed);
  else if (name == "gemm-apart")
    descriptions = apartOperators();
  else if (name == "network-mix")
    descriptions = networkMix();
  else if (name == "standard")
    descriptions = standardOperators();
  if (descriptions.empty()) {
    std::string all;
    for (const OperatorSet &set : sets)
      all += (all.empty() ? "" : ", ") + std::string(set.name);
    return Status::error(
        fmt::format("no set of operators '{}'; use one of {}", name, all));
  }
  std::vector<TunableOperator> operators;
  for (OperatorDescription &description : descriptions) {
    StatusOr<TunableOperator> op = makeOperator(std::move(description));
    if (!op.ok())
      return op.status();
    operators.push_back(std::move(*op));
  }
  return operators;
}
