//===- Draw.h - Random choices ----------------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_DRAW_H
#define ORCINUS_TEST_DIFFERENTIAL_DRAW_H

#include "orcinus/Support/CounterRng.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace orcinus::differential {

/// The choices of module number `module` of the seed `seed`: the same on every
/// machine, and whatever was drawn for other modules.
class Draw {
public:
  Draw(uint64_t seed, uint64_t module)
      : seed(seed), stream(randomStream("differential module") + module) {}

  /// Below `bound`, which is at least 1.
  int64_t below(int64_t bound) {
    return static_cast<int64_t>(randomBelow(seed, stream, counter++, bound));
  }
  /// From `first` to `last`.
  int64_t between(int64_t first, int64_t last) {
    return first + below(last - first + 1);
  }
  bool percent(int64_t share) { return below(100) < share; }

  template <typename T>
  const T &among(const std::vector<T> &choices) {
    return choices[below(static_cast<int64_t>(choices.size()))];
  }

  template <typename T>
  void shuffle(std::vector<T> &list) {
    for (size_t at = list.size(); at > 1; --at)
      std::swap(list[at - 1], list[below(static_cast<int64_t>(at))]);
  }

private:
  uint64_t seed, stream, counter = 0;
};

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_DRAW_H
