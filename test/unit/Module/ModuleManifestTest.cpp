//===- ModuleManifestTest.cpp - What is in a module -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Module/ModuleManifest.h"

#include <gtest/gtest.h>

using namespace orcinus;

TEST(ModuleManifest, IsReadAsItWasWritten) {
  ModuleManifest manifest;
  manifest.name = "net";
  manifest.entryPoints.push_back(
      {"main",
       {{TensorElement::BF16, TensorType::Kind::Tensor, {-1, 3}},
        {TensorElement::Index, TensorType::Kind::Scalar, {}},
        {TensorElement::F64, TensorType::Kind::Memory, {0}}},
       {{TensorElement::I1, TensorType::Kind::Tensor, {}}},
       4096});
  auto read = ModuleManifest::parse(manifest.print());
  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(read->name, "net");
  ASSERT_EQ(read->entryPoints.size(), 1u);
  EXPECT_EQ(read->entryPoints[0].toString(),
            "main(tensor<?x3xbf16>, index, memref<0xf64>) -> (tensor<i1>)");
  EXPECT_EQ(read->entryPoints[0].temporaryBytes, 4096);
  EXPECT_EQ(read->print(), manifest.print());
  EXPECT_EQ(read->symbolOf("main"), "net.call.main");
  EXPECT_EQ(read->weightSymbol("a/b"), "net.weight.a/b");
}

TEST(ModuleManifest, RejectsOtherTexts) {
  std::string good = R"({"functions":[{"arguments":[{"element":"f32",)"
                     R"("extents":[2],"kind":"tensor"}],"name":"f",)"
                     R"("results":[],"temporary_bytes":-1}],)"
                     R"("name":"m","version":2})";
  ASSERT_TRUE(ModuleManifest::parse(good).ok());
  auto replaced = [&](const std::string &from, const std::string &to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string &text :
       {std::string(), std::string("[]"),
        replaced("\"version\":2", "\"version\":1"), replaced("f32", "f31"),
        replaced("[2]", "[-2]"), replaced("[2]", "2"),
        replaced("\"tensor\"", "\"sensor\""),
        replaced("\"results\":[]", "\"results\":[3]"),
        replaced("\"name\":\"f\"", "\"name\":4"), replaced(":-1", ":-2"),
        good.substr(0, good.size() / 2)}) {
    auto read = ModuleManifest::parse(text);
    EXPECT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.code(), StatusCode::Damaged);
  }
}
