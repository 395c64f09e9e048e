//===- CheckpointHeader.cpp - Options and position as JSON ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CheckpointHeader.h"

#include "lib/Support/Json.h"
#include "runtime/Train/RunOptions.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

template <typename T>
static ordered_json optionValue(const T &field) {
  return field;
}
template <typename T>
static ordered_json optionValue(const std::optional<T> &field) {
  return field ? ordered_json(*field) : ordered_json(nullptr);
}

template <typename Visit>
static void visitAll(const CheckpointDescription &options, Visit visit) {
  visitCompileOptions(visit, options.compile);
  visitTrainOptions(visit, options.train);
}

ordered_json orcinus::optionsToJson(const CheckpointDescription &options) {
  ordered_json result = ordered_json::object();
  visitAll(options, [&](const RunOption &option, const auto &field) {
    result[option.name] = optionValue(field);
  });
  return result;
}

ordered_json orcinus::identityOptions(const CheckpointDescription &options) {
  ordered_json result = ordered_json::object();
  visitAll(options, [&](const RunOption &option, const auto &field) {
    if (option.role == OptionRole::Identity)
      result[option.name] = optionValue(field);
  });
  return result;
}

namespace {

/// Reads options; each field holds its default before.
class OptionReader {
public:
  explicit OptionReader(const ordered_json &values) : values(values) {}

  template <typename T>
  void operator()(const RunOption &option, std::optional<T> &field) const {
    // Older checkpoints lack what was added since.
    if (!values.contains(option.name) || values.at(option.name).is_null())
      return;
    T value{};
    (*this)(option, value);
    field = value;
  }

  template <typename T>
    requires std::is_arithmetic_v<T>
  void operator()(const RunOption &option, T &field) const {
    const ordered_json &value = values.at(option.name);
    if (value == ordered_json(field))
      return;
    if constexpr (std::is_same_v<T, bool>) {
      field = value.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      T number =
          readInteger<T>(values, option.name, std::numeric_limits<T>::lowest());
      check(option, static_cast<double>(number), value);
      field = number;
    } else {
      if (!value.is_number())
        reject(option, value);
      check(option, value.get<double>(), value);
      field = value.get<T>();
    }
  }

  void operator()(const RunOption &option, std::string &field) const {
    field = values.at(option.name).get<std::string>();
    if (option.check && !option.check(field).empty())
      reject(option, values.at(option.name));
  }

private:
  static void check(const RunOption &option, double number,
                    const ordered_json &value) {
    if (option.mayBeUnlimited && number < 0)
      return;
    if (!(number >= option.least && number <= option.most))
      reject(option, value);
  }
  [[noreturn]] static void reject(const RunOption &option,
                                  const ordered_json &value) {
    throw MalformedCheckpoint(
        fmt::format("its {} is {}", option.name, printJson(value)));
  }

  const ordered_json &values;
};

} // namespace

CheckpointDescription orcinus::optionsFromJson(const ordered_json &value) {
  CheckpointDescription result;
  OptionReader reader(value);
  visitCompileOptions(reader, result.compile);
  visitTrainOptions(reader, result.train);
  return result;
}

//===----------------------------------------------------------------------===//
// Position
//===----------------------------------------------------------------------===//

/// The counts of a ReuseCounts by their names.
template <typename Visit, typename... Counts>
static void visitReuse(Visit visit, Counts &...all) {
  visit("reads", all.reads...);
  visit("in batch", all.inBatchReads...);
  visit("out of batch", all.outOfBatchReads...);
  visit("unique out of batch", all.uniqueOutOfBatchReads...);
  visit("hits", all.hits...);
  visit("unique hits", all.uniqueHits...);
  visit("recomputed", all.recomputed...);
  visit("cold", all.cold...);
  visit("age sum", all.ageSum...);
  visit("greatest age", all.maxAge...);
}

