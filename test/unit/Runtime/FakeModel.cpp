//===- FakeModel.cpp - A model compiled by hand ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"

#include "runtime/Abi/Abi.h"
#include "runtime/Abi/GpuAbi.h"
#include "runtime/Abi/MemrefDescriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

using namespace orcinus;

namespace {

constexpr int figureCount = 4;
constexpr int stateWidth = 2;

//===----------------------------------------------------------------------===//
// Arguments: their order is that of manifestText() below.
//===----------------------------------------------------------------------===//

template <typename T>
struct Matrix {
  explicit Matrix(void *argument)
      : descriptor(static_cast<MemrefDescriptor *>(argument)) {}
  T &operator()(int64_t row, int64_t column = 0) const {
    // A vector's second size is its stride, 1.
    return static_cast<T *>(
        descriptor->aligned)[row * descriptor->sizesAndStrides[1] + column];
  }
  int64_t rows() const { return descriptor->sizesAndStrides[0]; }
  MemrefDescriptor *descriptor;
};

struct Arguments {
  explicit Arguments(void **list)
      : weights(list[0]), memory(list[1]), message(list[2]), self(list[3]),
        neighbours(list[4]), counts(list[5]), frontierNodes(list[6]),
        pendingRows(list[7]), pendingNodes(list[8]), pendingDeltas(list[9]) {}

