//===- SumOfProducts.cpp - Convolutions and their like in tests -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SumOfProducts.h"

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <sstream>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// One index: how far it moves with each loop dimension.
using Index = std::map<std::string, int64_t>;

std::string trimmed(const std::string &text) {
  size_t begin = text.find_first_not_of(' ');
  size_t end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, end + 1 - begin);
}

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(trimmed(part));
  return parts;
}

std::vector<Index> parse(const std::string &map) {
  std::vector<Index> indices;
  for (const std::string &text : split(map, ',')) {
    Index index;
    for (const std::string &term : split(text, '+')) {
      std::vector<std::string> factors = split(term, '*');
      index[factors[0]] = factors.size() > 1 ? std::stoll(factors[1]) : 1;
    }
    indices.push_back(index);
  }
  return indices;
}

std::string typeOf(const std::vector<int64_t> &shape) {
  std::string type = "memref<";
  for (int64_t extent : shape)
    type += std::to_string(extent) + "x";
  return type + "f32>";
}

std::string joined(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

} // namespace

std::vector<int64_t> SumOfProducts::shapeOf(const std::string &map) const {
  std::vector<int64_t> shape;
  for (const Index &index : parse(map)) {
    int64_t greatest = 0;
    for (auto [dimension, coefficient] : index)
      greatest += coefficient * (extents.at(dimension) - 1);
    shape.push_back(greatest + 1);
  }
  return shape;
}

int64_t SumOfProducts::sizeOf(const std::string &map) const {
  int64_t size = 1;
  for (int64_t extent : shapeOf(map))
    size *= extent;
  return size;
}

std::string SumOfProducts::functionText(const std::string &name) const {
  std::vector<std::string> dimensions, iterators, maps;
  for (auto [dimension, extent] : extents) {
    dimensions.push_back(dimension);
    bool kept = false;
    for (const Index &index : parse(result))
      kept |= index.count(dimension) > 0;
    iterators.push_back(kept ? "\"parallel\"" : "\"reduction\"");
  }
  for (const std::string &map : {left, right, result})
    maps.push_back("affine_map<(" + joined(dimensions) + ") -> (" + map + ")>");
  std::string leftType = typeOf(shapeOf(left));
  std::string rightType = typeOf(shapeOf(right));
  std::string resultType = typeOf(shapeOf(result));
  std::string attribute =
      schedule.empty() ? ""
                       : ", eto.schedule = #eto.schedule<" + schedule + ">";
  return "func.func @" + name + "(%a: " + leftType + ", %b: " + rightType +
         ", %c: " + resultType + R"() {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : )" +
         resultType + R"()
  linalg.generic {indexing_maps = [)" +
         joined(maps) + "], iterator_types = [" + joined(iterators) + "]" +
         attribute + "} ins(%a, %b : " + leftType + ", " + rightType +
         ") outs(%c : " + resultType + R"() {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %product = arith.mulf %x, %y : f32
    %sum = arith.addf %z, %product : f32
    linalg.yield %sum : f32
  }
  return
}
)";
}

std::vector<double>
SumOfProducts::compute(const std::vector<float> &leftValues,
                       const std::vector<float> &rightValues) const {
  std::vector<std::pair<std::string, int64_t>> loops(extents.begin(),
                                                     extents.end());
  std::map<std::string, int64_t> values;
  auto offset = [&](const std::string &map) {
    std::vector<Index> indices = parse(map);
    std::vector<int64_t> shape = shapeOf(map);
    std::vector<int64_t> strides(loops.size(), 0);
    for (size_t loop = 0; loop < loops.size(); ++loop) {
      int64_t stride = 1;
      for (size_t at = shape.size(); at-- > 0; stride *= shape[at])
        if (auto found = indices[at].find(loops[loop].first);
            found != indices[at].end())
          strides[loop] += found->second * stride;
    }
    return strides;
  };
  std::vector<int64_t> leftStrides = offset(left), rightStrides = offset(right),
                       resultStrides = offset(result);
  std::vector<double> sums(sizeOf(result), 0.0);
  auto visit = [&](auto &&self, size_t depth, int64_t a, int64_t b,
                   int64_t c) -> void {
    if (depth == loops.size()) {
      sums[c] += double(leftValues[a]) * rightValues[b];
      return;
    }
    for (int64_t at = 0; at < loops[depth].second; ++at)
      self(self, depth + 1, a + at * leftStrides[depth],
           b + at * rightStrides[depth], c + at * resultStrides[depth]);
  };
  visit(visit, 0, 0, 0, 0);
  return sums;
}

void test::checkSums(const std::vector<SumOfProducts> &sums, int threads) {
  std::string text;
  for (size_t at = 0; at < sums.size(); ++at)
    text += sums[at].functionText("f" + std::to_string(at));
  std::unique_ptr<Executable> executable = compile(text, threads);
  ASSERT_TRUE(executable);
  for (size_t at = 0; at < sums.size(); ++at) {
    const SumOfProducts &sum = sums[at];
    auto function = executable->packedFunction("f" + std::to_string(at));
    ASSERT_TRUE(function.ok()) << function.message();
    std::vector<float> left = numbers(sum.sizeOf(sum.left), 1);
    std::vector<float> right = numbers(sum.sizeOf(sum.right), 2);
    std::vector<float> result(sum.sizeOf(sum.result), 7.0f);
    std::vector<double> wanted = sum.compute(left, right);
    // One more element shows a store beyond the end.
    result.push_back(42);
    MemRef a(left.data(), sum.shapeOf(sum.left));
    MemRef b(right.data(), sum.shapeOf(sum.right));
    MemRef c(result.data(), sum.shapeOf(sum.result));
    void *arguments[] = {a.descriptor(), b.descriptor(), c.descriptor()};
    call(*function, arguments, threads);
    for (size_t element = 0; element < wanted.size(); ++element)
      ASSERT_NEAR(result[element], wanted[element], 2e-4)
          << sum.left << " . " << sum.right << " -> " << sum.result << " by {"
          << sum.schedule << "} at " << element;
    EXPECT_EQ(result.back(), 42);
  }
  expectAllFreed();
}
