//===- OrcaNegatives.cpp - The trainer's own negatives --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Negatives.h"
#include "orcinus/Sampling/NegativeSampler.h"

#include <numeric>

using namespace orcinus;

void NegativeBatch::clear() {
  offsets.assign(1, 0);
  destinations.clear();
  sources.clear();
}

namespace {

class OrcaNegatives : public NegativeDraws {
public:
  OrcaNegatives(const EventStream &stream, NegativeSampler sampler,
                int64_t perEvent)
      : stream(stream), sampler(std::move(sampler)),
        perEvent(static_cast<size_t>(perEvent)) {}

  Status draw(std::span<const int32_t> events, NegativeBatch &result) override {
    result.clear();
    own.clear();
    for (int32_t event : events) {
      own.insert(own.end(), perEvent, stream.destination[event]);
      result.offsets.push_back(std::ssize(own));
    }
    result.destinations.resize(own.size());
    sampler.sample(drawn, own, result.destinations);
    drawn += own.size();
    return Status();
  }

private:
  const EventStream &stream;
  NegativeSampler sampler;
  size_t perEvent;
  uint64_t drawn = 0;
  std::vector<int32_t> own;
};

} // namespace

std::unique_ptr<NegativeDraws>
orcinus::makeOrcaNegatives(const EventStream &stream, uint64_t seed,
                           int64_t perEvent) {
  std::vector<int32_t> events(stream.time.size());
  std::iota(events.begin(), events.end(), 0);
  return std::make_unique<OrcaNegatives>(
      stream, NegativeSampler(stream, events, seed), perEvent);
}
