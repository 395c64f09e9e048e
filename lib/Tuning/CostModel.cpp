//===- CostModel.cpp - Predicts how fast a candidate is -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CostModel.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>
#include <string>
#include <utility>

using namespace orcinus;

static Status checkXgboost(int result) {
  if (result == 0)
    return Status();
  return Status::error(std::string("the cost model fails: ") +
                           XGBGetLastError(),
                       StatusCode::Internal);
}

namespace {

/// Rows of features, owned by XGBoost.
class FeatureMatrix {
public:
  FeatureMatrix(const std::vector<float> &values, size_t rows)
      : status(checkXgboost(XGDMatrixCreateFromMat(
            values.data(), rows, values.size() / rows,
            std::numeric_limits<float>::quiet_NaN(), &handle))) {}
  FeatureMatrix(const FeatureMatrix &) = delete;
  FeatureMatrix &operator=(const FeatureMatrix &) = delete;
  ~FeatureMatrix() {
    if (handle)
      XGDMatrixFree(handle);
  }

  DMatrixHandle handle = nullptr;
  Status status;
};

} // namespace

/// Trees that have learnt.
class CostModel::Booster {
public:
  Booster() = default;
  Booster(const Booster &) = delete;
  Booster &operator=(const Booster &) = delete;
  ~Booster() {
    if (handle)
      XGBoosterFree(handle);
  }

  Status learn(const FeatureMatrix &examples) {
    constexpr std::pair<const char *, const char *> parameters[] = {
        {"objective", "reg:squarederror"},
        {"tree_method", "hist"},
        {"max_depth", "6"},
        {"eta", "0.2"},
        {"base_score", "0"},
        // A batch is few examples: each must be heard.
        {"lambda", "0.1"},
        // The tables are small: threads would only wait for each other.
        {"nthread", "1"},
        {"verbosity", "0"},
    };
    constexpr int rounds = 48;
    Status status = checkXgboost(XGBoosterCreate(&examples.handle, 1, &handle));
    for (auto [name, value] : parameters)
      if (status.ok())
        status = checkXgboost(XGBoosterSetParam(handle, name, value));
    for (int round = 0; round < rounds && status.ok(); ++round)
      status =
          checkXgboost(XGBoosterUpdateOneIter(handle, round, examples.handle));
    return status;
  }

  StatusOr<std::vector<double>> predict(const FeatureMatrix &candidates) {
    // One value a row, by all trees.
    constexpr const char *config =
        R"({"type": 0, "training": false, "iteration_begin": 0,
            "iteration_end": 0, "strict_shape": false})";
    const bst_ulong *shape = nullptr;
    bst_ulong dimensions = 0;
    const float *values = nullptr;
    Status status = checkXgboost(XGBoosterPredictFromDMatrix(
        handle, candidates.handle, config, &shape, &dimensions, &values));
    if (!status.ok())
      return status;
    return std::vector<double>(values, values + shape[0]);
  }

private:
  BoosterHandle handle = nullptr;
};

CostModel::CostModel() = default;
CostModel::CostModel(CostModel &&) noexcept = default;
CostModel &CostModel::operator=(CostModel &&) noexcept = default;
CostModel::~CostModel() = default;

void CostModel::add(const std::vector<float> &features, size_t op,
                    double speed) {
  assert((speeds.empty() || features.size() == rows.size() / speeds.size()) &&
         "all examples have as many features");
  rows.insert(rows.end(), features.begin(), features.end());
  speeds.push_back(speed);
  operatorOf.push_back(op);
}

/// The speeds less that of the operator's fastest.
std::vector<float> CostModel::distances() const {
  // Slower than this, or failed, is all the same.
  constexpr double furthest = -4;
  std::map<size_t, double> fastest;
  for (size_t at = 0; at < speeds.size(); ++at) {
    auto [entry, added] = fastest.emplace(operatorOf[at], speeds[at]);
    entry->second = std::max(entry->second, speeds[at]);
  }
  std::vector<float> result;
  for (size_t at = 0; at < speeds.size(); ++at)
    result.push_back(static_cast<float>(
        std::max(furthest, speeds[at] - fastest.at(operatorOf[at]))));
  return result;
}

Status CostModel::learn() {
  if (booster && learntExamples == examples())
    return Status();
  FeatureMatrix matrix(rows, speeds.size());
  if (!matrix.status.ok())
    return matrix.status;
  std::vector<float> labels = distances();
  Status status = checkXgboost(XGDMatrixSetFloatInfo(
      matrix.handle, "label", labels.data(), labels.size()));
  if (!status.ok())
    return status;
  booster = std::make_unique<Booster>();
  learntExamples = examples();
  return booster->learn(matrix);
}

StatusOr<std::vector<double>>
CostModel::predict(const std::vector<std::vector<float>> &candidates) {
  constexpr size_t fewestExamples = 4;
  if (examples() < fewestExamples || candidates.empty())
    return std::vector<double>(candidates.size(), 0.0);
  if (Status status = learn(); !status.ok())
    return status;
  std::vector<float> values;
  for (const std::vector<float> &features : candidates)
    values.insert(values.end(), features.begin(), features.end());
  FeatureMatrix matrix(values, candidates.size());
  if (!matrix.status.ok())
    return matrix.status;
  return booster->predict(matrix);
}
