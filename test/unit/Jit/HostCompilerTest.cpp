//===- HostCompilerTest.cpp - Functions of linalg to object files ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Compiler.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace orcinus;

// One thread computes alone; more are OpenMP's.
TEST(HostCompiler, DividesWorkAmongTheThreadsThatAreAskedFor) {
  std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) /
      ("orcinus-functions-" + std::to_string(getpid()) + ".mlir");
  std::ofstream(file) << R"(
    func.func @product(%a: tensor<512x512xf32>, %b: tensor<512x512xf32>,
                       %c: tensor<512x512xf32>) -> tensor<512x512xf32> {
      %0 = linalg.matmul
          ins(%a, %b : tensor<512x512xf32>, tensor<512x512xf32>)
          outs(%c : tensor<512x512xf32>) -> tensor<512x512xf32>
      return %0 : tensor<512x512xf32>
    }
  )";
  CompileOptions options;
  options.model = file;
  for (int threads : {1, 2}) {
    options.threads = threads;
    auto object = compileFunctions(options);
    ASSERT_TRUE(object.ok()) << object.message();
    ASSERT_TRUE(*object);
    EXPECT_EQ((**object).find("__kmpc_fork_call") != std::string::npos,
              threads > 1);
  }
  std::filesystem::remove(file);
}
