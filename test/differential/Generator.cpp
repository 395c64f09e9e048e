//===- Generator.cpp - Random modules -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Generator.h"

#include <algorithm>
#include <numeric>

using namespace orcinus;
using namespace orcinus::differential;

/// Iterations of a module: more only takes longer.
static constexpr int64_t mostIterations = 40000;

int64_t differential::drawExtent(const Specification &specification,
                                 Draw &draw) {
  int64_t lanes = std::max<int64_t>(specification.options.vectorBits, 128) / 32;
  int64_t kind = draw.below(100);
  if (kind < 1)
    return 0;
  if (kind < 11)
    return 1;
  if (kind < 60)
    return draw.between(2, 9);
  if (kind < 90)
    return std::max<int64_t>(1,
                             lanes * draw.between(1, 4) + draw.between(-1, 1));
  return draw.between(10, 70);
}

unsigned differential::addDimension(Specification &specification, Draw &draw) {
  specification.dimensions.push_back({drawExtent(specification, draw), false});
  return static_cast<unsigned>(specification.dimensions.size() - 1);
}

unsigned differential::addBuffer(Specification &specification, ElementType type,
                                 IndexList shape, bool argument) {
  Buffer buffer;
  buffer.type = type;
  buffer.shape = std::move(shape);
  buffer.argument = argument;
  specification.buffers.push_back(std::move(buffer));
  return static_cast<unsigned>(specification.buffers.size() - 1);
}

void differential::addFill(Specification &specification, unsigned buffer,
                           double constant) {
  Operation fill;
  fill.named = "linalg.fill";
  fill.output = {buffer, {}};
  fill.constant = constant;
  specification.operations.push_back(std::move(fill));
}

bool differential::hasFunctions(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F64;
}

/// Halves extents until the module is small enough.
static void limitIterations(Specification &specification) {
  while (specification.iterations() > mostIterations) {
    auto largest = std::max_element(
        specification.dimensions.begin(), specification.dimensions.end(),
        [](const Dimension &one, const Dimension &other) {
          return one.extent < other.extent;
        });
    largest->extent = (largest->extent + 1) / 2;
  }
}

/// Gives loops an iteration that are no index alone: MLIR computes an index
/// below 0 of one without any.
static void fillWindows(Specification &specification) {
  auto fill = [&](const IndexList &map) {
    for (const Index &index : map)
      for (auto [dimension, factor] : index.terms)
        if (index != Index::of(dimension))
          specification.dimensions[dimension].extent =
              std::max<int64_t>(specification.dimensions[dimension].extent, 1);
  };
  for (const Operation &operation : specification.operations) {
    for (const OperandUse &input : operation.inputs)
      fill(input.map);
    fill(operation.output.map);
  }
}

/// Whether some buffer has the dimension alone as one of its own, so that its
/// extent can be known at run time.
static bool isExtentOfBuffer(const Specification &specification,
                             unsigned dimension) {
  for (const Buffer &buffer : specification.buffers)
    for (const Index &index : buffer.shape)
      if (index.terms.size() == 1 && index.offset == 0 &&
          index.terms[0] == std::pair<unsigned, int64_t>(dimension, 1))
        return true;
  return false;
}

static void drawLayouts(Specification &specification, Draw &draw) {
  for (Buffer &buffer : specification.buffers) {
    if (buffer.shape.empty() || draw.percent(60))
      continue;
    buffer.order.resize(buffer.shape.size());
    std::iota(buffer.order.begin(), buffer.order.end(), 0);
    if (draw.percent(30))
      draw.shuffle(buffer.order);
    for (size_t at = 0; at < buffer.shape.size(); ++at)
      buffer.padding.push_back(draw.percent(40) ? draw.between(1, 5) : 0);
    buffer.offset = draw.percent(40) ? draw.between(1, 20) : 0;
    buffer.unknownLayout = draw.percent(30);
  }
}

/// A loop may be labelled a reduction although each of its iterations has an
/// element of the result of its own.
static void drawLabel(Specification &specification, Draw &draw) {
  Operation &operation = specification.operations[draw.below(
      static_cast<int64_t>(specification.operations.size()))];
  if (operation.named.empty() && !operation.loops.empty())
    operation
        .reduced[draw.below(static_cast<int64_t>(operation.loops.size()))] =
        true;
}

/// Pads the result of the last op on tensors; what is padded may be read
/// besides, or returned.
static void padResult(Specification &specification, Draw &draw) {
  unsigned source = specification.operations.back().output.buffer;
  IndexList shape = specification.buffers[source].shape;
  ElementType type = specification.buffers[source].type;
  if (shape.empty() || !specification.buffers[source].result)
    return;
  Operation pad;
  pad.named = "tensor.pad";
  pad.inputs = {{source, shape}};
  pad.constant = draw.between(-2, 2);
  for (Index &index : shape) {
    int64_t low = draw.percent(50) ? draw.between(0, 3) : 0;
    int64_t high = draw.percent(50) ? draw.between(0, 3) : 0;
    pad.low.push_back(low);
    pad.high.push_back(high);
    index.offset += low + high;
  }
  unsigned padded = addBuffer(specification, type, shape, false);
  pad.output = {padded, shape};
  specification.operations.push_back(std::move(pad));
  specification.buffers[padded].result = true;
  specification.buffers[source].result = draw.percent(20);
  const IndexList &read = specification.buffers[source].shape;
  bool isWhole = std::all_of(read.begin(), read.end(), [](const Index &index) {
    return index.terms.size() == 1 &&
           index == Index::of(index.terms.front().first);
  });
  if (!isWhole || draw.percent(70))
    return;
  Operation reader;
  reader.body = "shift";
  reader.constant = 1;
  for (const Index &index : read) {
    reader.loops.push_back(index.terms.front().first);
    reader.reduced.push_back(false);
  }
  IndexList all = read;
  reader.inputs = {{source, all}};
  unsigned shifted = addBuffer(specification, type, all, false);
  reader.output = {shifted, all};
  specification.buffers[shifted].result = true;
  specification.operations.push_back(std::move(reader));
}

static void drawOptions(Case &options, Draw &draw) {
  options.vectorBits = draw.among<int64_t>({128, 256, 256, 512});
  options.vectorRegisters = draw.among<int64_t>({16, 32});
  options.threads = draw.percent(30) ? 2 : 1;
  options.dataSeed = static_cast<uint64_t>(draw.below(1 << 30));
  options.integers = draw.percent(75);
  options.memory.poison = draw.percent(70) ? 0xFF : 0x7E;
  options.memory.atEnd = draw.percent(60);
}

Specification differential::generateModule(uint64_t seed, uint64_t number) {
  Draw draw(seed, number);
  Specification specification;
  drawOptions(specification.options, draw);
  int64_t kind = draw.below(100);
  if (kind < 60)
    generateContraction(specification, draw);
  else if (kind < 75)
    generateNamedOp(specification, draw);
  else
    generateChain(specification, draw);
  fillWindows(specification);
  limitIterations(specification);
  if (draw.percent(20))
    for (size_t at = 0; at < specification.dimensions.size(); ++at)
      specification.dimensions[at].dynamic =
          draw.percent(40) && isExtentOfBuffer(specification, at);
  specification.tensors = draw.percent(55);
  if (!specification.tensors)
    drawLayouts(specification, draw);
  else
    specification.options.outlined = draw.percent(15);
  if (draw.percent(8))
    drawLabel(specification, draw);
  if (specification.tensors && draw.percent(25)) {
    padResult(specification, draw);
    fillWindows(specification);
  }
  return specification;
}
