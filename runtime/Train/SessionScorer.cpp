//===- SessionScorer.cpp - A session under a protocol ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/SessionScorer.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

using namespace orcinus;

namespace {

class SessionScorer : public PairScorer {
public:
  SessionScorer(Session &session, StateLag lag) : session(session), lag(lag) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    pairs.clear();
    for (int64_t query = 0; query != queries.queryCount(); ++query) {
      Moment moment{queries.times[query]};
      if (lag == StateLag::Batch)
        moment.event = queries.events[query];
      for (int32_t candidate : queries.candidates(query))
        pairs.push_back({queries.sources[query], candidate, moment});
    }
    logits.resize(pairs.size());
    if (Status status = session.score(pairs, logits); !status.ok())
      return status;
    std::ranges::copy(logits, scores.begin());
    return Status();
  }

  /// The session has the stream: its states follow the queries.
  Status advance(std::span<const int32_t> events) override { return Status(); }

  std::unique_ptr<PairScorer> clone() const override;

protected:
  Session &session;

private:
  StateLag lag;
  std::vector<PairQuery> pairs;
  std::vector<float> logits;
};

/// Goes on from the beginning of the test by the events that it is given. It
/// begins when it is first used, for until then the session is the other's.
class BranchScorer : public SessionScorer {
public:
  using SessionScorer::SessionScorer;
  ~BranchScorer() override {
    if (begun)
      (void)session.endBranch();
  }

  Status score(const PairQueries &queries, std::span<double> scores) override {
    Status status = begin();
    return status.ok() ? SessionScorer::score(queries, scores) : status;
  }

  Status advance(std::span<const int32_t> events) override {
    Status status = begin();
    return status.ok() ? session.advanceBranch(events) : status;
  }

private:
  Status begin() {
    if (begun)
      return Status();
    begun = true;
    return session.beginBranch();
  }

  bool begun = false;
};

} // namespace

std::unique_ptr<PairScorer> SessionScorer::clone() const {
  return std::make_unique<BranchScorer>(session, lag);
}

std::unique_ptr<PairScorer> orcinus::makeSessionScorer(Session &session,
                                                       StateLag lag) {
  return std::make_unique<SessionScorer>(session, lag);
}
