//===- CounterRng.h - Counter-based random numbers --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random numbers that are a pure function of (seed, stream, counter). They have
// no state, so that draws can be made in any order, by any number of threads,
// or again after a restart, with the same result on every machine.
//
// The function is Philox-4x32 with 10 rounds: J. Salmon, M. Moraes, R. Dror,
// D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_COUNTERRNG_H
#define ORCINUS_SUPPORT_COUNTERRNG_H

#include <array>
#include <cstdint>
#include <string_view>

namespace orcinus {

/// One block of Philox-4x32-10: four independent 32-bit words for a 128-bit
/// counter and a 64-bit key.
constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                             std::array<uint32_t, 2> key) {
  constexpr uint64_t firstMultiplier = 0xD2511F53,
                     secondMultiplier = 0xCD9E8D57;
  constexpr uint32_t firstWeyl = 0x9E3779B9, secondWeyl = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    uint64_t first = firstMultiplier * counter[0];
    uint64_t second = secondMultiplier * counter[2];
    counter = {static_cast<uint32_t>(second >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(second),
               static_cast<uint32_t>(first >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(first)};
    key[0] += firstWeyl;
    key[1] += secondWeyl;
  }
  return counter;
}

/// A stream number for a purpose ("negatives", "split mask", …), so that two
/// purposes with one seed never share draws (64-bit FNV-1a of the name).
constexpr uint64_t randomStream(std::string_view purpose) {
  uint64_t hash = 0xCBF29CE484222325;
  for (char character : purpose) {
    hash ^= static_cast<uint8_t>(character);
    hash *= 0x100000001B3;
  }
  return hash;
}

/// Two independent 64-bit draws number `counter` of (`seed`, `stream`), at the
/// price of one; the first equals `randomBits`.
constexpr std::array<uint64_t, 2> randomBitPair(uint64_t seed, uint64_t stream,
                                                uint64_t counter) {
  std::array<uint32_t, 4> words = philox4x32(
      {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
       static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
      {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return {words[0] | static_cast<uint64_t>(words[1]) << 32,
          words[2] | static_cast<uint64_t>(words[3]) << 32};
}

/// The 64 uniform bits number `counter` of (`seed`, `stream`).
constexpr uint64_t randomBits(uint64_t seed, uint64_t stream,
                              uint64_t counter) {
  return randomBitPair(seed, stream, counter)[0];
}

/// Maps 64 uniform bits to a double in [0, 1), a multiple of 2^-53.
constexpr double unitFromBits(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// Maps 64 uniform bits to an integer in [0, bound), `bound` > 0. A value's
/// probability differs from 1 / bound by less than 2^-64.
constexpr uint64_t belowFromBits(uint64_t bits, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * bound) >>
                               64);
}

/// The uniform double in [0, 1) number `counter` of (`seed`, `stream`).
constexpr double randomUnit(uint64_t seed, uint64_t stream, uint64_t counter) {
  return unitFromBits(randomBits(seed, stream, counter));
}

/// The uniform integer in [0, `bound`) number `counter` of (`seed`, `stream`);
/// `bound` > 0.
constexpr uint64_t randomBelow(uint64_t seed, uint64_t stream, uint64_t counter,
                               uint64_t bound) {
  return belowFromBits(randomBits(seed, stream, counter), bound);
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_COUNTERRNG_H
