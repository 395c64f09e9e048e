//===- AutodiffHarness.cpp - Gradients through the JIT --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AutodiffHarness.h"

#include "dialects/TGNN/IR/TGNNDialect.h"
#include "passes/Autodiff/Passes.h"
#include "passes/Model/Passes.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/MemRef.h"
#include "test/unit/SimulatedGpu.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

namespace {

const std::map<char, int64_t> extents = {
    {'Q', 6}, {'F', 9}, {'P', 4}, {'B', 12}, {'E', 8}};
constexpr int64_t neighbourCount = 3;
constexpr int64_t dropoutSeed = 0x123456789;

} // namespace

static std::vector<int64_t> shapeOf(const std::string &text) {
  std::vector<int64_t> shape;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('x', at), text.size());
    std::string extent = text.substr(at, end - at);
    shape.push_back(std::isupper(extent[0]) ? extents.at(extent[0])
                                            : std::stoll(extent));
    at = end + 1;
  }
  return shape;
}

static int64_t sizeOf(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  return size;
}

/// Of "Qx8": "tensor<?x8xf32>".
static std::string typeOf(const std::string &shape) {
  std::string type = "tensor<";
  for (char letter : shape)
    type += std::isupper(letter) ? '?' : letter;
  return type + (shape.empty() ? "f32>" : "xf32>");
}

/// A line that makes `value` the output `role`, in memory of the test's.
static std::string outputText(const std::string &value, const std::string &role,
                              const std::string &shape) {
  std::string type = typeOf(shape);
  bool isOpen = type.starts_with("tensor<?");
  return "  tgnn.output " + value + " as \"" + role + "\"" +
         (isOpen ? " rows(targets)" : "") + " : " + type + "\n";
}

/// Replaces "tensor<Qx8>" by MLIR's spelling; leaves other types alone.
static std::string expandTypes(const std::string &text) {
  static const std::string start = "tensor<";
  std::string result;
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, start.size(), start) != 0) {
      result += text[at++];
      continue;
    }
    size_t begin = at + start.size(), end = text.find('>', at);
    std::string shape = text.substr(begin, end - begin);
    bool hasElement = shape.ends_with("f32") || shape.ends_with("i32");
    result += hasElement ? start + shape + ">" : typeOf(shape);
    at = end + 1;
  }
  return result;
}

std::vector<Snippet> test::simulated(std::vector<Snippet> snippets) {
  for (Snippet &snippet : snippets)
    snippet.onSimulator = true;
  return snippets;
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

std::string CompiledSnippet::text() const {
  std::string text = R"(func.func @train() {
  %query = tgnn.targets : !tgnn.query
  %near = tgnn.sample %query k(3) policy(recent) : !tgnn.neighbourhood
  %frontier = tgnn.frontier %query, %near key(node) : !tgnn.query
  %pending = tgnn.pending %frontier : !tgnn.pending
  %counts = tgnn.table %near "counts" : !tgnn.neighbourhood -> tensor<?xi32>
  %deltas = tgnn.table %near "time_deltas" : !tgnn.neighbourhood -> tensor<?x3xf32>
  %events = tgnn.table %near "events" : !tgnn.neighbourhood -> tensor<?x3xi32>
  %self = tgnn.table %frontier "self" : !tgnn.query -> tensor<?xi32>
  %neighbours = tgnn.table %frontier "neighbours" : !tgnn.query -> tensor<?x3xi32>
  %rows = tgnn.table %pending "rows" : !tgnn.pending -> tensor<?xi32>
  %waits = tgnn.table %pending "time_deltas" : !tgnn.pending -> tensor<?xf32>
  %pairs = tgnn.pairs : !tgnn.pairs
  %labels = tgnn.table %pairs "labels" : !tgnn.pairs -> tensor<?xi32>
  %seed = tgnn.read "input:dropout_seed" : i64
)";
  std::string names, types;
  auto read = [&](const std::string &binding, const Variable &variable) {
    text += "  %" + variable.name + " = tgnn.read \"" + binding +
            variable.name + "\" : " + typeOf(variable.shape) + "\n";
  };
  for (const Variable &variable : snippet.parameters) {
    read("parameter:", variable);
    names += (names.empty() ? "%" : ", %") + variable.name;
    types += (types.empty() ? "" : ", ") + typeOf(variable.shape);
  }
  for (const Variable &variable : snippet.constants)
    read("features:", variable);
  text += expandTypes(snippet.body) + "\n";

  std::string loss = "%y", type = typeOf(snippet.result);
  if (!snippet.result.empty()) {
    read("features:", {"c", snippet.result});
    int64_t size = sizeOf(shapeOf(snippet.result));
    bool isDynamic = std::any_of(snippet.result.begin(), snippet.result.end(),
                                 [](char c) { return std::isupper(c); });
    std::string elements = isDynamic ? "?" : std::to_string(size);
    std::string vector = "tensor<" + elements + "xf32>",
                rows = "tensor<" + elements + "x1xf32>";
    text += "  %scaled = tgnn.mul %y, %c : " + type + ", " + type + " -> " +
            type + "\n";
    std::string flat = "%scaled";
    if (type != vector) {
      text += "  %flat = tgnn.reshape %scaled to [] : " + type + " -> " +
              vector + "\n";
      flat = "%flat";
    }
    text += "  %logits = tgnn.reshape " + flat + " to [1] : " + vector +
            " -> " + rows + "\n  %loss = tgnn.link_loss(%logits, %labels) : (" +
            rows + ", tensor<?xi32>) -> tensor<f32>\n";
    loss = "%loss";
  }
  text += "  %g:" + std::to_string(snippet.parameters.size()) +
          " = tgnn.gradient " + loss + " wrt(" + names + ") : tensor<f32>, " +
          types + " -> " + types + "\n" +
          outputText("%y", "y", snippet.result) + outputText(loss, "loss", "");
  for (size_t at = 0; at < snippet.parameters.size(); ++at)
    text += outputText("%g#" + std::to_string(at),
                       "gradient." + snippet.parameters[at].name,
                       snippet.parameters[at].shape);
  return text + "  return\n}\n";
}

