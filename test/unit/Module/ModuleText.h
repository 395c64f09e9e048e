//===- ModuleText.h - A module for tests ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_MODULE_MODULETEXT_H
#define TEST_UNIT_MODULE_MODULETEXT_H

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace orcinus::test {

/// A function of static extents, one of dynamic ones, and one that may fail.
inline constexpr const char *moduleText = R"(
  func.func @twice(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %y = arith.addf %x, %x : tensor<2x3xf32>
    return %y : tensor<2x3xf32>
  }
  func.func @shift(%x: tensor<?xf32>, %by: f32) -> tensor<?xf32> {
    %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
        iterator_types = ["parallel"]} outs(%x : tensor<?xf32>) {
    ^bb0(%e: f32):
      %s = arith.addf %e, %by : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    return %y : tensor<?xf32>
  }
  func.func @check(%fits: i1) {
    cf.assert %fits, "it does not fit"
    return
  }
)";

/// A file in a folder of this process, removed with it.
class TextFile {
public:
  explicit TextFile(const std::string &text,
                    const std::string &name = "module.mlir")
      : folder(std::filesystem::path(testing::TempDir()) /
               ("orcinus-module-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / name) << text;
    file = folder / name;
  }
  TextFile(const TextFile &) = delete;
  TextFile &operator=(const TextFile &) = delete;
  ~TextFile() { std::filesystem::remove_all(folder); }

  const std::string &path() const { return file; }

private:
  std::filesystem::path folder;
  std::string file;
};

} // namespace orcinus::test

#endif // TEST_UNIT_MODULE_MODULETEXT_H
