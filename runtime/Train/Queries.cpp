//===- Queries.cpp - Embedding queries in chunks --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Queries.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <numeric>
#include <vector>

using namespace orcinus;

Status orcinus::answerInChunks(Invocation &invocation, const OutputForm &form,
                               StepInput input, std::span<const int32_t> nodes,
                               std::span<const Timestamp> times, size_t chunk,
                               std::span<float> result) {
  // Each query is labelled, or rather, asked for its label.
  std::vector<int32_t> queries(
      form.rows == StepCount::Labels ? std::min(chunk, nodes.size()) : 0);
  std::iota(queries.begin(), queries.end(), 0);
  std::vector<int32_t> noEvents(queries.size(), 0);
  for (size_t begin = 0; begin < nodes.size(); begin += chunk) {
    size_t count = std::min(chunk, nodes.size() - begin);
    input.queryNodes = nodes.subspan(begin, count);
    input.queryTimes = times.subspan(begin, count);
    if (!queries.empty()) {
      input.labelledRows = input.otherLabelledRows =
          std::span<const int32_t>(queries).first(count);
      input.labelledEvents = std::span<const int32_t>(noEvents).first(count);
    }
    input.samplingSeed =
        randomBits(0, randomStream("embedding samples"), begin);
    if (Status status = invocation.prepare(input); !status.ok())
      return status;
    if (Status status = invocation.step({}); !status.ok())
      return status;
    StepOutputs::View rows = invocation.outputs().find(form.role);
    std::ranges::copy(rows.values, result.begin() + begin * rows.columns);
  }
  return Status();
}
