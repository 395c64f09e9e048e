//===- Queries.h - Embedding queries in chunks ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_QUERIES_H
#define RUNTIME_TRAIN_QUERIES_H

#include "runtime/Train/Invocation.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace orcinus {

/// Answers the queries (nodes[i], times[i]) by the output `form` of
/// `invocation`, embeddings or predictions, at most `chunk` in a step, which
/// keeps the memory of large requests low: row i of `result`. The rest of
/// `input` is what the steps are made from; the arena is current.
Status answerInChunks(Invocation &invocation, const OutputForm &form,
                      StepInput input, std::span<const int32_t> nodes,
                      std::span<const Timestamp> times, size_t chunk,
                      std::span<float> result);

} // namespace orcinus

#endif // RUNTIME_TRAIN_QUERIES_H
