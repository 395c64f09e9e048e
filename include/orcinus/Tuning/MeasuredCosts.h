//===- MeasuredCosts.h - What tuning is expected to take --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_MEASUREDCOSTS_H
#define ORCINUS_TUNING_MEASUREDCOSTS_H

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/ReuseGraph.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// How many candidates each tuner measures.
struct TrialCounts {
  int64_t search = 64;
  int64_t reuse = 8;
};

/// Expected seconds from the measurements in a database: of each kind, what
/// compiling a candidate took, and how checking and timing it, and running the
/// unscheduled program, grow with the operations. A kind that was never
/// measured is taken for the average of all that were.
class MeasuredCosts : public TuningCosts {
public:
  /// Reads the measurements of the kinds of `operators`. Errors: those of the
  /// database.
  static StatusOr<MeasuredCosts>
  create(const TuningDatabase &database,
         const std::vector<OperatorDescription> &operators, TrialCounts trials);

  double searchSeconds(const OperatorDescription &op) const override;

  /// The reuse tuner's seconds and the share of the search's that the speed
  /// lost over the way from `source` is held to be worth: 2 % for each factor
  /// of two between the extents, and 5 % for each extent but one that differs,
  /// which is about what mending a program takes that was taken over so far.
  double reuseSeconds(const OperatorDescription &source,
                      const OperatorDescription &target) const override;

  /// Whether a candidate of the kind was measured.
  bool knows(const std::string &kind) const { return kinds.contains(kind); }

private:
  /// Seconds = fixed + slope · operations.
  struct Line {
    double fixed = 0;
    double slope = 0;
    double at(double operations) const { return fixed + slope * operations; }
  };
  /// What a candidate of one kind takes.
  struct KindCosts {
    double compileSeconds = 0;
    Line run;
    Line load;
  };
  using Points = std::vector<std::pair<double, double>>;

  static Line fit(const Points &points);
  KindCosts costsOf(const std::vector<TuningRecord> &records,
                    const OperatorDescription &representative) const;
  double seconds(const OperatorDescription &op, int64_t candidates) const;

  TrialCounts trials;
  std::map<std::string, KindCosts> kinds;
  KindCosts average;
};

} // namespace orcinus

#endif // ORCINUS_TUNING_MEASUREDCOSTS_H