static void addDialects(mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerGpuTargets(registry);
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  context.appendDialectRegistry(registry);
}

static void buildForward(mlir::PassManager &manager, const Snippet &snippet) {
  auto &step = manager.nest<mlir::func::FuncOp>();
  DecomposeLayersOptions decompose;
  decompose.form = snippet.attentionForm;
  step.addPass(createDecomposeLayers(decompose));
  step.addPass(mlir::createCanonicalizerPass());
  step.addPass(mlir::createCSEPass());
  if (snippet.reassociate)
    step.addPass(createReassociateProducts());
}

static void buildBackward(mlir::PassManager &manager) {
  auto &step = manager.nest<mlir::func::FuncOp>();
  step.addPass(createAutodiff());
  step.addPass(mlir::createCanonicalizerPass());
  step.addPass(mlir::createCSEPass());
  manager.addPass(createSplitPrepare());
}

/// The index work needs the runtime; here the tables are made by hand.
static void eraseIndexWork(mlir::ModuleOp module) {
  for (auto function :
       llvm::make_early_inc_range(module.getOps<mlir::func::FuncOp>()))
    if (function.getSymName() != "train_step")
      function.erase();
}

Status CompiledSnippet::build() {
  std::string source = text();
  BuildProgram program =
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    addDialects(context);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    if (!module)
      return Status::error("cannot parse " + source);
    mlir::PassManager first(&context), second(&context), third(&context);
    buildForward(first, snippet);
    if (failed(first.run(*module)))
      return Status::error("cannot decompose " + source);
    llvm::raw_string_ostream(forward) << *module;
    buildBackward(second);
    if (failed(second.run(*module)))
      return Status::error("cannot derive " + source);
    eraseIndexWork(*module);
    auto step = module->lookupSymbol<mlir::func::FuncOp>("train_step");
    for (unsigned at = 0; at < step.getNumArguments(); ++at)
      bindings.push_back(
          step.getArgAttrOfType<mlir::StringAttr>(at, "tgnn.binding").str());
    buildBufferizePipeline(third);
    if (!snippet.onSimulator)
      buildLowerToHostPipeline(third, LowerToHostOptions());
    if (failed(third.run(*module)))
      return Status::error("cannot lower " + source);
    if (snippet.onSimulator)
      if (Status status = lowerToSimulator(*module, /*subgroupSize=*/32);
          !status.ok())
        return status;
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions options;
  options.compileThreads = 1;
  options.symbols = {
      {"orcinus_rt_allocate", reinterpret_cast<void *>(+[](int64_t bytes) {
         return std::aligned_alloc(64, (bytes + 64) / 64 * 64);
       })},
      {"orcinus_rt_free",
       reinterpret_cast<void *>(+[](void *memory) { std::free(memory); })}};
  addSimulatorSymbols(options.symbols);
  auto compiled = jitCompile(source, program, options);
  if (!compiled.ok())
    return compiled.status();
  executable = std::move(*compiled);
  auto packed = executable->packedFunction("train_step");
  if (!packed.ok())
    return packed.status();
  function = *packed;
  return Status();
}

