//===- WeightsFileTest.cpp - The weights of a module ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Module/WeightsFile.h"

#include "ModuleText.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

static Weight weight(const std::string &name, TensorElement element,
                     std::vector<int64_t> extents, const void *data,
                     size_t bytes) {
  Weight weight;
  weight.name = name;
  weight.element = element;
  weight.extents = std::move(extents);
  weight.data = data;
  weight.bytes = bytes;
  return weight;
}

static std::string bytesOf(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(WeightsFile, IsReadAsItWasWritten) {
  TextFile file("", "weights.safetensors");
  std::vector<float> matrix(64);
  for (size_t at = 0; at != matrix.size(); ++at)
    matrix[at] = static_cast<float>(at);
  std::vector<int8_t> three{1, -2, 3};
  std::vector<Weight> written{
      weight("odd \"name\"", TensorElement::I8, {3}, three.data(), 3),
      weight("matrix", TensorElement::F32, {4, 16}, matrix.data(), 256),
      weight("none", TensorElement::BF16, {0, 7}, nullptr, 0)};
  ASSERT_TRUE(writeWeights(file.path(), written).ok());
  auto read = WeightsFile::open(file.path());
  ASSERT_TRUE(read.ok()) << read.message();
  ASSERT_EQ((*read)->weights().size(), 3u);
  for (const Weight &found : (*read)->weights()) {
    const Weight *wanted = nullptr;
    for (const Weight &each : written)
      if (each.name == found.name)
        wanted = &each;
    ASSERT_TRUE(wanted) << found.name;
    EXPECT_EQ(found.element, wanted->element);
    EXPECT_EQ(found.extents, wanted->extents);
    ASSERT_EQ(found.bytes, wanted->bytes);
    EXPECT_EQ(std::memcmp(found.data, wanted->data ? wanted->data : found.data,
                          found.bytes),
              0);
    // Whole vectors lie together.
    if (found.bytes % 64 == 0)
      EXPECT_EQ(reinterpret_cast<uintptr_t>(found.data) % 64, 0u);
  }
}

TEST(WeightsFile, RejectsOtherFiles) {
  TextFile file("", "weights.safetensors");
  std::vector<float> numbers(4);
  ASSERT_TRUE(
      writeWeights(file.path(), std::vector{weight("w", TensorElement::F32,
                                                   {2, 2}, numbers.data(), 16)})
          .ok());
  std::string good = bytesOf(file.path());
  auto tried = [&](const std::string &bytes) {
    std::ofstream(file.path(), std::ios::binary) << bytes;
    return WeightsFile::open(file.path());
  };
  auto replaced = [&](const std::string &from, const std::string &to) {
    std::string bytes = good;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  ASSERT_TRUE(tried(good).ok());
  EXPECT_FALSE(tried("").ok());
  for (const std::string &bytes :
       {std::string("short"), good.substr(0, 40),
        good.substr(0, good.size() - 1),
        std::string(8, '\xff') + good.substr(8), replaced("F32", "F33"),
        replaced("[2,2]", "[2,3]"), replaced("[2,2]", "[2,-"),
        replaced("[0,16]", "[8,16]"), replaced("{", "[")}) {
    auto read = tried(bytes);
    EXPECT_FALSE(read.ok()) << bytes;
    EXPECT_EQ(read.code(), StatusCode::Damaged) << read.message();
  }
  std::filesystem::remove(file.path());
  EXPECT_EQ(WeightsFile::open(file.path()).message(),
            "cannot read '" + file.path() + "': No such file or directory");
}

TEST(WeightsFile, BelongsToAModuleOfItsName) {
  EXPECT_EQ(weightsPathOf("a/net.mlir"), "a/net.safetensors");
  EXPECT_EQ(weightsPathOf("a.b/net"), "a.b/net.safetensors");
}
