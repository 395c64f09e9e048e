//===- Random.h - Random numbers in a row -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_RANDOM_H
#define ORCINUS_LIB_TUNING_RANDOM_H

#include "orcinus/Support/CounterRng.h"

#include <cstdint>
#include <string_view>

namespace orcinus {

/// The draws of (seed, purpose), one after the other.
class Random {
public:
  Random(uint64_t seed, std::string_view purpose)
      : seed(seed), stream(randomStream(purpose)) {}

  /// A number in [0, bound), bound > 0.
  uint64_t below(uint64_t bound) {
    return randomBelow(seed, stream, counter++, bound);
  }

private:
  uint64_t seed, stream, counter = 0;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_RANDOM_H