std::unique_ptr<CompiledSnippet>
CompiledSnippet::compile(const Snippet &snippet) {
  std::unique_ptr<CompiledSnippet> compiled(new CompiledSnippet(snippet));
  if (Status status = compiled->build(); !status.ok()) {
    ADD_FAILURE() << snippet.name << ": " << status.message();
    return nullptr;
  }
  compiled->makeData();
  return compiled;
}

//===----------------------------------------------------------------------===//
// Its data
//===----------------------------------------------------------------------===//

/// Numbers between 0.2 and 1, of either sign: none where a step of a central
/// difference crosses zero.
void CompiledSnippet::addFloats(const std::string &binding,
                                const std::string &shape, unsigned seed) {
  shapes[binding] = shapeOf(shape);
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> magnitude(0.2f, 1.0f);
  std::vector<float> &values = floats[binding];
  values.resize(sizeOf(shapes[binding]));
  for (float &value : values)
    value = generator() % 2 ? magnitude(generator) : -magnitude(generator);
}

/// The inverse of an index in compressed rows, as the runtime makes it; of the
/// neighbours the valid ones alone.
void CompiledSnippet::addInverse(const std::string &index,
                                 const std::string &offsets,
                                 const std::string &references) {
  const std::vector<int32_t> map = integers.at(index);
  const std::vector<int32_t> &counts = integers.at("table:1.counts");
  bool hasInvalid = shapes.at(index).size() == 2;
  std::vector<int32_t> starts{0}, positions;
  for (int32_t row = 0; row < extents.at('F'); ++row) {
    for (int32_t at = 0; at < static_cast<int32_t>(map.size()); ++at)
      if (map[at] == row &&
          (!hasInvalid || at % neighbourCount < counts[at / neighbourCount]))
        positions.push_back(at);
    starts.push_back(positions.size());
  }
  shapes[offsets] = {static_cast<int64_t>(starts.size())};
  shapes[references] = {static_cast<int64_t>(positions.size())};
  integers[offsets] = starts;
  integers[references] = positions;
}

