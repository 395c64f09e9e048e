//===- PopTrack.cpp - Lately popular destinations -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/PopTrack.h"

using namespace orcinus;

namespace {

class PopTrack : public PairScorer {
public:
  PopTrack(const EventStream &stream, double decay)
      : stream(stream), decay(decay),
        popularity(static_cast<size_t>(stream.nodeCount), 0.0) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    for (size_t pair = 0; pair != queries.destinations.size(); ++pair)
      scores[pair] = popularity[queries.destinations[pair]];
    return Status();
  }

  Status advance(std::span<const int32_t> events) override {
    for (int32_t event : events)
      popularity[stream.destination[event]] += 1;
    return Status();
  }

  void endBatch() override {
    for (double &each : popularity)
      each *= decay;
  }

  std::unique_ptr<PairScorer> clone() const override {
    return std::make_unique<PopTrack>(*this);
  }

private:
  const EventStream &stream;
  double decay;
  std::vector<double> popularity;
};

} // namespace

std::unique_ptr<PairScorer> orcinus::makePopTrack(const EventStream &stream,
                                                  double decay) {
  return std::make_unique<PopTrack>(stream, decay);
}
