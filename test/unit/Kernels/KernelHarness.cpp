//===- KernelHarness.cpp - Run one kernel through the JIT -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include "dialects/TGNN/IR/TGNNDialect.h"
#include "passes/Kernels/Passes.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/Jit.h"
#include "test/unit/SimulatedGpu.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

Tensor test::randomTensor(std::vector<int64_t> shape, unsigned seed) {
  Tensor tensor(std::move(shape));
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  for (float &value : tensor.values)
    value = distribution(generator);
  return tensor;
}

Indices test::randomIndices(std::vector<int64_t> shape, int32_t limit,
                            unsigned seed) {
  Indices indices(std::move(shape));
  indices.dynamic = true;
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int32_t> distribution(0, limit - 1);
  for (int32_t &value : indices.values)
    value = distribution(generator);
  return indices;
}

Inverse test::invert(const Indices &index, int64_t rows,
                     const std::function<bool(int64_t)> &isValid) {
  Inverse inverse;
  inverse.offsets.values = {0};
  for (int32_t row = 0; row < rows; ++row) {
    for (size_t at = 0; at < index.values.size(); ++at)
      if (index.values[at] == row && isValid(at))
        inverse.references.values.push_back(at);
    inverse.offsets.values.push_back(inverse.references.values.size());
  }
  for (Indices *part : {&inverse.offsets, &inverse.references}) {
    part->shape = {static_cast<int64_t>(part->values.size())};
    part->dynamic = true;
  }
  return inverse;
}

namespace {

/// Elements between the rows of a strided argument.
constexpr int64_t gap = 3;

/// An operand in the form that compiled code takes.
class Argument {
public:
  explicit Argument(Operand operand) : operand(operand) {
    std::visit([&](auto value) { prepare(value); }, operand);
  }

  const std::string &type() const { return text; }
  void *pointer() {
    return words.empty() ? static_cast<void *>(&scalar) : words.data();
  }

  /// Brings what the kernel wrote back.
  void finish() {
    std::visit([&](auto value) { copyBack(value); }, operand);
  }

private:
  void prepare(int64_t value) {
    text = "i64";
    scalar.whole = value;
  }
  void prepare(float value) {
    text = "f32";
    scalar.real = value;
  }
  template <typename Element>
  void prepare(Array<Element> *array) {
    size_t rank = array->shape.size();
    text = "memref<";
    for (size_t at = 0; at < rank; ++at)
      text +=
          (at == 0 && array->dynamic ? "?" : std::to_string(array->shape[at])) +
          "x";
    text += std::is_same_v<Element, float> ? "f32" : "i32";
    if (array->strided) {
      text += ", strided<[";
      for (size_t at = 1; at < rank; ++at)
        text += "?, ";
      text += "1], offset: ?>";
    }
    text += ">";

    width = rank ? array->shape.back() : 1;
    pitch = width + (array->strided ? gap : 0);
    offset = array->strided ? 1 : 0;
    int64_t rows = width ? array->values.size() / width : 0;
    // Memory between the rows is poison: a kernel that reads it shows. Behind
    // the last row there is none.
    memory.assign(rows ? offset + (rows - 1) * pitch + width : 1, 0x7fc00000);
    copyRows<Element>(*array, /*back=*/false);
    words = {reinterpret_cast<int64_t>(memory.data()),
             reinterpret_cast<int64_t>(memory.data()), offset};
    words.insert(words.end(), array->shape.begin(), array->shape.end());
    std::vector<int64_t> strides(rank, 1);
    int64_t stride = pitch;
    for (size_t at = rank; at-- > 1;) {
      strides[at - 1] = stride;
      stride *= array->shape[at - 1];
    }
    words.insert(words.end(), strides.begin(), strides.end());
  }

  template <typename Element>
  void copyRows(Array<Element> &array, bool back) {
    for (size_t at = 0; at < array.values.size(); ++at) {
      auto *cell = reinterpret_cast<Element *>(
          &memory[offset + at / width * pitch + at % width]);
      (back ? array.values[at] : *cell) = back ? *cell : array.values[at];
    }
  }

  void copyBack(int64_t) {}
  void copyBack(float) {}
  template <typename Element>
  void copyBack(Array<Element> *array) {
    copyRows(*array, /*back=*/true);
  }

  Operand operand;
  std::string text;
  union {
    int64_t whole;
    float real;
  } scalar;
  int64_t width = 0, pitch = 0, offset = 0;
  std::vector<uint32_t> memory;
  std::vector<int64_t> words;
};

} // namespace

/// The simulator that runs GPU kernels, with all checks on.
static const std::shared_ptr<Device> &simulator() {
  static std::shared_ptr<Device> device = [] {
    auto opened = openCheckingSimulator();
    EXPECT_TRUE(opened.ok()) << opened.message();
    return *opened;
  }();
  return device;
}