  Matrix<float> weights, memory, message;
  Matrix<int32_t> self, neighbours, counts, frontierNodes;
  Matrix<int32_t> pendingRows, pendingNodes;
  Matrix<float> pendingDeltas;
};

constexpr int commonArguments = 10;

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// The frontier's states with pending messages applied, [F, stateWidth].
float *updatedStates(const Arguments &in) {
  int64_t rows = in.frontierNodes.rows();
  auto *states = static_cast<float *>(
      orcinus_rt_allocate(rows * stateWidth * sizeof(float)));
  for (int64_t row = 0; row != rows; ++row)
    for (int64_t column = 0; column != stateWidth; ++column)
      states[row * stateWidth + column] =
          in.memory(in.frontierNodes(row), column);
  for (int64_t each = 0; each != in.pendingRows.rows(); ++each)
    for (int64_t column = 0; column != stateWidth; ++column) {
      float &value = states[in.pendingRows(each) * stateWidth + column];
      value = std::tanh(0.5f * value +
                        0.7f * in.message(in.pendingNodes(each), column) +
                        0.1f * std::cos(in.pendingDeltas(each)));
    }
  return states;
}

/// The figures of the pair of queries (`first`, `second`).
void computeFigures(const Arguments &in, const float *states, int64_t first,
                    int64_t second, float *figures) {
  int32_t firstRow = in.self(first), secondRow = in.self(second);
  int64_t width = in.neighbours.descriptor->sizesAndStrides[1];
  float found = 0;
  for (int32_t each = 0; each < in.counts(first); ++each)
    found += in.neighbours(first, each) == secondRow;
  figures[0] = 1;
  figures[1] = found / static_cast<float>(width) * 4;
  figures[2] = 0;
  for (int column = 0; column != stateWidth; ++column)
    figures[2] += states[firstRow * stateWidth + column] *
                  states[secondRow * stateWidth + column];
  figures[3] = states[firstRow * stateWidth];
}

/// Writes back the committed nodes' states and posts their messages.
void commitStates(const Arguments &in, const float *states, void **list) {
  Matrix<int32_t> nodes(list[0]), selfRows(list[1]), otherRows(list[2]);
  for (int64_t each = 0; each != nodes.rows(); ++each)
    for (int column = 0; column != stateWidth; ++column) {
      float own = states[selfRows(each) * stateWidth + column];
      float other = states[otherRows(each) * stateWidth + column];
      in.memory(nodes(each), column) = own;
      in.message(nodes(each), column) =
          0.5f * own - other + (column == 0 ? 0.2f : nodes(each) % 7 * 0.1f);
    }
}

bool drops(int64_t seed, int64_t row, int figure) {
  uint64_t bits = (static_cast<uint64_t>(seed) + row * figureCount + figure) *
                  0x9e3779b97f4a7c15;
  return (bits ^ bits >> 29) % 10 == 0;
}

/// Adam on the mean gradient.
void updateWeights(const Arguments &in, void **moments, float learningRate,
                   int64_t step, const float *gradient) {
  Matrix<float> first(moments[0]), second(moments[1]);
  for (int figure = 0; figure != figureCount; ++figure) {
    float value = gradient[figure];
    first(figure) = 0.9f * first(figure) + 0.1f * value;
    second(figure) = 0.999f * second(figure) + 0.001f * value * value;
    float mean = first(figure) / (1 - std::pow(0.9f, float(step)));
    float square = second(figure) / (1 - std::pow(0.999f, float(step)));
    in.weights(figure) -= learningRate * mean / (std::sqrt(square) + 1e-8f);
  }
}

void trainStep(void **list) {
  Arguments in(list);
  void **own = list + commonArguments;
  float learningRate = *static_cast<float *>(own[5]);
  int64_t step = *static_cast<int64_t *>(own[6]);
  int64_t seed = *static_cast<int64_t *>(own[7]);
  float *states = updatedStates(in);
  int64_t batch = in.self.rows() / 3;
  float gradient[figureCount] = {};
  float loss = 0;
  for (int64_t row = 0; row != 2 * batch; ++row) {
    float figures[figureCount];
    computeFigures(in, states, row % batch, batch + row, figures);
    float logit = 0;
    for (int figure = 0; figure != figureCount; ++figure) {
      if (drops(seed, row, figure))
        figures[figure] = 0;
      logit += figures[figure] * in.weights(figure);
    }
    float label = row < batch;
    loss += std::log1p(std::exp(-std::abs(logit))) + std::max(logit, 0.0f) -
            label * logit;
    float slope = 1 / (1 + std::exp(-logit)) - label;
    for (int figure = 0; figure != figureCount; ++figure)
      gradient[figure] += slope * figures[figure] / float(2 * batch);
  }
  updateWeights(in, own + 3, learningRate, step, gradient);
  commitStates(in, states, own);
  orcinus_rt_free(states);
  *static_cast<float *>(static_cast<MemrefDescriptor *>(own[8])->aligned) =
      loss / float(2 * batch);
}

void evaluateStep(void **list) {
  Arguments in(list);
  void **own = list + commonArguments;
  Matrix<float> logits(own[3]);
  float *states = updatedStates(in);
  int64_t batch = in.self.rows() / 3;
  for (int64_t row = 0; row != 2 * batch; ++row) {
    float figures[figureCount];
    computeFigures(in, states, row % batch, batch + row, figures);
    logits(row) = 0;
    for (int figure = 0; figure != figureCount; ++figure)
      logits(row) += figures[figure] * in.weights(figure);
  }
  commitStates(in, states, own);
  orcinus_rt_free(states);
}

void embedStep(void **list) {
  Arguments in(list);
  Matrix<float> embeddings(list[commonArguments]);
  float *states = updatedStates(in);
  for (int64_t query = 0; query != in.self.rows(); ++query) {
    for (int column = 0; column != stateWidth; ++column)
      embeddings(query, column) =
          states[in.self(query) * stateWidth + column] * in.weights(1);
    embeddings(query, stateWidth) = float(in.counts(query));
  }
  orcinus_rt_free(states);
}

template <int k>
void embedPrepare(void *step) {
  orcinus_rt_targets(step, 0);
  orcinus_rt_sample(step, 0, 1, k, 0);
  orcinus_rt_frontier(step, 0, 1, 2, 2);
  orcinus_rt_pending(step, 2, 3);
}

template <int k>
void batchPrepare(void *step) {
  embedPrepare<k>(step);
  orcinus_rt_commit(step, 2, 4, 0);
}

//===----------------------------------------------------------------------===//
// The program of a device
//===----------------------------------------------------------------------===//

/// A step function as a kernel of one thread.
struct Kernel {
  void (*step)(void **);
};

/// What a step function does with an argument, by its letter: an array of the
/// device's, tables of rank 1 (t) and 2, outputs of rank 0 to 2, a scalar.
constexpr char arrayLetter = 'A', matrixLetter = 'T';
constexpr char lossLetter = '0', logitsLetter = '1', embeddingsLetter = '2';
constexpr char scalarLetter = 's';

int64_t hostBytes(char letter, const MemrefDescriptor &descriptor) {
  int64_t elements = 1;
  if (letter != lossLetter)
    elements = descriptor.sizesAndStrides[0];
  if (letter == matrixLetter || letter == embeddingsLetter)
    elements *= descriptor.sizesAndStrides[1];
  return elements * static_cast<int64_t>(sizeof(float));
}

/// The arguments of a kernel: those of the host's memory as copies on the
/// device.
class DeviceArguments {
public:
  DeviceArguments(std::string_view letters, void **list)
      : letters(letters), list(list), descriptors(letters.size()) {
    for (size_t each = 0; each != letters.size(); ++each)
      add(each);
  }
  ~DeviceArguments() {
    for (void *block : blocks)
      mgpuMemFree(block, stream);
    mgpuStreamDestroy(stream);
  }