ordered_json orcinus::positionToJson(const RunPosition &position) {
  ordered_json reuse;
  visitReuse([&](const char *name, auto count) { reuse[name] = count; },
             position.reuse);
  ordered_json exactFrom;
  if (position.exactFrom)
    exactFrom = *position.exactFrom;
  return {{"epochs", position.epochs},
          {"exact from", exactFrom},
          {"batch", position.batch},
          {"steps", position.steps},
          {"loss sum", position.lossSum},
          {"train seconds", position.trainSeconds},
          {"total seconds", position.totalSeconds},
          {"rows", position.rows},
          {"reuse", reuse},
          {"best epoch", position.bestEpoch},
          {"best average precision", position.bestAveragePrecision},
          {"best area under the curve", position.bestAreaUnderCurve},
          {"best figure", position.bestFigure},
          {"history", position.history}};
}

static double readFinite(const ordered_json &object, const char *key,
                         double least, double most) {
  const ordered_json &value = object.at(key);
  double number = value.is_number() ? value.get<double>() : NAN;
  if (!(number >= least && number <= most))
    throw MalformedCheckpoint(
        fmt::format("its {} is {}", key, printJson(value)));
  return number;
}

static std::vector<int64_t> readRows(const ordered_json &value) {
  std::vector<int64_t> rows;
  for (size_t layer = 0; layer != value.size(); ++layer)
    rows.push_back(
        readInteger<int64_t>({{"rows", value.at(layer)}}, "rows", 0));
  return rows;
}

RunPosition orcinus::positionFromJson(const ordered_json &value,
                                      int64_t batches,
                                      std::optional<int64_t> steps) {
  constexpr double largest = std::numeric_limits<double>::max();
  RunPosition position;
  position.epochs = readInteger<int>(value, "epochs", 0);
  // Not in checkpoints from before runs could end so.
  constexpr const char *exactFrom = "exact from";
  if (value.contains(exactFrom) && !value.at(exactFrom).is_null())
    position.exactFrom = readInteger<int>(value, exactFrom, 1, position.epochs);
  position.batch = readInteger<int64_t>(value, "batch", 0, batches);
  // Each epoch has trained all its batches. Where not all of them make a step,
  // it is not known here how many of the last epoch's did.
  int64_t ofEpoch = steps.value_or(batches);
  int64_t least = position.epochs * ofEpoch;
  int64_t most = least + std::min(position.batch, ofEpoch);
  if (!steps)
    least = 0;
  else if (*steps == batches)
    least = most;
  position.steps = readInteger<int64_t>(value, "steps", least, most);
  position.lossSum = readFinite(value, "loss sum", -largest, largest);
  position.trainSeconds = readFinite(value, "train seconds", 0, largest);
  position.totalSeconds = readFinite(value, "total seconds", 0, largest);
  position.rows = readRows(value.at("rows"));
  const ordered_json &reuse = value.at("reuse");
  visitReuse(
      [&]<typename T>(const char *name, T &count) {
        count = readInteger<T>(reuse, name, 0);
      },
      position.reuse);
  position.bestEpoch =
      readInteger<int>(value, "best epoch", 0, position.epochs);
  // JSON has no NaN, the figure of no event: it is written as null.
  auto readFigure = [&](const char *key) {
    return value.at(key).is_null() ? NAN : readFinite(value, key, 0, 1);
  };
  position.bestAveragePrecision = readFigure("best average precision");
  // Not in checkpoints that were written before runs chose by it.
  constexpr const char *area = "best area under the curve";
  position.bestAreaUnderCurve = value.contains(area) ? readFigure(area) : NAN;
  // Nor this in those from before tasks had labels.
  constexpr const char *figure = "best figure";
  if (value.contains(figure) && !value.at(figure).is_null())
    position.bestFigure = readFinite(value, figure, -largest, largest);
  position.history = value.at("history").get<std::vector<std::string>>();
  for (const std::string &line : position.history)
    if (line.find('\n') != std::string::npos)
      throw MalformedCheckpoint("its history has a line that is none");
  return position;
}
