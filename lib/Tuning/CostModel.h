//===- CostModel.h - Predicts how fast a candidate is -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_COSTMODEL_H
#define ORCINUS_LIB_TUNING_COSTMODEL_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace orcinus {

/// Learns the speed of programs from the features of their schedules, by
/// boosted trees (XGBoost: T. Chen, C. Guestrin, "XGBoost: a scalable tree
/// boosting system", KDD 2016). The same examples give the same model.
class CostModel {
public:
  CostModel();
  CostModel(CostModel &&) noexcept;
  CostModel &operator=(CostModel &&) noexcept;
  ~CostModel();

  /// Adds a program of the operator number `op`; all have as many features.
  /// `speed` is the logarithm of something in proportion to the speed. Of it
  /// the model learns the distance to the operator's fastest, so that programs
  /// of different operators teach the same thing.
  void add(const std::vector<float> &features, size_t op, double speed);

  size_t examples() const { return speeds.size(); }

  /// How far below the fastest candidates are predicted to be, 0 or less, the
  /// larger the faster; all zero where there are too few examples to learn
  /// from.
  StatusOr<std::vector<double>>
  predict(const std::vector<std::vector<float>> &candidates);

private:
  class Booster;

  Status learn();
  std::vector<float> distances() const;

  /// A row an example.
  std::vector<float> rows;
  std::vector<double> speeds;
  std::vector<size_t> operatorOf;
  /// What was learnt from the first `learntExamples`.
  std::unique_ptr<Booster> booster;
  size_t learntExamples = 0;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_COSTMODEL_H
