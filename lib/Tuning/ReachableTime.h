//===- ReachableTime.h - What an operator could reach -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_REACHABLETIME_H
#define ORCINUS_LIB_TUNING_REACHABLETIME_H

#include "OperatorKey.h"

#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// Expects of an operator what others have reached. By a roofline (Williams,
/// Waterman and Patterson, CACM 2009) one that computes more with each byte can
/// compute at least as fast as one that computes less. Compared are all sums of
/// products, and all depthwise convolutions, whose operations are alike, else
/// operators of one kind.
///
/// Times are multiples of the baseline's.
class ReachableTime {
public:
  /// A program of `op` takes `time`.
  void note(const OperatorDescription &op, double time);

  /// The time that `op` should reach; nothing where no program of another
  /// operator says so.
  std::optional<double> expected(const OperatorDescription &op) const;

private:
  struct Noted {
    OperatorKey key;
    /// Those of one group are compared.
    std::string group;
    /// Operations a byte, and a unit of time.
    double intensity = 0, rate = 0;
  };

  std::vector<Noted> programs;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_REACHABLETIME_H
