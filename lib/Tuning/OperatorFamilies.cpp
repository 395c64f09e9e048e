//===- OperatorFamilies.cpp - Operators by their extents ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorFamilies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

using namespace orcinus;

static OperatorLoop parallel(std::string name, int64_t extent) {
  return {std::move(name), LoopKind::Parallel, extent, /*bucketed=*/false};
}

static OperatorLoop reduction(std::string name, int64_t extent) {
  return {std::move(name), LoopKind::Reduction, extent, /*bucketed=*/false};
}

static OperatorOperand operand(OperandRole role, std::string map) {
  return {"f32", std::move(map), role};
}

/// Adds the operand that an epilogue with a bias needs, before the result.
static void setEpilogue(OperatorDescription &description, std::string epilogue,
                        std::string channel) {
  if (epilogue.starts_with("bias"))
    description.operands.insert(description.operands.end() - 1,
                                operand(OperandRole::Bias, std::move(channel)));
  description.epilogue = std::move(epilogue);
}

OperatorDescription orcinus::matmul(int64_t m, int64_t n, int64_t k,
                                    MatrixLayout layout, std::string epilogue) {
  OperatorDescription description;
  const char *left = layout == MatrixLayout::TransposedLeft ? "k, m" : "m, k";
  const char *right = layout == MatrixLayout::TransposedRight ? "n, k" : "k, n";
  // The gradient of a weight multiplies what both change with each call.
  OperandRole rightRole = layout == MatrixLayout::TransposedLeft
                              ? OperandRole::Activation
                              : OperandRole::Weight;
  const char *suffix = layout == MatrixLayout::Plain             ? ""
                       : layout == MatrixLayout::TransposedRight ? "-nt"
                                                                 : "-tn";
  description.name = fmt::format("matmul{}-{}x{}x{}", suffix, m, n, k);
  if (!epilogue.empty())
    description.name += "-" + epilogue;
  description.loops = {parallel("m", m), parallel("n", n), reduction("k", k)};
  description.operands = {operand(OperandRole::Activation, left),
                          operand(rightRole, right),
                          operand(OperandRole::Result, "m, n")};
  setEpilogue(description, std::move(epilogue), "n");
  return description;
}

