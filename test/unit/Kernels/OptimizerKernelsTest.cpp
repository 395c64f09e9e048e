//===- OptimizerKernelsTest.cpp - Losses and steps of optimizers ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

double linkLoss(const Tensor &logits) {
  int64_t count = logits.shape[0];
  double sum = 0;
  for (int64_t at = 0; at < count; ++at) {
    double x = logits.values[at];
    sum += at < count / 2 ? std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  }
  return sum / std::max<int64_t>(count, 1);
}

TEST_P(KernelTest, LinkLoss) {
  for (int64_t count : {0, 2, 14, 128, 400}) {
    Tensor logits = randomTensor({count, 1}, 1);
    for (float &value : logits.values)
      value *= 5;
    Tensor loss({}), gradient({count, 1}), one({});
    one.values = {0.5f};
    run("link_loss", "", {&logits}, {&loss});
    EXPECT_NEAR(loss.values[0], linkLoss(logits), 1e-5);
    run("link_loss_grad", "", {&logits, &one}, {&gradient});
    Tensor scaled = gradient;
    for (float &value : scaled.values)
      value *= 2 * count;
    expectDerivative([&] { return count * linkLoss(logits); }, logits, scaled);
  }
}

TEST_P(KernelTest, LinkLossOfLargeLogits) {
  Tensor logits({4, 1});
  logits.values = {200, -200, 200, -200};
  Tensor loss({}), gradient({4, 1}), one({});
  one.values = {1};
  run("link_loss", "", {&logits}, {&loss});
  EXPECT_FLOAT_EQ(loss.values[0], 100);
  run("link_loss_grad", "", {&logits, &one}, {&gradient});
  expectNear(gradient, {0, -0.25, 0.25, 0});
}

TEST_P(KernelTest, Adam) {
  const std::vector<int64_t> shapes[] = {
      {100}, {206, 100}, {2, 6, 103}, {7, 1}};
  for (const std::vector<int64_t> &shape : shapes) {
    Tensor gradient = randomTensor(shape, 1),
           parameter = randomTensor(shape, 2);
    Tensor first(shape), second(shape);
    for (Tensor *tensor : {&gradient, &parameter, &first, &second})
      tensor->dynamic = false;
    gradient.strided = shape.back() == 103;
    std::vector<double> p(parameter.values.begin(), parameter.values.end());
    std::vector<double> m(p.size()), v(p.size());
    for (int64_t step : {1, 2, 3}) {
      runText(
          [](const std::vector<std::string> &types) {
            return "tgnn.adam %a0, %a1, %a2, %a3, %a4, %a5 : " + types[0] +
                   ", " + types[1] + ", " + types[2] + ", " + types[3];
          },
          {&gradient, &parameter, &first, &second, 1e-2f, step});
      for (size_t at = 0; at < p.size(); ++at) {
        double g = gradient.values[at];
        m[at] = 0.9 * m[at] + 0.1 * g;
        v[at] = 0.999 * v[at] + 0.001 * g * g;
        p[at] -= 1e-2 * (m[at] / (1 - std::pow(0.9, step))) /
                 (std::sqrt(v[at] / (1 - std::pow(0.999, step))) + 1e-8);
      }
    }
    expectNear(parameter, p);
    expectNear(first, m);
    expectNear(second, v);
  }
}

} // namespace
