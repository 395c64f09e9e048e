//===- NamedGenerator.cpp - Random named ops ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generator.h"

#include <fmt/format.h>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

/// The operands of a named op over loops that are letters; `y*` and its tap
/// `p`, and `x*` and `q`, make one index, as a window does.
struct NamedOp {
  const char *name;
  const char *loops;
  const char *reductions;
  const char *left;
  const char *right;
  const char *result;
};

constexpr NamedOp namedOps[] = {
    {"linalg.matmul", "mn", "k", "mk", "kn", "mn"},
    {"linalg.batch_matmul", "bmn", "k", "bmk", "bkn", "bmn"},
    {"linalg.matvec", "m", "k", "mk", "k", "m"},
    {"linalg.vecmat", "n", "k", "k", "kn", "n"},
    {"linalg.dot", "", "k", "k", "k", ""},
    {"linalg.batch_matvec", "bm", "k", "bmk", "bk", "bm"},
    {"linalg.mmt4d", "mnij", "kl", "mkil", "nkjl", "mnij"},
    {"linalg.conv_1d_nwc_wcf", "nxf", "qc", "nXc", "qcf", "nxf"},
    {"linalg.conv_1d_ncw_fcw", "nfx", "cq", "ncX", "fcq", "nfx"},
    {"linalg.conv_2d_nhwc_hwcf", "nyxf", "pqc", "nYXc", "pqcf", "nyxf"},
    {"linalg.conv_2d_nhwc_fhwc", "nyxf", "pqc", "nYXc", "fpqc", "nyxf"},
    {"linalg.conv_2d_nchw_fchw", "nfyx", "cpq", "ncYX", "fcpq", "nfyx"},
    {"linalg.conv_2d_ngchw_gfchw", "ngfyx", "cpq", "ngcYX", "gfcpq", "ngfyx"},
    {"linalg.depthwise_conv_2d_nhwc_hwc", "nyxc", "pq", "nYXc", "pqc", "nyxc"},
    {"linalg.depthwise_conv_2d_nchw_chw", "ncyx", "pq", "ncYX", "cpq", "ncyx"},
    {"linalg.depthwise_conv_1d_nwc_wc", "nxc", "q", "nXc", "qc", "nxc"},
    {"linalg.pooling_nhwc_sum", "nyxc", "pq", "nYXc", "pq", "nyxc"},
    {"linalg.pooling_nhwc_max", "nyxc", "pq", "nYXc", "pq", "nyxc"},
};

} // namespace

static void generateSoftmax(Specification &specification, Draw &draw) {
  IndexList shape;
  for (int64_t rank = draw.between(1, 3); rank > 0; --rank)
    shape.push_back(Index::of(addDimension(specification, draw)));
  Operation softmax;
  softmax.named = "linalg.softmax";
  softmax.attributes =
      std::to_string(draw.below(static_cast<int64_t>(shape.size())));
  softmax.inputs = {
      {addBuffer(specification, ElementType::F32, shape, true), shape}};
  softmax.output = {addBuffer(specification, ElementType::F32, shape, false),
                    shape};
  specification.buffers[softmax.output.buffer].result = true;
  for (const Index &index : shape) {
    softmax.loops.push_back(index.terms[0].first);
    softmax.reduced.push_back(false);
  }
  specification.operations.push_back(std::move(softmax));
}

void differential::generateNamedOp(Specification &specification, Draw &draw) {
  constexpr int64_t count = std::size(namedOps);
  int64_t chosen = draw.below(count + 2);
  if (chosen >= count)
    return generateSoftmax(specification, draw);
  const NamedOp &op = namedOps[chosen];
  std::string name = op.name;
  std::map<char, unsigned> dimensions;
  Operation operation;
  operation.named = name;
  for (const char *letters : {op.loops, op.reductions})
    for (const char *letter = letters; *letter; ++letter) {
      dimensions[*letter] = addDimension(specification, draw);
      operation.loops.push_back(dimensions[*letter]);
      operation.reduced.push_back(letters == op.reductions);
      Dimension &dimension = specification.dimensions.back();
      // A window is small.
      if (*letter == 'p' || *letter == 'q')
        dimension.extent = draw.between(1, 4);
    }
  bool slides = std::string_view(op.left).find('X') != std::string_view::npos;
  bool isPlane = std::string_view(op.left).find('Y') != std::string_view::npos;
  int64_t strides[] = {draw.between(1, 2), draw.between(1, 2)};
  int64_t dilations[] = {draw.between(1, 2), draw.between(1, 2)};
  auto mapOf = [&](const char *letters) {
    IndexList map;
    for (const char *letter = letters; *letter; ++letter) {
      if (*letter == 'Y')
        map.push_back(
            {{{dimensions['y'], strides[0]}, {dimensions['p'], dilations[0]}},
             0});
      else if (*letter == 'X')
        map.push_back(
            {{{dimensions['x'], strides[1]}, {dimensions['q'], dilations[1]}},
             0});
      else
        map.push_back(Index::of(dimensions[*letter]));
    }
    return map;
  };
  if (isPlane)
    operation.attributes = fmt::format(
        "dilations = dense<[{}, {}]> : tensor<2xi64>, strides = dense<[{}, "
        "{}]> : tensor<2xi64>",
        dilations[0], dilations[1], strides[0], strides[1]);
  else if (slides)
    operation.attributes = fmt::format(
        "dilations = dense<{}> : tensor<1xi64>, strides = dense<{}> : "
        "tensor<1xi64>",
        dilations[1], strides[1]);
  using enum ElementType;
  bool pools = name.find("pooling") != std::string::npos;
  auto [factor, sum] =
      pools ? std::pair(F32, F32)
            : draw.among<std::pair<ElementType, ElementType>>(
                  {{F32, F32}, {F32, F32}, {F64, F64}, {F16, F32}, {I8, I32}});
  for (const char *letters : {op.left, op.right}) {
    IndexList map = mapOf(letters);
    operation.inputs.push_back(
        {addBuffer(specification, factor, map, true), map});
  }
  IndexList result = mapOf(op.result);
  unsigned output = addBuffer(specification, sum, result, draw.percent(25));
  operation.output = {output, result};
  specification.buffers[output].result = true;
  if (!specification.buffers[output].argument)
    addFill(specification, output, name.ends_with("_max") ? -100 : 0);
  specification.operations.push_back(std::move(operation));
}
