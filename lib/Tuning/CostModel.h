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

  /// Adds a program; all have as many features. `speed` is any number that is
  /// larger for faster programs, for example the logarithm of the operations a
  /// second.
  void add(const std::vector<float> &features, double speed);

  size_t examples() const { return speeds.size(); }

  /// The speeds that candidates are predicted to have, learnt from all that was
  /// added; all zero where there are too few examples to learn from.
  StatusOr<std::vector<double>>
  predict(const std::vector<std::vector<float>> &candidates);

private:
  class Booster;

  Status learn();

  /// A row an example.
  std::vector<float> rows;
  std::vector<float> speeds;
  /// What was learnt from the first `learntExamples`.
  std::unique_ptr<Booster> booster;
  size_t learntExamples = 0;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_COSTMODEL_H