  void launch(const Kernel &kernel) {
    mgpuLaunchKernel(const_cast<Kernel *>(&kernel), 1, 1, 1, 1, 1, 1, 0, stream,
                     arguments.data(), nullptr,
                     static_cast<int64_t>(arguments.size()));
  }

  void copyBack() {
    for (size_t each = 0; each != letters.size(); ++each)
      if (isOutput(letters[each]))
        mgpuMemcpy(descriptor(each).aligned, descriptors[each].aligned,
                   hostBytes(letters[each], descriptor(each)), stream);
    mgpuStreamSynchronize(stream);
  }

private:
  static bool isOutput(char letter) {
    return letter == lossLetter || letter == logitsLetter ||
           letter == embeddingsLetter;
  }
  MemrefDescriptor &descriptor(size_t index) {
    return *static_cast<MemrefDescriptor *>(list[index]);
  }

  void add(size_t index) {
    char letter = letters[index];
    arguments.push_back(list[index]);
    if (letter == scalarLetter)
      return;
    void *data = descriptor(index).aligned;
    bool onDevice = Device::current()->memory().holds(data, sizeof(float));
    if (onDevice != (letter == arrayLetter))
      Device::current()->remember(Status::error(
          fmt::format("argument {} is on the wrong side", index)));
    if (letter == arrayLetter)
      return;
    int64_t bytes = hostBytes(letter, descriptor(index));
    blocks.push_back(mgpuMemAlloc(bytes, stream, false));
    if (!isOutput(letter))
      mgpuMemcpy(blocks.back(), data, bytes, stream);
    descriptors[index] = descriptor(index);
    descriptors[index].allocated = descriptors[index].aligned = blocks.back();
    arguments.back() = &descriptors[index];
  }

  std::string_view letters;
  void **list;
  void *stream = mgpuStreamCreate();
  std::vector<MemrefDescriptor> descriptors;
  std::vector<void *> arguments, blocks;
};

template <Kernel kernel, const char *letters>
void runOnDevice(void **list) {
  static constexpr Kernel constant = kernel;
  DeviceArguments arguments(letters, list);
  arguments.launch(constant);
  arguments.copyBack();
}

// In the order of manifestText().
constexpr char trainLetters[] = "AAAtTttttt"
                                "tttAAsss0";
constexpr char evaluateLetters[] = "AAAtTttttt"
                                   "ttt1";
constexpr char embedLetters[] = "AAAtTttttt"
                                "2";

//===----------------------------------------------------------------------===//
// Manifest
//===----------------------------------------------------------------------===//

constexpr int neighbourCount = 5;

std::string argument(std::string_view binding, std::string_view type,
                     std::string_view shape) {
  return fmt::format(R"({{"binding": "{}", "type": "{}"{}}})", binding, type,
                     shape.empty() ? ""
                                   : fmt::format(", \"shape\": {}", shape));
}

std::string output(std::string_view role, std::string_view extents) {
  return fmt::format(
      R"({{"binding": "output:{}", "type": "f32", "extents": {}}})", role,
      extents);
}

/// `options` become sizes, of which the model makes nothing.
std::string manifestText(std::string_view target,
                         const CompileOptions &options = {}) {
  std::string sizes = fmt::format(
      R"({{"layers": {}, "dim": {}, "heads": {}}})", options.layers.value_or(2),
      options.dimension.value_or(100), options.heads.value_or(2));
  std::string common = argument("parameter:weights", "f32", "[4]") + "," +
                       argument("state:memory", "f32", "[-1, 2]") + "," +
                       argument("message:memory", "f32", "[-1, 2]") + "," +
                       argument("table:2.self", "i32", "[-1]") + "," +
                       argument("table:2.neighbours", "i32", "[-1, 5]") + "," +
                       argument("table:1.counts", "i32", "[-1]") + "," +
                       argument("table:2.nodes", "i32", "[-1]") + "," +
                       argument("table:3.rows", "i32", "[-1]") + "," +
                       argument("table:3.nodes", "i32", "[-1]") + "," +
                       argument("table:3.time_deltas", "f32", "[-1]");
  std::string commit = argument("table:4.nodes", "i32", "[-1]") + "," +
                       argument("table:4.self_rows", "i32", "[-1]") + "," +
                       argument("table:4.other_rows", "i32", "[-1]");
  std::string optimizer = argument("first_moment:weights", "f32", "[4]") + "," +
                          argument("second_moment:weights", "f32", "[4]") +
                          "," + argument("input:learning_rate", "f32", "") +
                          "," + argument("input:step", "i64", "") + "," +
                          argument("input:dropout_seed", "i64", "") + "," +
                          output("loss", "[]");
  return fmt::format(
      R"({{"version": 2, "model": "fake", {5}"layers": 1, "neighbours": 5,
"sizes": {6}, "dropout": [{7}],
"parameters": [{{"name": "weights", "shape": [4], "initializer": "zeros"}}],
"states": [{{"name": "memory", "width": 2, "message_width": 2}}],
"functions": [
{{"name": "train_step", "arguments": [{0},{1},{2}]}},
{{"name": "evaluate_step", "arguments": [{0},{1},{3}]}},
{{"name": "embed_step", "arguments": [{0},{4}]}}]}})",
      common, commit, optimizer, output("scores", R"([{"pairs": 1}])"),
      output("embeddings", R"([{"targets": 1}, 3])"), target, sizes,
      options.dropout.value_or(0.4f));
}