OperatorDescription orcinus::batchMatmul(int64_t b, int64_t m, int64_t n,
                                         int64_t k, bool transposedRight) {
  OperatorDescription description;
  description.name = fmt::format("batch-matmul{}-{}x{}x{}x{}",
                                 transposedRight ? "-nt" : "", b, m, n, k);
  description.loops = {parallel("b", b), parallel("m", m), parallel("n", n),
                       reduction("k", k)};
  description.operands = {
      operand(OperandRole::Activation, "b, m, k"),
      operand(OperandRole::Activation, transposedRight ? "b, n, k" : "b, k, n"),
      operand(OperandRole::Result, "b, m, n")};
  return description;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

static constexpr const char *spatialNames[] = {"d", "h", "w"};

/// The extents of the result.
static std::vector<int64_t> outputExtents(const ConvolutionShape &shape) {
  std::vector<int64_t> extents;
  for (int64_t extent : shape.spatial)
    extents.push_back(
        (extent + 2 * shape.padding - shape.dilation * (shape.window - 1) - 1) /
            shape.stride +
        1);
  return extents;
}

/// The loops over a convolution's positions and windows, and how its input and
/// result are indexed there.
struct SpatialLoops {
  std::vector<OperatorLoop> output, window;
  std::vector<std::string> inputMap, outputMap, windowMap;
};

static SpatialLoops spatialLoops(const ConvolutionShape &shape) {
  SpatialLoops loops;
  std::vector<int64_t> extents = outputExtents(shape);
  size_t skipped = std::size(spatialNames) - extents.size();
  for (size_t at = 0; at < extents.size(); ++at) {
    std::string position = std::string("o") + spatialNames[skipped + at];
    std::string offset = std::string("k") + spatialNames[skipped + at];
    loops.output.push_back(parallel(position, extents[at]));
    loops.window.push_back(reduction(offset, shape.window));
    loops.inputMap.push_back(fmt::format("{} * {} + {} * {}", position,
                                         shape.stride, offset, shape.dilation));
    loops.outputMap.push_back(position);
    loops.windowMap.push_back(offset);
  }
  return loops;
}

static std::string operatorName(std::string_view what,
                                const ConvolutionShape &shape) {
  std::string name =
      fmt::format("{}{}d-{}x{}x{}", what, shape.spatial.size(), shape.batch,
                  fmt::join(shape.spatial, "x"), shape.inputChannels);
  name += fmt::format("-{}-k{}s{}", shape.outputChannels, shape.window,
                      shape.stride);
  if (shape.dilation > 1)
    name += fmt::format("d{}", shape.dilation);
  if (shape.groups > 1)
    name += fmt::format("g{}", shape.groups);
  if (shape.capsule > 1)
    name += fmt::format("c{}", shape.capsule);
  return name;
}

OperatorDescription orcinus::convolution(const ConvolutionShape &shape,
                                         std::string epilogue) {
  SpatialLoops spatial = spatialLoops(shape);
  OperatorDescription description;
  description.name = operatorName("conv", shape);
  if (!epilogue.empty())
    description.name += "-" + epilogue;
  bool grouped = shape.groups > 1, capsule = shape.capsule > 1;
  std::vector<OperatorLoop> &loops = description.loops;
  loops = {parallel("n", shape.batch)};
  loops.insert(loops.end(), spatial.output.begin(), spatial.output.end());
  if (grouped)
    loops.push_back(parallel("g", shape.groups));
  if (capsule)
    loops.push_back(parallel("ci", shape.capsule));
  loops.push_back(parallel("co", shape.outputChannels / shape.groups));
  if (capsule)
    loops.push_back(parallel("cj", shape.capsule));
  loops.insert(loops.end(), spatial.window.begin(), spatial.window.end());
  loops.push_back(reduction("c", shape.inputChannels / shape.groups));
  if (capsule)
    loops.push_back(reduction("ck", shape.capsule));
  std::string group = grouped ? "g, " : "";
  description.operands = {
      operand(OperandRole::Activation,
              fmt::format("n, {}, {}c{}", fmt::join(spatial.inputMap, ", "),
                          group, capsule ? ", ci, ck" : "")),
      operand(OperandRole::Weight,
              fmt::format("{}, {}c{}, co{}", fmt::join(spatial.windowMap, ", "),
                          group, capsule ? ", ck" : "", capsule ? ", cj" : "")),
      operand(OperandRole::Result,
              fmt::format("n, {}, {}{}co{}", fmt::join(spatial.outputMap, ", "),
                          group, capsule ? "ci, " : "",
                          capsule ? ", cj" : ""))};
  setEpilogue(description, std::move(epilogue), "co");
  return description;
}

OperatorDescription
orcinus::depthwiseConvolution(const ConvolutionShape &shape) {
  SpatialLoops spatial = spatialLoops(shape);
  OperatorDescription description;
  description.family = OperatorFamily::Depthwise;
  description.name = operatorName("depthwise", shape);
  description.loops = {parallel("n", shape.batch)};
  auto append = [&](const std::vector<OperatorLoop> &loops) {
    description.loops.insert(description.loops.end(), loops.begin(),
                             loops.end());
  };
  append(spatial.output);
  description.loops.push_back(parallel("c", shape.inputChannels));
  append(spatial.window);
  description.operands = {
      operand(OperandRole::Activation,
              fmt::format("n, {}, c", fmt::join(spatial.inputMap, ", "))),
      operand(OperandRole::Weight,
              fmt::format("{}, c", fmt::join(spatial.windowMap, ", "))),
      operand(OperandRole::Result,
              fmt::format("n, {}, c", fmt::join(spatial.outputMap, ", ")))};
  return description;
}

OperatorDescription
orcinus::transposedConvolution(const ConvolutionShape &shape) {
  OperatorDescription description;
  description.name = operatorName("transposed-conv", shape);
  // jh counts pairs of output rows, fh is the row of the pair, th the row of
  // its window; the same for columns.
  description.loops = {parallel("n", shape.batch),
                       parallel("jh", shape.spatial[0]),
                       parallel("fh", 2),
                       parallel("jw", shape.spatial[1]),
                       parallel("fw", 2),
                       parallel("co", shape.outputChannels),
                       reduction("th", 2),
                       reduction("tw", 2),
                       reduction("c", shape.inputChannels)};
  description.operands = {
      operand(OperandRole::Activation, "n, jh + fh + th, jw + fw + tw, c"),
      operand(OperandRole::Weight, "fh, fw, th, tw, c, co"),
      operand(OperandRole::Result, "n, jh, fh, jw, fw, co")};
  return description;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

OperatorDescription orcinus::rowReduction(std::string body, int64_t rows,
                                          int64_t columns) {
  OperatorDescription description;
  description.family = OperatorFamily::Reduction;
  description.name = fmt::format("{}-{}x{}", body, rows, columns);
  description.loops = {parallel("m", rows), reduction("n", columns)};
  description.operands = {operand(OperandRole::Activation, "m, n")};
  if (body == "layer_norm") {
    description.operands.push_back(operand(OperandRole::Weight, "n"));
    description.operands.push_back(operand(OperandRole::Bias, "n"));
  }
  description.operands.push_back(
      operand(OperandRole::Result, body == "l2_norm" ? "m" : "m, n"));
  description.body = std::move(body);
  return description;
}

OperatorDescription orcinus::elementwise(std::string epilogue, int64_t rows,
                                         int64_t columns) {
  OperatorDescription description;
  description.family = OperatorFamily::Elementwise;
  description.body = "copy";
  description.name = fmt::format("{}-{}x{}", epilogue, rows, columns);
  description.loops = {parallel("m", rows), parallel("n", columns)};
  description.operands = {operand(OperandRole::Activation, "m, n"),
                          operand(OperandRole::Result, "m, n")};
  setEpilogue(description, std::move(epilogue), "n");
  return description;
}
