//===- ModuleTest.cpp - Compiled functions of tensors ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"

#include "ModuleText.h"

#include <atomic>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Whether the module is compiled in memory or loaded as a library.
class ModuleTest : public testing::TestWithParam<bool> {
protected:
  void SetUp() override {
    ModuleOptions options;
    options.path = file.path();
    options.useCache = false;
    options.threads = 2;
    if (GetParam()) {
      auto files = compileModuleFiles(options, "tested", /*asObject=*/false);
      ASSERT_TRUE(files.ok()) << files.message();
      options.path += ".so";
      std::ofstream(options.path, std::ios::binary) << files->code;
    }
    auto opened = openModule(options);
    ASSERT_TRUE(opened.ok()) << opened.message();
    module = *opened;
  }

  /// What the call says that goes wrong.
  std::string error(std::string_view name,
                    const std::vector<TensorView> &arguments) const {
    return module->call(name, arguments).message();
  }

  TextFile file{moduleText};
  std::shared_ptr<const Module> module;
};

} // namespace

static TensorView floats(std::vector<float> &values,
                         std::vector<int64_t> extents) {
  return {TensorElement::F32, std::move(extents), values.data()};
}

TEST_P(ModuleTest, DescribesItsFunctions) {
  const std::vector<EntryPoint> &entries = module->entryPoints();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(module->name(), GetParam() ? "tested" : "module");
  EXPECT_EQ(entries[0].toString(),
            "twice(tensor<2x3xf32>) -> (tensor<2x3xf32>)");
  EXPECT_EQ(entries[1].toString(),
            "shift(tensor<?xf32>, f32) -> (tensor<?xf32>)");
  EXPECT_TRUE(entries[0].results[0].isStatic());
  EXPECT_FALSE(entries[1].results[0].isStatic());
  EXPECT_EQ(entries[2].toString(), "check(i1) -> ()");
}

