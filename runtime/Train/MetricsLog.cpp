//===- MetricsLog.cpp - The --metrics file --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/MetricsLog.h"

#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

static ordered_json toJson(const ReuseCounts &reuse) {
  return {{"reads", reuse.reads},
          {"in_batch_reads", reuse.inBatchReads},
          {"out_of_batch_reads", reuse.outOfBatchReads},
          {"hits", reuse.hits},
          {"recomputed", reuse.recomputed},
          {"cold", reuse.cold},
          {"mean_age", reuse.meanAge()},
          {"max_age", reuse.maxAge}};
}

/// Adds what `metrics` has: figures of labels, or those of links.
static void addFigures(ordered_json &line, const RankingMetrics &metrics,
                       const std::string &prefix) {
  for (const Figure &figure : metrics.figures)
    line[prefix + figure.name] = figure.value;
  if (!metrics.figures.empty())
    return;
  line[prefix + "ap"] = metrics.averagePrecision;
  line[prefix + "auc"] = metrics.areaUnderCurve;
  line[prefix + "ap_inductive"] = metrics.inductiveAveragePrecision;
  line[prefix + "auc_inductive"] = metrics.inductiveAreaUnderCurve;
}

std::string orcinus::metricsLine(const EpochReport &report) {
  ordered_json line = {{"event", "epoch"},
                       {"epoch", report.epoch},
                       {"train_seconds", report.trainSeconds},
                       {"val_seconds", report.validationSeconds},
                       {"train_loss", report.trainLoss}};
  addFigures(line, report.validation, "val_");
  line["batches"] = report.batches;
  line["rows"] = report.rows;
  line["reuse"] = toJson(report.reuse);
  return printJson(line);
}

static ordered_json toJson(const ErrorSummary &error) {
  return {{"mean", error.mean}, {"max", error.largest}};
}

std::string orcinus::metricsLine(const StalenessReport &report) {
  ordered_json layers = ordered_json::array();
  for (const ErrorSummary &layer : report.staleness)
    layers.push_back(toJson(layer));
  ordered_json line = {{"event", "staleness"},
                       {"epoch", report.epoch},
                       {"batch", report.batch},
                       {"staleness", layers},
                       {"output_error", toJson(report.outputError)},
                       {"lambda1", report.combineConstant},
                       {"lambda2", report.aggregateConstant},
                       {"bound", report.bound}};
  return printJson(line);
}

static ordered_json toJson(const RankingMetrics &test) {
  ordered_json line = {{"event", "test"}};
  addFigures(line, test, "");
  return line;
}

std::string orcinus::metricsLine(const RankingMetrics &test) {
  return printJson(toJson(test));
}

std::string orcinus::metricsLine(const TestReport &report) {
  ordered_json line = toJson(report.test);
  line["best_epoch"] = report.bestEpoch;
  line["compile_seconds"] = report.compileSeconds;
  line["test_seconds"] = report.testSeconds;
  line["total_seconds"] = report.totalSeconds;
  line["state_bytes"] = report.stateBytes;
  line["whole_state_bytes"] = report.wholeStateBytes;
  return printJson(line);
}

static Status fileError(const std::string &path, const std::string &reason) {
  return Status::error(
      fmt::format("cannot write metrics to '{}': {}", path, reason),
      StatusCode::InputOutput);
}

namespace {

/// How a file stands to the lines that a run has written so far.
struct Alignment {
  /// Lines of the run that the file holds already.
  size_t written = 0;
  /// What is kept of the file.
  uint64_t bytes = 0;
  bool needsNewline = false;
};

/// A line of a file, without its end.
struct FileLine {
  std::string text;
  uint64_t begin = 0;
};

} // namespace

static std::vector<FileLine> splitLines(const std::string &contents) {
  std::vector<FileLine> lines;
  for (size_t begin = 0; begin < contents.size();) {
    size_t end = std::min(contents.find('\n', begin), contents.size());
    lines.push_back({contents.substr(begin, end - begin), begin});
    begin = end + 1;
  }
  return lines;
}

/// Whether a run writes such lines. One that was cut short by a kill counts.
static bool isRunLine(const std::string &line) {
  constexpr std::string_view start = "{\"event\":\"";
  return !line.empty() && std::string_view(line).substr(0, start.size()) ==
                              start.substr(0, line.size());
}

/// What to keep of `contents` for a run that has written `history`: all before
/// the run's first line; its own lines that `history` has; nothing after these
/// if that is lines of a run alone, which will come again, and else everything.
static Alignment align(const std::string &contents,
                       std::span<const std::string> history) {
  Alignment result{0, contents.size(),
                   !contents.empty() && contents.back() != '\n'};
  std::vector<FileLine> lines = splitLines(contents);
  size_t first = lines.size();
  while (first != 0 && !history.empty() &&
         lines[first - 1].text != history.front())
    --first;
  if (history.empty() || first == 0)
    return result;
  size_t next = first - 1;
  for (; next != lines.size() && result.written != history.size() &&
         lines[next].text == history[result.written];
       ++next)
    ++result.written;
  auto isLater = [](const FileLine &line) { return isRunLine(line.text); };
  if (next != lines.size() &&
      std::all_of(lines.begin() + next, lines.end(), isLater)) {
    result.bytes = lines[next].begin;
    result.needsNewline = false;
  }
  return result;
}

/// Brings the file at `path` in line with `history`, as MetricsLog::open() says
/// of a resumed run, and returns how many of its lines the file then holds.
static StatusOr<size_t> alignWith(const std::string &path,
                                  std::span<const std::string> history) {
  std::error_code error;
  std::ifstream stream;
  if (std::filesystem::is_regular_file(path, error))
    stream.open(path, std::ios::binary);
  if (!stream.is_open())
    return size_t(0);
  std::string contents((std::istreambuf_iterator<char>(stream)), {});
  Alignment alignment = align(contents, history);
  if (alignment.bytes != contents.size())
    std::filesystem::resize_file(path, alignment.bytes, error);
  if (error)
    return fileError(path, error.message());
  if (alignment.needsNewline)
    if (!(std::ofstream(path, std::ios::binary | std::ios::app) << '\n'))
      return fileError(path, std::strerror(errno));
  return alignment.written;
}

StatusOr<MetricsLog> MetricsLog::open(const std::string &path, bool resumed,
                                      std::span<const std::string> history) {
  size_t written = 0;
  if (resumed) {
    StatusOr<size_t> aligned = alignWith(path, history);
    if (!aligned.ok())
      return aligned.status();
    written = *aligned;
  }
  MetricsLog log;
  log.path = path;
  log.file.reset(std::fopen(path.c_str(), resumed ? "ab" : "wb"));
  if (!log.file)
    return fileError(path, std::strerror(errno));
  for (const std::string &line : history.subspan(written))
    if (Status status = log.append(line); !status.ok())
      return status;
  return log;
}

Status MetricsLog::append(const std::string &line) {
  if (!file)
    return Status();
  bool written =
      std::fwrite(line.data(), 1, line.size(), file.get()) == line.size() &&
      std::fputc('\n', file.get()) != EOF && std::fflush(file.get()) == 0;
  return written ? Status() : fileError(path, std::strerror(errno));
}
