//===- Campaign.h - Many modules, each in a child's hands -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_CAMPAIGN_H
#define ORCINUS_TEST_DIFFERENTIAL_CAMPAIGN_H

#include "Case.h"
#include "Specification.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace orcinus::differential {

struct CampaignOptions {
  uint64_t seed = 1;
  /// Modules [first, first + modules).
  uint64_t first = 0;
  uint64_t modules = 200;
  /// Random schedules of each module, besides the default one.
  int schedules = 1;
  /// Child processes at a time.
  int jobs = 1;
  /// Seconds of processor time that a case may take.
  int caseSeconds = 60;
};

/// A case that did not come out right.
struct Failure {
  uint64_t module = 0;
  /// 0: the default schedule; else the number of the drawn one.
  int candidate = 0;
  Outcome outcome;
};

struct CampaignReport {
  uint64_t modules = 0;
  /// Cases that were run: modules by schedules.
  uint64_t cases = 0;
  std::vector<Failure> failures;
  /// How many of them the compiler refuses, and how many the generator got
  /// wrong: these compute nothing wrong.
  uint64_t refused = 0, unknown = 0;
};

/// Runs the modules in child processes. A child that dies is followed by one
/// that goes on with the next case. `onFailure` is called as failures are
/// found.
CampaignReport
runCampaign(const CampaignOptions &options,
            const std::function<void(const Failure &)> &onFailure);

/// What became of `specification`, run in a child process.
Outcome runApart(const Specification &specification, int caseSeconds);

/// The same of a case by itself.
Outcome runApart(const Case &tested, int caseSeconds);

/// The specification that `failure` is of.
StatusOr<Specification> specificationOf(const CampaignOptions &options,
                                        const Failure &failure);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_CAMPAIGN_H
