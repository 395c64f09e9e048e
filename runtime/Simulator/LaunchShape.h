//===- LaunchShape.h - The blocks and threads of a launch -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_LAUNCHSHAPE_H
#define ORCINUS_RUNTIME_SIMULATOR_LAUNCHSHAPE_H

#include <array>
#include <cstdint>

namespace orcinus {

/// Extents along x, y and z.
using LaunchExtents = std::array<int32_t, 3>;

/// How many there are of `extents`.
inline int64_t volumeOf(const LaunchExtents &extents) {
  return static_cast<int64_t>(extents[0]) * extents[1] * extents[2];
}

/// The position of number `number` within `extents`; x varies fastest.
inline std::array<int32_t, 3> positionOf(int64_t number,
                                         const LaunchExtents &extents) {
  return {static_cast<int32_t>(number % extents[0]),
          static_cast<int32_t>(number / extents[0] % extents[1]),
          static_cast<int32_t>(number / extents[0] / extents[1])};
}

/// The blocks of a launch and the threads of each.
struct LaunchShape {
  LaunchExtents grid;
  LaunchExtents block;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_LAUNCHSHAPE_H
