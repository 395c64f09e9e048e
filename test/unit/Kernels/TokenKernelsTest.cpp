//===- TokenKernelsTest.cpp - Over the tokens of a query ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

using namespace orcinus::test;

namespace {

/// Runs `check` with tokens [queries, k, width], and how many of them are
/// valid: none, some and all.
template <typename Check>
void forTokens(Check check) {
  for (int64_t width : widths)
    for (int64_t tokens : {1, 10})
      for (int64_t queries : queryCounts) {
        Tensor x = randomTensor({queries, tokens, width}, 1);
        x.strided = width == 103;
        check(x, randomIndices({queries}, tokens + 1, 2));
      }
}

TEST_P(KernelTest, MaskTokens) {
  forTokens([&](Tensor x, Indices counts) {
    Tensor out(x.shape);
    run("mask_tokens", "", {&x, &counts}, {&out});
    for (int64_t query = 0; query < x.shape[0]; ++query)
      for (int64_t token = 0; token < x.shape[1]; ++token)
        for (int64_t column = 0; column < x.shape[2]; ++column)
          ASSERT_EQ(out(query, token, column),
                    token < counts(query) ? x(query, token, column) : 0.0f);
  });
}

/// The mean of a query's first `count(query)` tokens.
template <typename Count>
std::vector<double> meanOf(const Tensor &x, Count count) {
  std::vector<double> means;
  for (int64_t query = 0; query < x.shape[0]; ++query)
    for (int64_t column = 0; column < x.shape[2]; ++column) {
      double sum = 0;
      for (int64_t token = 0; token < count(query); ++token)
        sum += x(query, token, column);
      means.push_back(count(query) ? sum / count(query) : 0);
    }
  return means;
}

/// What `dy` of a mean over a query's first `count(query)` tokens of `like`
/// gives each of them.
template <typename Count>
std::vector<double> spread(const Tensor &like, const Tensor &dy, Count count) {
  std::vector<double> shares;
  for (int64_t query = 0; query < like.shape[0]; ++query)
    for (int64_t token = 0; token < like.shape[1]; ++token)
      for (int64_t column = 0; column < like.shape[2]; ++column)
        shares.push_back(token < count(query)
                             ? dy(query, column) / double(count(query))
                             : 0);
  return shares;
}

TEST_P(KernelTest, MeanTokens) {
  forTokens([&](Tensor x, Indices counts) {
    int64_t tokens = x.shape[1];
    Tensor out({x.shape[0], x.shape[2]});
    Tensor dy = randomTensor(out.shape, 3), dx(x.shape);
    std::string attribute = "tokens = " + std::to_string(tokens) + " : i64";
    auto all = [&](int64_t) { return tokens; };
    run("mean_tokens", "", {&x}, {&out});
    expectNear(out, meanOf(x, all));
    run("mean_tokens_grad", attribute, {&dy}, {&dx});
    expectNear(dx, spread(x, dy, all));

    run("mean_tokens", "", {&x, &counts}, {&out});
    expectNear(out, meanOf(x, counts));
    run("mean_tokens_grad", attribute, {&dy, &counts}, {&dx});
    expectNear(dx, spread(x, dy, counts));
  });
}

} // namespace
