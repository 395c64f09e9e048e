//===- LabelBaselines.h - Labels predicted by rules -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_LABELBASELINES_H
#define ORCINUS_EVALUATION_LABELBASELINES_H

#include "orcinus/Graph/Labels.h"
#include "orcinus/Metrics/LabelMetrics.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// Which labels rules are tested on, and what they may know.
struct LabelTest {
  /// Labels asked with the events before this one are training's.
  int32_t trainEnd = 0;
  /// Those of the events from `first` to `end` are tested.
  int32_t first = 0;
  int32_t end = 0;
  /// One flag a node, or empty: nodes whose labels nothing may know.
  std::span<const uint8_t> hiddenNodes;
  /// Whether labels of hidden nodes alone are tested.
  bool hiddenOnly = false;
};

/// The figures of rules without parameters, each with the rule's name in front:
///  - "majority_": training's most frequent class; of numbers and shares its
///    mean;
///  - "last_": the node's last label before, TGB's persistent forecast;
///  - "average_", of shares: TGB's moving average, the first label and then
///    m ← (6 m + y) / 7;
///  - "contact_", of classes of nodes: the class that training knows of the
///    node's most frequent neighbour before, of equal ones the latest.
/// A rule that knows nothing of a node takes the majority's answer. "last_" and
/// "average_" also learn from labels of the validation and test once they are
/// past. Of labels of events there is the majority alone.
std::vector<Figure> testLabelRules(const EventStream &stream,
                                   const LabelSet &labels,
                                   const LabelTest &test);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_LABELBASELINES_H
