//===- Labels.cpp - What is known of nodes and events ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Labels.h"

#include "LabelBuilder.h"
#include "TextNumbers.h"
#include "TextRows.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

using namespace orcinus;

/// Of the numbers of a prediction; each is a row of a matrix.
static constexpr size_t mostClasses = 65536;

StatusOr<Task> orcinus::parseTask(std::string_view name) {
  const auto *found = std::ranges::find(taskNames, name);
  if (found != taskNames.end())
    return static_cast<Task>(found - taskNames.begin());
  std::string known;
  for (std::string_view each : taskNames)
    known += (known.empty() ? "" : ", ") + std::string(each);
  return Status::error("there is no task '" + std::string(name) +
                       "': choose one of " + known);
}

void LabelSet::values(int64_t label, std::span<float> result) const {
  std::ranges::fill(result, 0.0f);
  for (LabelEntry entry : entriesOf(label)) {
    if (isBinary())
      result[0] = entry.column == 1;
    else
      result[static_cast<size_t>(entry.column)] += entry.value;
  }
}

std::pair<int64_t, int64_t> LabelSet::ofEvents(int32_t first,
                                               int32_t end) const {
  auto find = [&](int32_t event) {
    auto place =
        std::ranges::lower_bound(places, event, {}, &LabelPlace::event);
    return place - places.begin();
  };
  return {find(first), find(end)};
}

//===----------------------------------------------------------------------===//
// What labels mean
//===----------------------------------------------------------------------===//

static StatusOr<LabelMeaning>
readNumbers(const std::vector<std::string> &texts,
            const std::function<std::string(size_t)> &where) {
  LabelMeaning meaning;
  for (size_t text = 0; text != texts.size(); ++text) {
    float value = 0;
    if (parseReal(texts[text], value) != NumberKind::Valid ||
        !std::isfinite(value))
      return Status::error(where(text) + ": the label " +
                           quoteForMessage(texts[text]) +
                           " is no number in single precision; correct or "
                           "remove it, or choose a task of classes");
    meaning.entries.push_back({0, value});
  }
  return meaning;
}

StatusOr<LabelMeaning>
orcinus::readMeaning(LabelKind kind, const std::vector<std::string> &texts,
                     const std::string &source,
                     const std::function<std::string(size_t)> &where) {
  if (texts.empty())
    return Status::error(source + ": there is no label at all; give some");
  if (kind == LabelKind::Numbers)
    return readNumbers(texts, where);
  if (texts.size() == 1)
    return Status::error(source + ": all labels are " +
                         quoteForMessage(texts[0]) +
                         ", so that there is nothing to tell apart; give "
                         "labels of another class, too");
  if (texts.size() > mostClasses)
    return Status::error(source + ": there are " +
                         std::to_string(texts.size()) + " classes, more than " +
                         std::to_string(mostClasses) +
                         "; of numbers, choose a task of regression");
  std::vector<double> numbers(texts.size());
  bool areNumbers = true;
  for (size_t text = 0; text != texts.size(); ++text)
    areNumbers &= parseReal(texts[text], numbers[text]) == NumberKind::Valid &&
                  !std::isnan(numbers[text]);
  std::vector<int32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int32_t left, int32_t right) {
    return areNumbers ? numbers[left] < numbers[right]
                      : texts[left] < texts[right];
  });
  LabelMeaning meaning;
  meaning.entries.resize(texts.size());
  for (int32_t text : order) {
    meaning.entries[text].column = static_cast<int32_t>(meaning.classes.size());
    meaning.classes.push_back(texts[text]);
  }
  return meaning;
}

LabelSet
orcinus::sortLabels(Task task, std::vector<std::string> classes,
                    const std::vector<LabelPlace> &places,
                    const std::vector<std::vector<LabelEntry>> &entries) {
  LabelSet labels;
  labels.task = task;
  labels.classes = std::move(classes);
  std::vector<size_t> order(places.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::ranges::stable_sort(order, {},
                           [&](size_t label) { return places[label].event; });
  for (size_t label : order)
    labels.add(places[label], entries[label]);
  return labels;
}

//===----------------------------------------------------------------------===//
// Labels of a stream's own columns
//===----------------------------------------------------------------------===//

static Status checkColumns(const EventStream &stream, Task task) {
  size_t columns = stream.labels.size();
  if (task == Task::LinkPrediction)
    return Status::error("link prediction has no labels: choose what is learnt "
                         "by them");
  if (task == Task::NodeProperty)
    return Status::error("node-property takes its labels, weights of classes "
                         "by node and time, from a file of their own");
  if (columns == 0)
    return Status::error("the stream has no labels: name the columns that hold "
                         "them, or a file");
  size_t most = isOfEvents(task) ? 1 : 2;
  if (columns > most)
    return Status::error(
        "there are " + std::to_string(columns) + " columns of labels, but " +
        (isOfEvents(task) ? "an event has one label"
                          : "at most two have a meaning, of the events' "
                            "sources and of their destinations"));
  return Status();
}

StatusOr<LabelSet> orcinus::labelsOfStream(const EventStream &stream,
                                           Task task) {
  if (Status status = checkColumns(stream, task); !status.ok())
    return status;
  // By column and code, of the different texts of all columns.
  TextNumbers texts;
  std::vector<std::vector<int32_t>> numbers;
  for (const LabelColumn &column : stream.labels)
    for (std::vector<int32_t> &ofColumn = numbers.emplace_back();
         const std::string &text : column.texts)
      ofColumn.push_back(texts.add(text).first);
  std::string source = "column '" + stream.labels[0].name + "'";
  if (stream.labels.size() == 2)
    source = "columns '" + stream.labels[0].name + "' and '" +
             stream.labels[1].name + "'";
  StatusOr<LabelMeaning> meaning = readMeaning(
      labelKindOf(task), texts.texts(), source, [&](size_t) { return source; });
  if (!meaning.ok())
    return meaning.status();
  LabelSet labels;
  labels.task = task;
  labels.classes = std::move(meaning->classes);
  for (int32_t event = 0; event != stream.eventCount(); ++event)
    for (size_t column = 0; column != stream.labels.size(); ++column) {
      int32_t code = stream.labels[column].codes[event];
      if (code < 0)
        continue;
      bool isSource = column == 0;
      labels.add({stream.time[event],
                  isSource ? stream.source[event] : stream.destination[event],
                  event, isSource ? LabelOf::Source : LabelOf::Destination},
                 meaning->entries[numbers[column][code]]);
    }
  return labels;
}
