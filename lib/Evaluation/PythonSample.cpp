//===- PythonSample.cpp - Python's random.sample of a set -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PythonSample.h"

#include <bit>
#include <cassert>
#include <random>
#include <unordered_set>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// The set's order
//===----------------------------------------------------------------------===//

/// The place of `value` in a table of a power of two: up to nine places after
/// its hash, which is the number itself, then a jump by all bits of the hash.
int64_t &PythonSet::find(std::vector<int64_t> &table, int64_t value) {
  constexpr size_t linearProbes = 9;
  constexpr int perturbShift = 5;
  size_t mask = table.size() - 1;
  size_t perturb = static_cast<size_t>(value);
  for (size_t place = perturb & mask;;) {
    size_t last = place + linearProbes <= mask ? place + linearProbes : place;
    for (size_t probe = place; probe <= last; ++probe)
      if (table[probe] == absent || table[probe] == value)
        return table[probe];
    perturb >>= perturbShift;
    place = (place * 5 + 1 + perturb) & mask;
  }
}

void PythonSet::resize(size_t atLeast) {
  std::vector<int64_t> larger(std::bit_ceil(std::max<size_t>(8, atLeast + 1)),
                              absent);
  for (int64_t value : table)
    if (value != absent)
      find(larger, value) = value;
  table = std::move(larger);
}

void PythonSet::add(int64_t value) {
  int64_t &place = find(table, value);
  if (place == value)
    return;
  place = value;
  ++used;
  if (used * 5 >= (table.size() - 1) * 3)
    resize(used > 50000 ? used * 2 : used * 4);
}

void PythonSet::merge(const PythonSet &other) {
  if (other.used == 0)
    return;
  if ((used + other.used) * 5 >= (table.size() - 1) * 3)
    resize((used + other.used) * 2);
  if (used == 0 && table.size() == other.table.size()) {
    *this = other;
    return;
  }
  bool wasEmpty = used == 0;
  for (int64_t value : other.table) {
    if (value == absent)
      continue;
    if (!wasEmpty) {
      add(value);
      continue;
    }
    find(table, value) = value;
    ++used;
  }
}

PythonSet::PythonSet(std::span<const int64_t> values) : PythonSet() {
  for (int64_t value : values)
    add(value);
}

PythonSet PythonSet::unionWith(const PythonSet &other) const {
  // A copy is an empty set that is merged with the original.
  PythonSet result;
  result.merge(*this);
  result.merge(other);
  return result;
}

std::vector<int64_t> PythonSet::elements() const {
  std::vector<int64_t> result;
  for (int64_t value : table)
    if (value != absent)
      result.push_back(value);
  return result;
}

//===----------------------------------------------------------------------===//
// The sample
//===----------------------------------------------------------------------===//

namespace {

/// Seeds MT19937 by the array of one word, as `init_by_array` of its authors.
class SeedByArray {
public:
  using result_type = uint32_t;
  explicit SeedByArray(uint32_t key) : key(key) {}

  template <typename Iterator>
  void generate(Iterator begin, Iterator end) {
    size_t count = static_cast<size_t>(end - begin);
    std::vector<uint32_t> state(count);
    state[0] = 19650218;
    for (size_t i = 1; i != count; ++i)
      state[i] = 1812433253u * (state[i - 1] ^ state[i - 1] >> 30) +
                 static_cast<uint32_t>(i);
    size_t place = 1;
    auto mix = [&](uint32_t factor) {
      uint32_t before = state[place - 1];
      state[place] ^= (before ^ before >> 30) * factor;
    };
    auto goOn = [&] {
      if (++place != count)
        return;
      state[0] = state[count - 1];
      place = 1;
    };
    for (size_t round = 0; round != count; ++round) {
      mix(1664525);
      state[place] += key;
      goOn();
    }
    for (size_t round = 1; round != count; ++round) {
      mix(1566083941);
      state[place] -= static_cast<uint32_t>(place);
      goOn();
    }
    state[0] = uint32_t(1) << 31;
    std::copy(state.begin(), state.end(), begin);
  }

private:
  uint32_t key;
};

} // namespace

/// How large a list random.sample draws from by moving elements: as large as
/// the set of `count` elements that it would need otherwise.
static size_t listSizeOf(size_t count) {
  size_t size = 21;
  if (count <= 5)
    return size;
  size_t power = 1;
  while (power < count * 3)
    power *= 4;
  return size + power;
}

std::vector<int64_t> orcinus::pythonSample(std::span<const int64_t> population,
                                           size_t count, uint32_t seed) {
  assert(count <= population.size() && "a sample without replacement");
  SeedByArray seeds(seed);
  std::mt19937 words(seeds);
  auto below = [&](size_t bound) {
    int bits = std::bit_width(bound);
    for (;;)
      if (size_t value = static_cast<uint32_t>(words()) >> (32 - bits);
          value < bound)
        return value;
  };
  std::vector<int64_t> result;
  if (population.size() <= listSizeOf(count)) {
    std::vector<int64_t> pool(population.begin(), population.end());
    for (size_t left = pool.size(); result.size() != count; --left) {
      size_t chosen = below(left);
      result.push_back(pool[chosen]);
      pool[chosen] = pool[left - 1];
    }
    return result;
  }
  std::unordered_set<size_t> selected;
  while (result.size() != count)
    if (size_t chosen = below(population.size());
        selected.insert(chosen).second)
      result.push_back(population[chosen]);
  return result;
}
