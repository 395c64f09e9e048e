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

double linkLoss(const Tensor &logits, const Indices &labels) {
  int64_t count = logits.shape[0];
  double sum = 0;
  for (int64_t at = 0; at < count; ++at) {
    double x = logits.values[at];
    sum += std::log1p(std::exp(labels.values[at] ? -x : x));
  }
  return sum / std::max<int64_t>(count, 1);
}

TEST_P(KernelTest, LinkLoss) {
  // More pairs of one label than of the other, in any order.
  for (int64_t count : {0, 1, 2, 14, 128, 401}) {
    Tensor logits = randomTensor({count, 1}, 1);
    Indices labels = randomIndices({count}, 3, 2);
    for (float &value : logits.values)
      value *= 5;
    Tensor loss({}), gradient({count, 1}), one({});
    one.values = {0.5f};
    run("link_loss", "", {&logits, &labels}, {&loss});
    EXPECT_NEAR(loss.values[0], linkLoss(logits, labels), 1e-5);
    run("link_loss_grad", "", {&logits, &labels, &one}, {&gradient});
    Tensor scaled = gradient;
    for (float &value : scaled.values)
      value *= 2 * count;
    expectDerivative([&] { return count * linkLoss(logits, labels); }, logits,
                     scaled);
  }
}

TEST_P(KernelTest, LinkLossOfLargeLogits) {
  Tensor logits({4, 1});
  logits.values = {200, -200, 200, -200};
  Indices labels({4});
  labels.values = {1, 1, 0, 0};
  Tensor loss({}), gradient({4, 1}), one({});
  one.values = {1};
  run("link_loss", "", {&logits, &labels}, {&loss});
  EXPECT_FLOAT_EQ(loss.values[0], 100);
  run("link_loss_grad", "", {&logits, &labels, &one}, {&gradient});
  expectNear(gradient, {0, -0.25, 0.25, 0});
}

/// As the op's description has it.
double labelLoss(const std::string &kind, const Tensor &predictions,
                 const Tensor &values) {
  int64_t rows = predictions.shape[0], columns = predictions.shape[1];
  double sum = 0;
  for (int64_t row = 0; row != rows; ++row) {
    const float *x = predictions.values.data() + row * columns;
    const float *y = values.values.data() + row * columns;
    double powers = 0, loss = 0;
    for (int64_t column = 0; column != columns; ++column)
      powers += std::exp(double(x[column]));
    for (int64_t column = 0; column != columns; ++column) {
      double p = x[column], v = y[column];
      if (kind == "cross_entropy")
        loss += v * (std::log(powers) - p);
      else if (kind == "squared_error")
        loss += (p - v) * (p - v) / columns;
      else
        loss += (std::log1p(std::exp(p)) - v * p) / columns;
    }
    sum += loss;
  }
  return sum / std::max<int64_t>(rows, 1);
}

TEST_P(KernelTest, LabelLoss) {
  for (std::string kind :
       {"cross_entropy", "binary_cross_entropy", "squared_error"})
    for (auto [rows, columns] :
         {std::pair(0, 3), {1, 1}, {5, 2}, {67, 11}, {9, 40}}) {
      Tensor predictions = randomTensor({rows, columns}, 1);
      Tensor values = randomTensor({rows, columns}, 2);
      for (float &value : predictions.values)
        value *= 4;
      for (float &value : values.values)
        value = std::abs(value);
      Tensor loss({}), one({}), gradient({rows, columns});
      one.values = {0.5f};
      std::string attributes = "kind = #tgnn<loss " + kind + ">";
      run("label_loss", attributes, {&predictions, &values}, {&loss});
      double wanted = labelLoss(kind, predictions, values);
      EXPECT_NEAR(loss.values[0], wanted, 1e-5 * std::max(1.0, wanted))
          << kind << " " << rows << " x " << columns;
      run("label_loss_grad", attributes, {&predictions, &values, &one},
          {&gradient});
      Tensor scaled = gradient;
      for (float &value : scaled.values)
        value *= 2 * rows;
      expectDerivative(
          [&] { return rows * labelLoss(kind, predictions, values); },
          predictions, scaled);
    }
}

