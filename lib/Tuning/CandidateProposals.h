//===- CandidateProposals.h - Which candidates to measure next --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_CANDIDATEPROPOSALS_H
#define ORCINUS_LIB_TUNING_CANDIDATEPROPOSALS_H

#include "OperatorTrials.h"
#include "Random.h"

#include <cstddef>
#include <vector>

namespace orcinus {

/// A schedule whose parameters are drawn from their choices, legal; nothing
/// where many draws found none.
std::optional<Schedule> randomSchedule(const ScheduleSpace &space,
                                       Random &random);

/// `count` candidates for the backend search that were not tried yet; fewer
/// where the space is nearly exhausted. Before anything was learnt they are the
/// default and random ones. Then half come from an evolution, which starts from
/// the fastest and from random ones, mutates and crosses them for some
/// generations, and keeps those that the cost model likes; the others differ
/// from the fastest in one parameter, but for one at random.
StatusOr<std::vector<Schedule>> proposeBySearch(OperatorTrials &trials,
                                                size_t count, Random &random);

/// The candidates of the reuse tuner from `reused`, the source's schedule as
/// the operator takes it over: first itself, then at most `count` - 1 others,
/// those that the cost model likes first. They differ in outer tiles, loop
/// order and parallel split, and in one inner tile that is halved, doubled, or
/// cut where it was the whole loop.
StatusOr<std::vector<Schedule>>
proposeByReuse(OperatorTrials &trials, const Schedule &reused, size_t count);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_CANDIDATEPROPOSALS_H