static std::unique_ptr<Executable> compile(const std::string &text,
                                           const Configuration &configuration) {
  BuildProgram build =
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registerLowerToHostDialects(registry);
    registerGpuTargets(registry);
    registry.insert<tgnn::TGNNDialect>();
    context.appendDialectRegistry(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return Status::error("cannot parse " + text);
    if (configuration.subgroupSize) {
      Status status = lowerToSimulator(*module, configuration.subgroupSize);
      return status.ok() ? StatusOr<LoweredProgram>(
                               LoweredProgram{std::move(module), ""})
                         : status;
    }
    LowerKernelsOptions kernels;
    kernels.vectorBits = configuration.vectorBits;
    kernels.vectorRegisters = configuration.vectorRegisters;
    kernels.threads = configuration.threads;
    // Divide even what is small.
    kernels.parallelWork = 0;
    mlir::PassManager manager(&context);
    manager.addPass(createLowerKernels(kernels));
    if (failed(manager.run(*module)))
      return Status::error("cannot lower " + text);
    LowerToHostOptions host;
    host.threads = configuration.threads;
    if (Status status = lowerToHost(*module, host); !status.ok())
      return status;
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions options;
  options.compileThreads = 1;
  options.symbols = {
      {"orcinus_rt_allocate", reinterpret_cast<void *>(+[](int64_t bytes) {
         // No byte more: AddressSanitizer reports what goes beyond.
         void *memory = nullptr;
         EXPECT_EQ(posix_memalign(&memory, 64, bytes), 0);
         return memory;
       })},
      {"orcinus_rt_free",
       reinterpret_cast<void *>(+[](void *memory) { std::free(memory); })}};
  addSimulatorSymbols(options.symbols);
  auto executable = jitCompile(text, build, options);
  if (!executable.ok()) {
    ADD_FAILURE() << executable.message();
    return nullptr;
  }
  return std::move(*executable);
}

void KernelTest::runText(
    const std::function<std::string(const std::vector<std::string> &)> &text,
    std::vector<Operand> operands) const {
  std::vector<Argument> arguments(operands.begin(), operands.end());
  std::vector<std::string> types;
  std::vector<void *> pointers;
  std::string parameters;
  for (Argument &argument : arguments) {
    parameters += (types.empty() ? "%a" : ", %a") +
                  std::to_string(types.size()) + ": " + argument.type();
    types.push_back(argument.type());
    pointers.push_back(argument.pointer());
  }
  std::string program = "func.func @kernel(" + parameters + ") {\n  " +
                        text(types) + "\n  return\n}\n";

  // Compiled once for all extents.
  static std::map<std::string, std::unique_ptr<Executable>> programs;
  std::string key = program + std::to_string(configuration.vectorBits) + "x" +
                    std::to_string(configuration.threads) + "x" +
                    std::to_string(configuration.subgroupSize);
  std::unique_ptr<Executable> &executable = programs[key];
  if (!executable)
    executable = compile(program, configuration);
  ASSERT_TRUE(executable);
  auto function = executable->packedFunction("kernel");
  ASSERT_TRUE(function.ok()) << function.message();
  if (configuration.subgroupSize) {
    DeviceScope scope(simulator().get());
    (*function)(pointers.data());
    simulator()->returnStreams();
    Status status = simulator()->takeError();
    ASSERT_TRUE(status.ok()) << status.message();
  } else {
    (*function)(pointers.data());
  }
  for (Argument &argument : arguments)
    argument.finish();
}

void KernelTest::run(const std::string &name, const std::string &attributes,
                     std::vector<Operand> inputs,
                     std::vector<Operand> outs) const {
  size_t inputCount = inputs.size();
  std::vector<Operand> all = std::move(inputs);
  all.insert(all.end(), outs.begin(), outs.end());
  runText(
      [&](const std::vector<std::string> &types) {
        auto list = [&](size_t begin, size_t end, auto item) {
          std::string text;
          for (size_t at = begin; at < end; ++at)
            text += (at == begin ? "" : ", ") + item(at);
          return "(" + text + ")";
        };
        auto value = [](size_t at) { return "%a" + std::to_string(at); };
        auto type = [&](size_t at) { return types[at]; };
        return "tgnn." + name + list(0, inputCount, value) + " into" +
               list(inputCount, types.size(), value) + " {" + attributes +
               "} : " + list(0, inputCount, type) + " into " +
               list(inputCount, types.size(), type);
      },
      all);
}

void test::expectDerivative(const std::function<double()> &loss,
                            Tensor &variable, const Tensor &gradient,
                            int samples) {
  ASSERT_EQ(variable.shape, gradient.shape);
  size_t step = std::max<size_t>(1, variable.values.size() / samples);
  for (size_t at = 0; at < variable.values.size(); at += step) {
    float original = variable.values[at];
    float delta = 1.0f / 256;
    variable.values[at] = original + delta;
    double above = loss(), up = variable.values[at];
    variable.values[at] = original - delta;
    double below = loss(), down = variable.values[at];
    variable.values[at] = original;
    double expected = (above - below) / (up - down);
    EXPECT_NEAR(gradient.values[at], expected,
                1e-3 * std::max(1.0, std::abs(expected)))
        << "element " << at;
  }
}

void test::expectNear(const Tensor &actual, const std::vector<double> &expected,
                      double tolerance) {
  ASSERT_EQ(actual.values.size(), expected.size());
  for (size_t at = 0; at < expected.size(); ++at)
    ASSERT_NEAR(actual.values[at], expected[at],
                tolerance * std::max(1.0, std::abs(expected[at])))
        << "element " << at;
}

static uint32_t lowbias32(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  x ^= x >> 16;
  return x;
}

double test::dropoutFactor(int64_t element, int64_t seed, int64_t salt,
                           double rate) {
  auto folded = static_cast<uint32_t>(seed) ^
                static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32);
  uint32_t key = lowbias32(folded ^ lowbias32(static_cast<uint32_t>(salt)));
  uint32_t hash = lowbias32(lowbias32(static_cast<uint32_t>(element)) ^ key);
  return hash < static_cast<uint32_t>(rate * 4294967296.0) ? 0.0
                                                           : 1 / (1 - rate);
}

namespace orcinus::test {
INSTANTIATE_TEST_SUITE_P(Targets, KernelTest,
                         ::testing::ValuesIn(configurations));
} // namespace orcinus::test