TEST_P(ModuleTest, ReturnsTensors) {
  std::vector<float> x{1, 2, 3, 4, 5, 6}, by{0.5};
  auto twice = module->call("twice", std::vector{floats(x, {2, 3})});
  ASSERT_TRUE(twice.ok()) << twice.message();
  ASSERT_EQ(twice->size(), 1u);
  const Tensor &result = twice->front();
  EXPECT_EQ(result.extents(), (std::vector<int64_t>{2, 3}));
  ASSERT_EQ(result.bytes(), 24u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(result.data()) % 64, 0u);
  EXPECT_EQ(static_cast<float *>(result.data())[5], 12);
  // Of any number of elements, none included.
  for (int64_t count : {6, 1, 0}) {
    auto shifted =
        module->call("shift", std::vector{floats(x, {count}), floats(by, {})});
    ASSERT_TRUE(shifted.ok()) << shifted.message();
    EXPECT_EQ(shifted->front().extents(), std::vector<int64_t>{count});
    if (count)
      EXPECT_EQ(static_cast<float *>(shifted->front().data())[count - 1],
                count + 0.5);
  }
  EXPECT_EQ(x, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST_P(ModuleTest, WritesToTheCallersMemory) {
  std::vector<float> x{1, 2, 3, 4, 5, 6}, y(6), by{1};
  std::vector views{floats(y, {2, 3})};
  ASSERT_TRUE(
      module->call("twice", std::vector{floats(x, {2, 3})}, views).ok());
  EXPECT_EQ(y, (std::vector<float>{2, 4, 6, 8, 10, 12}));
  views = {floats(y, {4})};
  Status status =
      module->call("shift", std::vector{floats(x, {4}), floats(by, {})}, views);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(y, (std::vector<float>{2, 3, 4, 5, 10, 12}));
  views = {floats(y, {5})};
  EXPECT_EQ(
      module->call("shift", std::vector{floats(x, {4}), floats(by, {})}, views)
          .message(),
      "result 0 of 'shift' is tensor<4xf32>, but memory for tensor<5xf32> "
      "was given");
  views = {floats(x, {2, 3})};
  EXPECT_EQ(
      module->call("twice", std::vector{floats(x, {2, 3})}, views).message(),
      "result 0 of 'twice' overlaps argument 0");
  EXPECT_EQ(module->call("twice", std::vector{floats(x, {2, 3})}, {}).message(),
            "the function 'twice' has 1 results, but 0 were given");
}

TEST_P(ModuleTest, SaysWhatDoesNotFit) {
  std::vector<float> x(6);
  std::vector<double> d(6);
  EXPECT_EQ(error("twice", {}),
            "the function 'twice' has 1 arguments, but 0 were given");
  std::string place =
      "number 0 of the arguments of 'twice' is tensor<2x3xf32>, but ";
  EXPECT_EQ(error("twice", {floats(x, {3, 2})}),
            place + "tensor<3x2xf32> was given");
  EXPECT_EQ(error("twice", {floats(x, {6})}),
            place + "tensor<6xf32> was given");
  EXPECT_EQ(error("twice", {{TensorElement::F64, {2, 3}, d.data()}}),
            place + "tensor<2x3xf64> was given");
  EXPECT_EQ(error("twice", {{TensorElement::F32, {2, 3}, nullptr}}),
            "number 0 of the arguments of 'twice' is tensor<2x3xf32>, but no "
            "memory was given");
  EXPECT_EQ(error("shift", {floats(x, {-1}), floats(x, {})}),
            "number 0 of the arguments of 'shift' is tensor<?xf32>, but "
            "tensor<?xf32> was given");
  EXPECT_EQ(error("half", {}),
            "the module has no function 'half', but twice, shift, check");
  EXPECT_EQ(error("", {}), "the module has several functions: name one of "
                           "twice, shift, check");
}

TEST_P(ModuleTest, SurvivesAnAssertion) {
  bool no = false, yes = true;
  TensorView fits{TensorElement::I1, {}, &yes},
      fails{TensorElement::I1, {}, &no};
  for (int round = 0; round != 3; ++round) {
    EXPECT_EQ(error("check", {fails}),
              "'check' failed: an assertion of the program does not hold: it "
              "does not fit");
    EXPECT_TRUE(module->call("check", std::vector{fits}).ok());
  }
}

TEST_P(ModuleTest, IsCalledByThreadsAtTheSameTime) {
  module->useThreads(1);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread != 4; ++thread)
    threads.emplace_back([&, thread] {
      std::vector<float> x(1000, thread), by{1};
      for (int call = 0; call != 50; ++call) {
        auto y = module->call("shift",
                              std::vector{floats(x, {1000}), floats(by, {})});
        wrong += !y.ok() ||
                 static_cast<float *>(y->front().data())[999] != thread + 1;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(Module, ModuleTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool> &info) {
                           return info.param ? "Library" : "Memory";
                         });

TEST(Module, IsNotLoadedFromOtherFiles) {
  TextFile file("no library", "text.so");
  EXPECT_EQ(Module::load(file.path()).message(),
            "'" + file.path() + "' is no shared library");
  EXPECT_EQ(Module::load(file.path() + ".none").message(),
            "cannot read '" + file.path() +
                ".none': No such file or directory");
  auto other = Module::load("/proc/self/exe");
  EXPECT_FALSE(other.ok());
}

TEST(Tensor, RejectsExtentsThatNoMemoryHas) {
  EXPECT_EQ(Tensor::create(TensorElement::F32, {2, -1}).message(),
            "a tensor cannot have the extent -1");
  int64_t huge = int64_t(1) << 40;
  EXPECT_EQ(Tensor::create(TensorElement::F64, {huge, huge}).code(),
            StatusCode::OutOfMemory);
  auto empty = Tensor::create(TensorElement::F64, {huge, 0, huge});
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->bytes(), 0u);
}
