//===- CounterRandom.h - Random numbers by counter --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_COUNTERRANDOM_H
#define RUNTIME_TRAIN_COUNTERRANDOM_H

#include <cstdint>
#include <string_view>

namespace orcinus {

/// The finalizer of splitmix64: a bijection that mixes well.
constexpr uint64_t mixBits(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// The number `index` of the stream `seed`. There is no state to save: a
/// resumed run draws the same.
constexpr uint64_t randomBits(uint64_t seed, uint64_t index) {
  return mixBits(mixBits(seed) + (index + 1) * 0x9e3779b97f4a7c15);
}

/// A uniform number in [0, 1), of 24 random bits.
constexpr float randomUnit(uint64_t seed, uint64_t index) {
  return static_cast<float>(randomBits(seed, index) >> 40) * 0x1p-24f;
}

/// A seed for one purpose, so that no two of them share their numbers.
constexpr uint64_t deriveSeed(uint64_t seed, std::string_view purpose) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char letter : purpose)
    hash = (hash ^ static_cast<uint8_t>(letter)) * 0x100000001b3;
  return randomBits(seed, hash);
}

} // namespace orcinus

#endif // RUNTIME_TRAIN_COUNTERRANDOM_H
