//===- PythonSample.h - Python's random.sample of a set ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_EVALUATION_PYTHONSAMPLE_H
#define ORCINUS_LIB_EVALUATION_PYTHONSAMPLE_H

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// A set of whole numbers in the order in which CPython 3.7 to 3.12 iterates
/// it. That order is a property of its hash table: a published split of events
/// that draws from a set depends on it.
class PythonSet {
public:
  PythonSet() : table(8, absent) {}

  /// set(values): `values` (not negative) one after the other.
  explicit PythonSet(std::span<const int64_t> values);

  /// self.union(other).
  PythonSet unionWith(const PythonSet &other) const;

  /// The elements, as tuple(self).
  std::vector<int64_t> elements() const;

private:
  static constexpr int64_t absent = -1;

  static int64_t &find(std::vector<int64_t> &table, int64_t value);
  void add(int64_t value);
  void resize(size_t atLeast);
  void merge(const PythonSet &other);

  std::vector<int64_t> table;
  size_t used = 0;
};

/// random.seed(seed); random.sample(population, count), as CPython draws it:
/// MT19937 by `init_by_array`, numbers below a bound by as many of a word's
/// upper bits as the bound has. `count` ≤ the population's size.
std::vector<int64_t> pythonSample(std::span<const int64_t> population,
                                  size_t count, uint32_t seed);

} // namespace orcinus

#endif // ORCINUS_LIB_EVALUATION_PYTHONSAMPLE_H