class FakeModel : public CompiledModel {
public:
  FakeModel(CompileOptions options, std::string manifest)
      : compileOptions(std::move(options)), text(compileOptions.modelText),
        manifestString(std::move(manifest)) {
    if (text.empty())
      text = "fake model " + compileOptions.model;
  }

  const std::string &manifest() const override { return manifestString; }
  const std::string &modelText() const override { return text; }
  const CompileOptions &options() const override { return compileOptions; }
  std::string_view objectCode() const override { return "no object"; }
  void useThreads(int) const override {}
  double compileSeconds() const override { return 0; }
  bool cacheHit() const override { return false; }

  void *lookup(std::string_view symbol) const override {
    if (symbol == "train_prepare" || symbol == "evaluate_prepare")
      return reinterpret_cast<void *>(batchPrepare<neighbourCount>);
    if (symbol == "embed_prepare")
      return reinterpret_cast<void *>(embedPrepare<neighbourCount>);
    if (symbol == "train_step")
      return reinterpret_cast<void *>(trainStep);
    if (symbol == "evaluate_step")
      return reinterpret_cast<void *>(evaluateStep);
    if (symbol == "embed_step")
      return reinterpret_cast<void *>(embedStep);
    return nullptr;
  }

private:
  CompileOptions compileOptions;
  std::string text;
  std::string manifestString;
};

class FakeDeviceModel : public FakeModel {
public:
  explicit FakeDeviceModel(StatusOr<std::shared_ptr<Device>> device)
      : FakeModel({}, manifestText("\"target\": \"simulator\", ")),
        ownDevice(std::move(device)) {}

  StatusOr<std::shared_ptr<Device>> device() const override {
    return ownDevice;
  }
  void *lookup(std::string_view symbol) const override {
    if (symbol == "train_step")
      return reinterpret_cast<void *>(
          runOnDevice<Kernel{trainStep}, trainLetters>);
    if (symbol == "evaluate_step")
      return reinterpret_cast<void *>(
          runOnDevice<Kernel{evaluateStep}, evaluateLetters>);
    if (symbol == "embed_step")
      return reinterpret_cast<void *>(
          runOnDevice<Kernel{embedStep}, embedLetters>);
    return FakeModel::lookup(symbol);
  }

private:
  StatusOr<std::shared_ptr<Device>> ownDevice;
};

} // namespace

Status orcinus::test::launchFakeKernel(const SimulatedKernel &kernel,
                                       const LaunchSize &, const LaunchSize &,
                                       int64_t, void **parameters) {
  reinterpret_cast<const Kernel &>(kernel).step(parameters);
  return Status();
}

std::shared_ptr<const CompiledModel>
orcinus::test::makeFakeDeviceModel(StatusOr<std::shared_ptr<Device>> device) {
  return std::make_shared<FakeDeviceModel>(std::move(device));
}

std::shared_ptr<const CompiledModel>
orcinus::test::makeFakeModel(CompileOptions options) {
  std::string manifest = manifestText("", options);
  return std::make_shared<FakeModel>(std::move(options), std::move(manifest));
}

std::shared_ptr<const CompiledModel>
orcinus::test::makeFakeModelWithManifest(const std::string &manifest) {
  return std::make_shared<FakeModel>(CompileOptions(), manifest);
}
