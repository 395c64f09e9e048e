//===- MathTest.cpp - Expanded functions against the C library ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace orcinus;
using namespace orcinus::test;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Function {
  const char *name;
  double (*exact)(double);
  /// Arguments of greater magnitude are only required to give a finite result.
  float largest;
  double unitsInLastPlace;
};

double rsqrt(double x) { return 1 / std::sqrt(x); }

const Function functions[] = {
    {"exp", std::exp, infinity, 2},     {"log", std::log, infinity, 2},
    {"log1p", std::log1p, infinity, 3}, {"tanh", std::tanh, infinity, 3},
    {"sin", std::sin, 1e8f, 2},         {"cos", std::cos, 1e8f, 2},
    {"rsqrt", rsqrt, infinity, 2},      {"erf", std::erf, infinity, 2},
};

/// Every 4999th float, signs, infinities, invalid ones, denormals and all, and
/// a dense sweep around zero.
std::vector<float> arguments() {
  std::vector<float> values{
      0.0f, -0.0f, infinity, -infinity, std::numeric_limits<float>::quiet_NaN(),
      1e8f, -1e8f, 88.7f,    -103.9f,   1.0f,
      -1.0f};
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += 4999)
    values.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (int at = -100000; at <= 100000; ++at)
    values.push_back(at * 1e-4f);
  for (int at = 0; at <= 100000; ++at)
    values.push_back(1e3f * at);
  return values;
}

/// The distance between neighbouring floats at `exact`.
double unitInLastPlace(double exact) {
  float magnitude = std::fabs(static_cast<float>(exact));
  return std::max<double>(std::nextafter(magnitude, infinity) - magnitude,
                          std::numeric_limits<float>::denorm_min());
}

class MathTest : public testing::TestWithParam<Function> {};

TEST_P(MathTest, MatchesLibrary) {
  const Function &function = GetParam();
  std::string text = std::string(R"(
    func.func @f(%x: memref<?xf32>, %y: memref<?xf32>) {
      linalg.generic {indexing_maps = [affine_map<(i) -> (i)>,
          affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
          ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
      ^bb0(%a: f32, %unused: f32):
        %value = math.)") +
                     function.name + R"( %a : f32
        linalg.yield %value : f32
      }
      return
    })";
  std::unique_ptr<Executable> executable = compile(text, 1);
  ASSERT_TRUE(executable);
  auto compiled = executable->packedFunction("f");
  ASSERT_TRUE(compiled.ok());
  std::vector<float> x = arguments(), y(x.size());
  int64_t count = x.size();
  MemRef input(x.data(), {count}), output(y.data(), {count});
  void *pointers[] = {input.descriptor(), output.descriptor()};
  (*compiled)(pointers);

  double worst = 0;
  for (size_t at = 0; at < x.size(); ++at) {
    double exact = function.exact(x[at]);
    if (std::fabs(x[at]) > function.largest && std::isfinite(x[at])) {
      ASSERT_LE(std::fabs(y[at]), 1) << x[at];
    } else if (std::isnan(exact)) {
      ASSERT_TRUE(std::isnan(y[at])) << x[at];
    } else if (std::isinf(static_cast<float>(exact))) {
      ASSERT_EQ(y[at], static_cast<float>(exact)) << x[at];
    } else {
      double error = std::fabs(y[at] - exact) / unitInLastPlace(exact);
      worst = std::max(worst, error);
      ASSERT_LE(error, function.unitsInLastPlace)
          << function.name << "(" << x[at] << ") = " << exact << ", not "
          << y[at];
    }
  }
  RecordProperty("worst_error", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(Functions, MathTest, testing::ValuesIn(functions),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

} // namespace
