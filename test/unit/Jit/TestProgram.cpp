//===- TestProgram.cpp - Compile and call small programs ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "TestSource.h"

#include "passes/Pipelines/LowerToHost.h"
#include "test/unit/SimulatedGpu.h"

#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

static bool isGpu(int threads) {
  return threads == simulatedGpu || threads == scheduledGpu;
}

/// Without the schedules, where they are the host's.
static Status simulate(mlir::ModuleOp module, bool scheduled) {
  if (!scheduled)
    module.walk([](mlir::Operation *op) { op->removeAttr("eto.schedule"); });
  return lowerToSimulator(module, /*subgroupSize=*/32);
}

BuildProgram test::programOf(std::string text, int threads) {
  return [text = std::move(text),
          threads](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registerLowerToHostDialects(registry);
    registerGpuTargets(registry);
    context.appendDialectRegistry(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return Status::error("cannot parse the program");
    LowerToHostOptions options;
    options.threads = threads;
    Status status = isGpu(threads) ? simulate(*module, threads == scheduledGpu)
                                   : lowerToHost(*module, options);
    if (!status.ok())
      return status;
    return LoweredProgram{std::move(module), "manifest of the test"};
  };
}

namespace {

std::mutex allocatorMutex;
std::set<void *> allocated;

void *allocate(int64_t bytes) {
  // No byte more than is asked for: AddressSanitizer reports what goes beyond.
  void *memory = nullptr;
  EXPECT_EQ(posix_memalign(&memory, 64, std::max<int64_t>(bytes, 1)), 0);
  std::lock_guard lock(allocatorMutex);
  allocated.insert(memory);
  return memory;
}

void release(void *memory) {
  std::lock_guard lock(allocatorMutex);
  EXPECT_EQ(allocated.erase(memory), 1u) << "freed what is not allocated";
  std::free(memory);
}

void fail(const char *message) {
  ADD_FAILURE() << "an assertion does not hold: " << message;
}

} // namespace

std::vector<RuntimeSymbol> test::testAllocator() {
  return {{"orcinus_rt_allocate", reinterpret_cast<void *>(&allocate)},
          {"orcinus_rt_free", reinterpret_cast<void *>(&release)},
          {"orcinus_rt_fail", reinterpret_cast<void *>(&fail)}};
}

void test::expectAllFreed() { EXPECT_TRUE(allocated.empty()); }

std::unique_ptr<Executable> test::compile(const std::string &text,
                                          int threads) {
  JitOptions options;
  options.symbols = testAllocator();
  addSimulatorSymbols(options.symbols);
  auto executable = jitCompile("test", programOf(text, threads), options);
  EXPECT_TRUE(executable.ok()) << executable.message();
  return executable.ok() ? std::move(*executable) : nullptr;
}

void test::call(Executable::PackedFunction function, void **arguments,
                int threads) {
  if (!isGpu(threads))
    return function(arguments);
  auto device = openCheckingSimulator();
  ASSERT_TRUE(device.ok()) << device.message();
  DeviceScope scope(device->get());
  function(arguments);
  Status status = (*device)->takeError();
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ((*device)->memory().usedBytes(), 0u) << "not all was freed";
}

int64_t test::Contraction::sizeOf(const std::string &operand) const {
  int64_t size = 1;
  for (int64_t extent : shapeOf(operand))
    size *= extent;
  return size;
}

std::vector<int64_t>
test::Contraction::shapeOf(const std::string &operand) const {
  std::vector<int64_t> shape;
  for (char dimension : operand)
    shape.push_back(extents.at(dimension));
  return shape;
}

std::string test::Contraction::typeOf(const std::string &operand) const {
  std::string type = "memref<";
  for (char dimension : operand)
    type += dynamic.find(dimension) != std::string::npos
                ? "?x"
                : std::to_string(extents.at(dimension)) + "x";
  return type + "f32>";
}

static std::string commaSeparated(const std::string &letters) {
  std::string text;
  for (char letter : letters)
    text += (text.empty() ? "" : ", ") + std::string(1, letter);
  return text;
}

std::string test::Contraction::functionText(const std::string &name) const {
  std::string dimensions = result;
  for (char dimension : left)
    if (result.find(dimension) == std::string::npos)
      dimensions += dimension;
  std::string iterators, maps;
  for (char dimension : dimensions)
    iterators += (iterators.empty() ? "" : ", ") +
                 std::string(result.find(dimension) == std::string::npos
                                 ? "\"reduction\""
                                 : "\"parallel\"");
  for (const std::string &operand : {left, right, result})
    maps += (maps.empty() ? "" : ", ") +
            ("affine_map<(" + commaSeparated(dimensions) + ") -> (" +
             commaSeparated(operand) + ")>");
  std::string biasType = typeOf(result.substr(result.size() - 1));
  std::string types = typeOf(left) + ", " + typeOf(right);
  std::string text = "func.func @" + name + "(%a: " + typeOf(left) +
                     ", %b: " + typeOf(right) + ", %c: " + typeOf(result) +
                     ", %bias: " + biasType + ") {\n";
  if (start == Zero)
    text += "%zero = arith.constant 0.0 : f32\n"
            "linalg.fill ins(%zero : f32) outs(%c : " +
            typeOf(result) + ")\n";
  if (start == Bias) {
    std::string added;
    for (size_t at = 0; at + 1 < result.size(); ++at)
      added += (added.empty() ? "" : ", ") + std::to_string(at);
    text += "linalg.broadcast ins(%bias : " + biasType +
            ") outs(%c : " + typeOf(result) + ") dimensions = [" + added +
            "]\n";
  }
  std::string attribute =
      schedule.empty() ? "" : ", eto.schedule = " + schedule;
  return text + "linalg.generic {indexing_maps = [" + maps +
         "], iterator_types = [" + iterators + "]" + attribute +
         "} ins(%a, %b : " + types + ") outs(%c : " + typeOf(result) + R"() {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %product = arith.mulf %x, %y : f32
    %sum = arith.addf %z, %product : f32
    linalg.yield %sum : f32
  }
  return
}
)";
}

std::vector<float> test::numbers(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(generator);
  return values;
}
