//===- Queries.cpp - Embedding queries in chunks --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Queries.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>

using namespace orcinus;

Status orcinus::embedInChunks(Invocation &embedder, StepInput input,
                              std::span<const int32_t> nodes,
                              std::span<const Timestamp> times, size_t chunk,
                              std::span<float> result) {
  for (size_t begin = 0; begin < nodes.size(); begin += chunk) {
    size_t count = std::min(chunk, nodes.size() - begin);
    input.queryNodes = nodes.subspan(begin, count);
    input.queryTimes = times.subspan(begin, count);
    input.samplingSeed =
        randomBits(0, randomStream("embedding samples"), begin);
    if (Status status = embedder.prepare(input); !status.ok())
      return status;
    if (Status status = embedder.step({}); !status.ok())
      return status;
    StepOutputs::View rows = embedder.outputs().find(embeddingsOutput.role);
    std::ranges::copy(rows.values, result.begin() + begin * rows.columns);
  }
  return Status();
}