void CompiledSnippet::makeData() {
  auto add = [&](const std::string &binding, const std::string &shape,
                 std::vector<int32_t> values) {
    shapes[binding] = shapeOf(shape);
    integers[binding] = std::move(values);
  };
  // Queries without a neighbour and with all; rows that several queries and
  // neighbours share, and one (8) that nothing names.
  add("table:1.counts", "Q", {3, 0, 2, 1, 3, 2});
  add("table:1.events", "Qx3",
      {4, 1, 0, 0, 0, 0, 2, 3, 0, 5, 0, 0, 1, 4, 2, 3, 3, 0});
  add("table:2.self", "Q", {0, 1, 2, 3, 1, 0});
  add("table:2.neighbours", "Qx3",
      {4, 5, 4, 0, 0, 0, 6, 1, 0, 7, 0, 0, 4, 0, 5, 6, 6, 0});
  add("table:3.rows", "P", {1, 3, 4, 8});
  // A label for each element of what the loss is taken of; the first half met.
  int64_t losses =
      sizeOf(shapeOf(snippet.result.empty() ? "E" : snippet.result));
  add("table:4.labels", std::to_string(losses),
      std::vector<int32_t>(losses, 0));
  std::fill_n(integers["table:4.labels"].begin(), losses / 2, 1);
  addInverse("table:2.self", "table:2.self_offsets", "table:2.self_references");
  addInverse("table:2.neighbours", "table:2.reference_offsets",
             "table:2.references");
  addFloats("table:1.time_deltas", "Qx3", 1);
  addFloats("table:3.time_deltas", "P", 2);
  for (const char *deltas : {"table:1.time_deltas", "table:3.time_deltas"})
    for (float &delta : floats[deltas])
      delta = 3 * std::abs(delta);

  unsigned seed = 3;
  addFloats("features:c", snippet.result, seed++);
  addFloats("output:y", snippet.result, 0);
  addFloats("output:loss", "", 0);
  for (const Variable &variable : snippet.constants)
    addFloats("features:" + variable.name, variable.shape, seed++);
  if (auto valid = floats.find("features:valid"); valid != floats.end()) {
    const std::vector<int32_t> &counts = integers.at("table:1.counts");
    int64_t width = shapes.at("features:valid").back();
    for (size_t at = 0; at < valid->second.size(); ++at) {
      int64_t neighbour = at / width;
      valid->second[at] =
          neighbour % neighbourCount < counts[neighbour / neighbourCount];
    }
  }
  for (const Variable &variable : snippet.parameters) {
    addFloats("parameter:" + variable.name, variable.shape, seed++);
    addFloats("output:gradient." + variable.name, variable.shape, 0);
  }
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

void CompiledSnippet::call(void **arguments) {
  if (!snippet.onSimulator)
    return function(arguments);
  DeviceScope scope(checkingSimulator().get());
  function(arguments);
  checkingSimulator()->returnStreams();
  Status status = checkingSimulator()->takeError();
  EXPECT_TRUE(status.ok()) << status.message();
}

double CompiledSnippet::run() {
  std::vector<MemRef> descriptors;
  std::vector<void *> pointers;
  descriptors.reserve(bindings.size());
  int64_t seed = dropoutSeed;
  for (const std::string &binding : bindings) {
    if (binding == "input:dropout_seed") {
      pointers.push_back(&seed);
      continue;
    }
    auto real = floats.find(binding);
    void *data = real != floats.end()
                     ? static_cast<void *>(real->second.data())
                     : static_cast<void *>(integers.at(binding).data());
    descriptors.emplace_back(data, shapes.at(binding));
    pointers.push_back(descriptors.back().descriptor());
  }
  call(pointers.data());

  const std::vector<float> &y = floats.at("output:y");
  if (snippet.result.empty())
    return y[0];
  const std::vector<float> &c = floats.at("features:c");
  double loss = 0;
  for (size_t at = 0; at < y.size(); ++at) {
    double logit = static_cast<double>(c[at]) * y[at];
    double wrong = at < y.size() / 2 ? -logit : logit;
    loss += std::max(wrong, 0.0) + std::log1p(std::exp(-std::abs(wrong)));
  }
  return loss;
}

double CompiledSnippet::compiledLoss() const {
  double scale = snippet.result.empty() ? 1 : floats.at("output:y").size();
  return scale * floats.at("output:loss")[0];
}

std::vector<double> CompiledSnippet::gradient(const std::string &name) const {
  double scale = snippet.result.empty() ? 1 : floats.at("output:y").size();
  const std::vector<float> &values = floats.at("output:gradient." + name);
  std::vector<double> result;
  for (float value : values)
    result.push_back(scale * value);
  return result;
}

std::vector<double> CompiledSnippet::differences(const std::string &name) {
  std::vector<double> result;
  for (float &value : parameter(name)) {
    float original = value;
    value = original + 1.0f / 128;
    double up = value, above = run();
    value = original - 1.0f / 128;
    double down = value, below = run();
    value = original;
    result.push_back((above - below) / (up - down));
  }
  run();
  return result;
}

void test::expectClose(const std::vector<double> &actual,
                       const std::vector<double> &expected, double tolerance,
                       const std::string &what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t at = 0; at < expected.size(); ++at)
    EXPECT_NEAR(actual[at], expected[at],
                tolerance * std::max(1.0, std::abs(expected[at])))
        << what << ", element " << at;
}

void test::expectGradients(const Snippet &snippet) {
  auto compiled = CompiledSnippet::compile(snippet);
  ASSERT_TRUE(compiled);
  double loss = compiled->run();
  EXPECT_NEAR(compiled->compiledLoss(), loss,
              1e-5 * std::max(1.0, std::abs(loss)));
  for (const Variable &variable : snippet.parameters) {
    std::vector<double> expected = compiled->differences(variable.name);
    double largest = 0;
    for (double value : expected)
      largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0.02) << variable.name << " hardly matters: the test "
                             << "would pass with any gradient";
    expectClose(compiled->gradient(variable.name), expected, 2e-3,
                "the gradient by " + variable.name);
  }
}
