//===- DrawsTest.cpp - numpy's and Python's random numbers ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Evaluation/NumpyRandom.h"
#include "lib/Evaluation/PythonSample.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace orcinus;

namespace {

using Numbers = std::vector<int64_t>;

/// What numpy 2.4 gives for RandomState(2), call after call.
TEST(NumpyRandom, GivesNumpysNumbers) {
  NumpyRandom random(2);
  std::vector<uint32_t> thousand(8), one(3), seven(8);
  random.fillBelow(1000, thousand);
  EXPECT_EQ(thousand,
            (std::vector<uint32_t>{168, 527, 493, 584, 534, 299, 466, 75}));
  random.fillBelow(1, one);
  EXPECT_EQ(one, (std::vector<uint32_t>{0, 0, 0}));
  random.fillBelow(7, seven);
  EXPECT_EQ(seven, (std::vector<uint32_t>{0, 2, 1, 3, 5, 2, 4, 4}));
  EXPECT_EQ(random.choose(10, 6), (std::vector<uint32_t>{1, 0, 8, 6, 2, 9}));
  EXPECT_EQ(random.below(100), 33u);
  EXPECT_EQ(random.below(uint32_t(1) << 31), 2122731066u);
  EXPECT_EQ(random.below(uint32_t(1) << 31), 1749373820u);
}

/// The values (i² · factor + 7 i) mod modulus for i < count.
Numbers quadratic(int64_t count, int64_t factor, int64_t modulus) {
  Numbers values;
  for (int64_t i = 0; i != count; ++i)
    values.push_back((i * i * factor + 7 * i) % modulus);
  return values;
}

/// A number that tells orders apart, as a Python script computes it.
uint64_t digest(const Numbers &values) {
  uint64_t hash = 0;
  for (int64_t value : values)
    hash =
        (hash * 1000003 + static_cast<uint64_t>(value)) % (uint64_t(1) << 61);
  return hash;
}

/// What CPython 3.9 and 3.11 give.
TEST(PythonSet, IsInPythonsOrder) {
  EXPECT_EQ(PythonSet(quadratic(5, 31, 4001)).elements(),
            (Numbers{0, 38, 138, 300, 524}));
  auto orderOf = [](int64_t count, int64_t factor, int64_t modulus) {
    return digest(PythonSet(quadratic(count, factor, modulus)).elements());
  };
  EXPECT_EQ(orderOf(300, 31, 4001), 2286115294792860886u);
  EXPECT_EQ(orderOf(3000, 17, 100003), 954254764956754683u);
  EXPECT_EQ(orderOf(120000, 13, 1000003), 617664491022289626u);

  PythonSet some(quadratic(300, 31, 4001)), more(quadratic(700, 11, 9001));
  EXPECT_EQ(digest(some.unionWith(more).elements()), 797923421320870054u);
  EXPECT_EQ(digest(more.unionWith(some).elements()), 115488179022447714u);
  EXPECT_EQ(digest(PythonSet().unionWith(some).elements()),
            1624287321546921852u);
  EXPECT_EQ(PythonSet(quadratic(4, 31, 4001))
                .unionWith(PythonSet(quadratic(2, 31, 4001)))
                .elements(),
            (Numbers{0, 38, 138, 300}));
  EXPECT_TRUE(PythonSet().elements().empty());
}

/// What CPython gives for random.sample(range(n), k).
TEST(PythonSample, GivesPythonsNumbers) {
  auto sample = [](int64_t population, size_t count, uint32_t seed) {
    Numbers numbers(static_cast<size_t>(population));
    std::iota(numbers.begin(), numbers.end(), 0);
    return pythonSample(numbers, count, seed);
  };
  // By moving the elements of a list, ...
  EXPECT_EQ(sample(30, 4, 2020), (Numbers{19, 5, 21, 24}));
  EXPECT_EQ(
      sample(100, 30, 2020),
      (Numbers{79, 99, 22, 85, 59, 56, 60, 47, 53, 69, 20, 98, 11, 58, 30,
               26, 52, 84, 77, 19, 93, 57, 13, 89, 62, 68, 88, 5,  94, 6}));
  // ... and by a set of the chosen ones.
  EXPECT_EQ(sample(5000, 8, 7),
            (Numbers{2652, 1235, 3234, 395, 593, 4389, 771, 2995}));
  EXPECT_TRUE(sample(5, 0, 1).empty());
}

} // namespace
