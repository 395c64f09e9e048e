//===- Initializer.h - Initial values of parameters -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_INITIALIZER_H
#define RUNTIME_TRAIN_INITIALIZER_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/Manifest.h"

#include <cstdint>
#include <span>

namespace orcinus {

/// What first values may be drawn from.
struct InitializerSource {
  uint64_t seed = 0;
  const EventStream *stream = nullptr;
  /// The training events, ascending, as indices into the stream.
  std::span<const int32_t> events = {};
};

/// Fills `values` as the parameter's initializer says (docs/abi.md). Random
/// numbers depend on the seed, the parameter's name and the element's position
/// alone. Errors: an unknown initializer, a shape that it does not take.
Status initializeParameter(const ParameterSpecification &parameter,
                           const InitializerSource &source,
                           std::span<float> values);

} // namespace orcinus

#endif // RUNTIME_TRAIN_INITIALIZER_H