TEST_P(KernelTest, LabelLossOfLargePredictions) {
  Tensor predictions({2, 2}), values({2, 2}), loss({}), one({}),
      gradient({2, 2});
  predictions.values = {200, -200, -200, 200};
  values.values = {1, 0, 1, 0};
  one.values = {1};
  std::string attributes = "kind = #tgnn<loss cross_entropy>";
  run("label_loss", attributes, {&predictions, &values}, {&loss});
  EXPECT_FLOAT_EQ(loss.values[0], 200);
  run("label_loss_grad", attributes, {&predictions, &values, &one},
      {&gradient});
  expectNear(gradient, {0, 0, -0.5, 0.5});
  attributes = "kind = #tgnn<loss binary_cross_entropy>";
  run("label_loss", attributes, {&predictions, &values}, {&loss});
  EXPECT_FLOAT_EQ(loss.values[0], 100);
  run("label_loss_grad", attributes, {&predictions, &values, &one},
      {&gradient});
  expectNear(gradient, {0, 0, -0.25, 0.25});
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

/// A parameter with what a step of an optimizer reads, and its values in
/// double precision.
struct Trained {
  explicit Trained(const std::vector<int64_t> &shape)
      : gradient(randomTensor(shape, 1)), parameter(randomTensor(shape, 2)),
        first(shape), second(shape),
        p(parameter.values.begin(), parameter.values.end()), m(p.size()),
        v(p.size()) {
    for (Tensor *tensor : {&gradient, &parameter, &first, &second})
      tensor->dynamic = false;
  }

  Tensor gradient, parameter, first, second;
  std::vector<double> p, m, v;
};

const std::vector<int64_t> parameterShapes[] = {
    {100}, {206, 100}, {2, 6, 103}, {7, 1}};

/// Three steps of `op`, which is Adam with decay of one kind or the other, and
/// of the equations that its description gives.
template <typename Run>
void checkAdaptive(const std::string &op, bool isDecoupled, bool isScaled,
                   Run run) {
  constexpr double rate = 1e-2, decay = 0.3, beta1 = 0.8, beta2 = 0.95,
                   epsilon = 1e-3;
  for (const std::vector<int64_t> &shape : parameterShapes) {
    Trained own(shape);
    Tensor scale({});
    scale.values = {0.25f};
    for (int64_t step : {1, 2, 3}) {
      std::vector<Operand> operands{&own.gradient, &own.parameter, &own.first,
                                    &own.second,   float(rate),    step};
      if (isScaled)
        operands.push_back(&scale);
      run(
          [&](const std::vector<std::string> &types) {
            return "tgnn." + op + " %a0, %a1, %a2, %a3, %a4, %a5 " +
                   (isScaled ? "scaled(%a6 : " + types[6] + ") " : "") +
                   "{beta1 = 0.8 : f64, beta2 = 0.95 : f64, epsilon = 0.001 : "
                   "f64, weight_decay = 0.3 : f64} : " +
                   types[0] + ", " + types[1] + ", " + types[2] + ", " +
                   types[3];
          },
          operands);
      for (size_t at = 0; at < own.p.size(); ++at) {
        double g = own.gradient.values[at] * (isScaled ? 0.25 : 1);
        double &p = own.p[at], &m = own.m[at], &v = own.v[at];
        if (isDecoupled)
          p *= 1 - rate * decay;
        else
          g += decay * p;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        p -= rate * (m / (1 - std::pow(beta1, step))) /
             (std::sqrt(v / (1 - std::pow(beta2, step))) + epsilon);
      }
    }
    expectNear(own.parameter, own.p);
    expectNear(own.first, own.m);
    expectNear(own.second, own.v);
  }
}

TEST_P(KernelTest, AdamWithPenalty) {
  for (bool isScaled : {false, true})
    checkAdaptive("adam", false, isScaled,
                  [&](auto text, auto operands) { runText(text, operands); });
}

TEST_P(KernelTest, AdamW) {
  for (bool isScaled : {false, true})
    checkAdaptive("adamw", true, isScaled,
                  [&](auto text, auto operands) { runText(text, operands); });
}

TEST_P(KernelTest, Sgd) {
  constexpr double rate = 1e-2, decay = 0.3;
  for (const std::vector<int64_t> &shape : parameterShapes)
    for (bool hasMomentum : {false, true})
      for (bool isNesterov : {false, true})
        for (bool isScaled : {false, true}) {
          if (isNesterov && !hasMomentum)
            continue;
          Trained own(shape);
          Tensor scale({});
          scale.values = {0.25f};
          std::vector<Operand> operands{&own.gradient, &own.parameter,
                                        float(rate)};
          if (hasMomentum)
            operands.push_back(&own.first);
          if (isScaled)
            operands.push_back(&scale);
          for (int step = 0; step != 3; ++step) {
            runText(
                [&](const std::vector<std::string> &types) {
                  std::string text = "tgnn.sgd %a0, %a1, %a2 ";
                  if (hasMomentum)
                    text += "velocity(%a3 : " + types[3] + ") ";
                  if (isScaled)
                    text += "scaled(%a" + std::to_string(operands.size() - 1) +
                            " : " + types.back() + ") ";
                  text += "{weight_decay = 0.3 : f64";
                  if (hasMomentum)
                    text += ", momentum = 0.9 : f64";
                  if (isNesterov)
                    text += ", nesterov";
                  return text + "} : " + types[0] + ", " + types[1];
                },
                operands);
            for (size_t at = 0; at < own.p.size(); ++at) {
              double g = own.gradient.values[at] * (isScaled ? 0.25 : 1) +
                         decay * own.p[at];
              own.m[at] = hasMomentum ? 0.9 * own.m[at] + g : 0;
              double change = g;
              if (isNesterov)
                change += 0.9 * own.m[at];
              else if (hasMomentum)
                change = own.m[at];
              own.p[at] -= rate * change;
            }
          }
          expectNear(own.parameter, own.p);
          expectNear(own.first, own.m);
        }
}

TEST_P(KernelTest, SquaredNorm) {
  for (const std::vector<int64_t> &shape : parameterShapes) {
    Tensor gradient = randomTensor(shape, 3), square({1});
    gradient.dynamic = square.dynamic = false;
    gradient.strided = shape.back() == 103;
    double sum = 0;
    for (float value : gradient.values)
      sum += double(value) * value;
    run("squared_norm", "", {&gradient}, {&square});
    EXPECT_NEAR(square.values[0], sum, 1e-5 * sum);
  }
}

TEST_P(KernelTest, ClipScale) {
  Tensor first({1}), second({1}), scale({});
  for (float norm : {0.0f, 0.5f, 1.0f, 40.0f}) {
    first.values = {norm * norm * 0.36f};
    second.values = {norm * norm * 0.64f};
    run("clip_scale", "limit = 2.0 : f64", {&first, &second}, {&scale});
    EXPECT_NEAR(scale.values[0], std::min(1.0, 2.0 / (norm + 1e-6)), 1e-6);
  }
}

} // namespace
