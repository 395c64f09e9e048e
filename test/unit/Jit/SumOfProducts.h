//===- SumOfProducts.h - Convolutions and their like in tests ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_JIT_SUMOFPRODUCTS_H
#define ORCINUS_TEST_UNIT_JIT_SUMOFPRODUCTS_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace orcinus::test {

/// result[…] = Σ left[…] · right[…] where each index is a sum of loop
/// dimensions, each times a constant. Maps are spelled as MLIR spells them:
/// `n, oh * 2 + kh, c`.
struct SumOfProducts {
  std::string left, right, result;
  std::map<std::string, int64_t> extents;
  /// The text of the attribute `eto.schedule`; empty for the default.
  std::string schedule = "";

  /// One more than the greatest index, dimension by dimension.
  std::vector<int64_t> shapeOf(const std::string &map) const;
  int64_t sizeOf(const std::string &map) const;
  /// The function `name` of (left, right, result) that computes it.
  std::string functionText(const std::string &name) const;
  /// What it computes, in double precision.
  std::vector<double> compute(const std::vector<float> &leftValues,
                              const std::vector<float> &rightValues) const;
};

/// Compiles all of `sums` as one program and compares each with `compute`.
void checkSums(const std::vector<SumOfProducts> &sums, int threads);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_JIT_SUMOFPRODUCTS_H
