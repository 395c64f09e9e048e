//===- OneDnnOperator.cpp - Convolutions and normalisations by oneDNN -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Libraries.h"
#include "LoopRoles.h"

#include <dnnl.hpp>

#include <algorithm>
#include <memory>

using namespace orcinus;
using namespace orcinus::bench;
using dnnl::memory;

namespace {

/// A primitive with memory of its own for each operand.
struct Execution {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::primitive primitive;
  std::unordered_map<int, memory> arguments;

  void add(int argument, const memory::desc &description) {
    memory operand(description, engine);
    auto *values = static_cast<float *>(operand.get_data_handle());
    std::fill_n(values, description.get_size() / sizeof(float), 0.5f);
    arguments.emplace(argument, operand);
  }
};

TimedWork toWork(std::shared_ptr<Execution> execution) {
  return {"oneDNN", [execution] {
            execution->primitive.execute(execution->stream,
                                         execution->arguments);
            execution->stream.wait();
          }};
}

/// Strides of a tensor whose dimensions, channels second, lie in memory with
/// the channels innermost.
memory::dims channelsLast(const memory::dims &dimensions) {
  memory::dims strides(dimensions.size(), 1);
  int64_t stride = dimensions[1];
  for (size_t at = dimensions.size(); at-- > 2;) {
    strides[at] = stride;
    stride *= dimensions[at];
  }
  strides[0] = stride;
  return strides;
}

/// A convolution as oneDNN describes it; spatial dimensions outermost first.
struct Convolution {
  int64_t images = 1, groups = 1, inputs = 1, outputs = 1;
  memory::dims size, taps, input, strides, dilations;
  bool transposed = false;
};

/// The convolution that `description` is.
Convolution convolutionOf(const OperatorDescription &description) {
  LoopRoles roles(description);
  auto extent = [&](size_t loop) { return description.loops[loop].extent; };
  Convolution found;
  std::vector<size_t> spatial;
  for (const IndexExpression &index : roles.maps[0]) {
    for (auto [loop, coefficient] : index.terms)
      if (std::count(roles.rows.begin(), roles.rows.end(), loop) &&
          index.terms.size() > 1)
        spatial.push_back(loop);
  }
  for (size_t row : roles.rows)
    if (!std::count(spatial.begin(), spatial.end(), row))
      found.images *= extent(row);
  for (size_t column : roles.columns)
    found.outputs *= extent(column);
  for (size_t row : spatial) {
    found.size.push_back(extent(row));
    found.strides.push_back(roles.coefficient(row));
  }
  found.taps.assign(spatial.size(), 1);
  found.dilations.assign(spatial.size(), 0);
  auto spatialOf = [&](size_t loop) {
    std::optional<size_t> sliding = roles.slidingLoop(loop);
    return sliding ? std::find(spatial.begin(), spatial.end(), *sliding) -
                         spatial.begin()
                   : static_cast<ptrdiff_t>(spatial.size());
  };
  for (size_t sum : roles.sums) {
    size_t at = spatialOf(sum);
    if (at == spatial.size()) {
      found.inputs *= extent(sum);
      continue;
    }
    found.taps[at] = extent(sum);
    found.dilations[at] = roles.coefficient(sum) - 1;
  }
  // A loop of all operands is a group, or the phase of a transposed window.
  for (size_t batch : roles.batches) {
    size_t at = spatialOf(batch);
    if (at == spatial.size()) {
      found.groups *= extent(batch);
      continue;
    }
    found.transposed = true;
    found.strides[at] = extent(batch);
    found.taps[at] *= extent(batch);
  }
  return found;
}

memory::dims joined(memory::dims front, const memory::dims &back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

} // namespace

TimedWork bench::oneDnnConvolution(const OperatorDescription &description) {
  Convolution shape = convolutionOf(description);
  size_t rank = shape.size.size();
  memory::dims sourceSize, resultSize;
  for (size_t at = 0; at < rank; ++at) {
    int64_t window = (shape.taps[at] - 1) * (shape.dilations[at] + 1) + 1;
    if (shape.transposed) {
      // The operator's input is padded by one pixel less than a phase's taps.
      sourceSize.push_back(shape.size[at]);
      resultSize.push_back(shape.size[at] * shape.strides[at]);
    } else {
      sourceSize.push_back((shape.size[at] - 1) * shape.strides[at] + window);
      resultSize.push_back(shape.size[at]);
    }
  }
  auto activation = [&](int64_t channels, const memory::dims &size) {
    memory::dims dims = joined({shape.images, channels * shape.groups}, size);
    return memory::desc(dims, memory::data_type::f32, channelsLast(dims));
  };
  memory::desc source = activation(shape.inputs, sourceSize);
  memory::desc result = activation(shape.outputs, resultSize);
  memory::dims weightDims = joined({shape.outputs, shape.inputs}, shape.taps);
  if (shape.groups > 1)
    weightDims = joined({shape.groups}, weightDims);
  memory::desc weight(weightDims, memory::data_type::f32,
                      memory::format_tag::any);
  auto execution = std::make_shared<Execution>();
  auto finish = [&](auto primitiveDescription, auto primitive) {
    execution->primitive = primitive;
    execution->add(DNNL_ARG_SRC, primitiveDescription.src_desc());
    execution->add(DNNL_ARG_WEIGHTS, primitiveDescription.weights_desc());
    execution->add(DNNL_ARG_DST, primitiveDescription.dst_desc());
    return toWork(execution);
  };
  memory::dims padding(rank, 0);
  if (shape.transposed) {
    for (size_t at = 0; at < rank; ++at)
      padding[at] = (shape.taps[at] - shape.strides[at]) / 2;
    dnnl::deconvolution_forward::desc operation(
        dnnl::prop_kind::forward_inference,
        dnnl::algorithm::deconvolution_direct, source, weight, result,
        shape.strides, padding, padding);
    dnnl::deconvolution_forward::primitive_desc primitive(operation,
                                                          execution->engine);
    return finish(primitive, dnnl::deconvolution_forward(primitive));
  }
  dnnl::convolution_forward::desc operation(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto,
      source, weight, result, shape.strides, shape.dilations, padding, padding);
  dnnl::convolution_forward::primitive_desc primitive(operation,
                                                      execution->engine);
  return finish(primitive, dnnl::convolution_forward(primitive));
}

TimedWork bench::oneDnnNormalisation(const OperatorDescription &description) {
  std::vector<int64_t> shape = description.shapeOf(description.operands.back());
  memory::dims dims(shape.begin(), shape.end());
  memory::dims strides(dims.size(), 1);
  for (size_t at = dims.size() - 1; at-- > 0;)
    strides[at] = strides[at + 1] * dims[at + 1];
  memory::desc rows(dims, memory::data_type::f32, strides);
  auto execution = std::make_shared<Execution>();
  execution->add(DNNL_ARG_SRC, rows);
  execution->add(DNNL_ARG_DST, rows);
  if (description.body == "softmax") {
    dnnl::softmax_forward::desc operation(dnnl::prop_kind::forward_inference,
                                          rows, dims.size() - 1);
    dnnl::softmax_forward::primitive_desc primitive(operation,
                                                    execution->engine);
    execution->primitive = dnnl::softmax_forward(primitive);
    return toWork(execution);
  }
  using dnnl::normalization_flags;
  dnnl::layer_normalization_forward::desc operation(
      dnnl::prop_kind::forward_inference, rows, 1e-5f,
      normalization_flags::use_scale | normalization_flags::use_shift);
  dnnl::layer_normalization_forward::primitive_desc primitive(
      operation, execution->engine);
  execution->primitive = dnnl::layer_normalization_forward(primitive);
  memory::desc columns({dims.back()}, memory::data_type::f32, {1});
  execution->add(DNNL_ARG_SCALE, columns);
  execution->add(DNNL_ARG_SHIFT, columns);
  return toWork(execution);
}
