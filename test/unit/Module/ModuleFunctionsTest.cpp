//===- ModuleFunctionsTest.cpp - The C API of modules ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/c/Orcinus.h"

#include "ModuleText.h"

#include <gtest/gtest.h>
#include <string>

using namespace orcinus::test;

namespace {

class ModuleFunctionsTest : public testing::Test {
protected:
  void SetUp() override {
    orcinus_options *options = orcinus_options_create(nullptr);
    ASSERT_EQ(orcinus_options_set(options, "cache", "false", nullptr), 0);
    ASSERT_EQ(orcinus_options_set(options, "threads", "1", nullptr), 0);
    char *error = nullptr;
    module = orcinus_module_open(file.path().c_str(), options, &error);
    orcinus_options_free(options);
    ASSERT_TRUE(module) << error;
  }
  ~ModuleFunctionsTest() override {
    if (module)
      orcinus_module_free(module);
  }

  static std::string take(char *text) {
    std::string copy = text ? text : "";
    orcinus_string_free(text);
    return copy;
  }

  TextFile file{moduleText};
  orcinus_module *module = nullptr;
};

} // namespace

TEST_F(ModuleFunctionsTest, AreDescribed) {
  EXPECT_EQ(orcinus_module_function_count(module), 3);
  EXPECT_EQ(take(orcinus_module_function_name(module, 1)), "shift");
  EXPECT_EQ(take(orcinus_module_function_text(module, 1)),
            "shift(tensor<?xf32>, f32) -> (tensor<?xf32>)");
  EXPECT_EQ(orcinus_module_function_name(module, 3), nullptr);
  EXPECT_EQ(orcinus_module_argument_count(module, 1), 2);
  EXPECT_EQ(orcinus_module_result_count(module, 1), 1);
  EXPECT_EQ(orcinus_module_result_count(module, -1), 0);
  orcinus_tensor type;
  ASSERT_EQ(orcinus_module_argument(module, 1, 0, &type, nullptr), 0);
  EXPECT_EQ(type.element, ORCINUS_F32);
  ASSERT_EQ(type.rank, 1);
  EXPECT_EQ(type.extents[0], -1);
  char *error = nullptr;
  EXPECT_EQ(orcinus_module_result(module, 1, 1, &type, &error), -1);
  EXPECT_EQ(take(error), "the module has no function, argument or result of "
                         "that number");
}

TEST_F(ModuleFunctionsTest, AreCalled) {
  float x[6] = {1, 2, 3, 4, 5, 6}, by = 1, y[6];
  int64_t six = 6, matrix[2] = {2, 3};
  orcinus_tensor arguments[2] = {{ORCINUS_F32, 1, &six, x},
                                 {ORCINUS_F32, 0, nullptr, &by}};
  orcinus_tensor result = {};
  char *error = nullptr;
  ASSERT_EQ(
      orcinus_module_call(module, "shift", arguments, 2, &result, 1, &error), 0)
      << error;
  ASSERT_EQ(result.rank, 1);
  EXPECT_EQ(result.extents[0], 6);
  EXPECT_EQ(static_cast<float *>(result.data)[5], 7);
  orcinus_tensor_free(&result);
  EXPECT_EQ(result.data, nullptr);

  arguments[0] = {ORCINUS_F32, 2, matrix, x};
  result = {ORCINUS_F32, 2, matrix, y};
  ASSERT_EQ(
      orcinus_module_call(module, "twice", arguments, 1, &result, 1, &error), 0)
      << error;
  EXPECT_EQ(y[5], 12);
}

TEST_F(ModuleFunctionsTest, SayWhatIsWrong) {
  float x[6] = {};
  int64_t six = 6;
  orcinus_tensor argument = {ORCINUS_F32, 1, &six, x}, result = {};
  char *error = nullptr;
  EXPECT_EQ(
      orcinus_module_call(module, "twice", &argument, 1, &result, 1, &error),
      -1);
  EXPECT_EQ(take(error), "number 0 of the arguments of 'twice' is "
                         "tensor<2x3xf32>, but tensor<6xf32> was given");
  EXPECT_EQ(orcinus_last_code(), ORCINUS_INVALID_ARGUMENT);
  argument.rank = -1;
  EXPECT_EQ(
      orcinus_module_call(module, "twice", &argument, 1, &result, 1, &error),
      -1);
  EXPECT_EQ(take(error), "a tensor has an element type that there is not, a "
                         "negative rank or no extents");
  argument.rank = 1;
  auto refuse = [&](const orcinus_tensor *arguments, int64_t argumentCount,
                    orcinus_tensor *results, int64_t resultCount,
                    const char *words) {
    EXPECT_EQ(orcinus_module_call(module, "twice", arguments, argumentCount,
                                  results, resultCount, &error),
              -1);
    EXPECT_EQ(take(error), words);
  };
  refuse(&argument, -1, &result, 1, "a negative number of arguments: -1");
  refuse(&argument, 1, &result, -1, "a negative number of results: -1");
  refuse(nullptr, 1, &result, 1,
         "the arguments are null, but there are 1 of them");
  refuse(&argument, 1, nullptr, 1,
         "the results are null, but there are 1 of them");
  EXPECT_EQ(orcinus_module_open("none.mlir", nullptr, &error), nullptr);
  EXPECT_EQ(take(error), "cannot read 'none.mlir': No such file or directory");
  EXPECT_EQ(orcinus_last_code(), ORCINUS_INPUT_OUTPUT);
}
