//===- MetricsLog.cpp - The --metrics file --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/MetricsLog.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace orcinus;
using nlohmann::ordered_json;

/// A run without reuse reads no embedding of another step.
static ordered_json noReuse() {
  return {{"reads", 0},      {"in_batch_reads", 0}, {"out_of_batch_reads", 0},
          {"hits", 0},       {"recomputed", 0},     {"cold", 0},
          {"mean_age", 0.0}, {"max_age", 0}};
}

std::string orcinus::metricsLine(const EpochReport &report) {
  const RankingMetrics &validation = report.validation;
  ordered_json line = {
      {"event", "epoch"},
      {"epoch", report.epoch},
      {"train_seconds", report.trainSeconds},
      {"val_seconds", report.validationSeconds},
      {"train_loss", report.trainLoss},
      {"val_ap", validation.averagePrecision},
      {"val_auc", validation.areaUnderCurve},
      {"val_ap_inductive", validation.inductiveAveragePrecision},
      {"val_auc_inductive", validation.inductiveAreaUnderCurve},
      {"batches", report.batches},
      {"rows", report.rows},
      {"reuse", noReuse()}};
  return line.dump();
}

std::string orcinus::metricsLine(const TestReport &report) {
  ordered_json line = {
      {"event", "test"},
      {"ap", report.test.averagePrecision},
      {"auc", report.test.areaUnderCurve},
      {"ap_inductive", report.test.inductiveAveragePrecision},
      {"auc_inductive", report.test.inductiveAreaUnderCurve},
      {"best_epoch", report.bestEpoch}};
  return line.dump();
}

static Status fileError(const std::string &path) {
  return Status::error(fmt::format("cannot write metrics to '{}': {}", path,
                                   std::strerror(errno)));
}

namespace {

/// The lines of a file, and the offset behind each.
struct FileLines {
  std::vector<std::string> lines;
  std::vector<uint64_t> ends;
  /// Whether the last line is complete.
  bool complete = true;
};

} // namespace

static FileLines readLines(const std::string &path) {
  FileLines result;
  std::ifstream stream(path, std::ios::binary);
  uint64_t position = 0;
  for (std::string line; std::getline(stream, line);) {
    result.complete = !stream.eof();
    position += line.size() + result.complete;
    result.lines.push_back(line);
    result.ends.push_back(position);
  }
  return result;
}

StatusOr<MetricsLog> MetricsLog::open(const std::string &path, bool resumed,
                                      std::span<const std::string> history) {
  size_t written = 0;
  bool breakLine = false;
  if (resumed) {
    FileLines found = readLines(path);
    size_t common = std::min(found.lines.size(), history.size());
    // A line that a kill cut short is the run's own too.
    bool cut = !found.complete && found.lines.size() <= history.size();
    size_t equal =
        std::mismatch(found.lines.begin(), found.lines.begin() + common,
                      history.begin())
            .first -
        found.lines.begin();
    if (equal == common || (cut && equal + 1 == common)) {
      written = equal;
      std::error_code error;
      if (found.lines.size() > equal)
        std::filesystem::resize_file(path, equal ? found.ends[equal - 1] : 0,
                                     error);
      if (error)
        return Status::error(fmt::format("cannot write metrics to '{}': {}",
                                         path, error.message()));
      breakLine = equal && !found.complete && equal == found.lines.size();
    } else {
      breakLine = !found.complete;
    }
  }
  MetricsLog log;
  log.path = path;
  log.file.reset(std::fopen(path.c_str(), resumed ? "ab" : "wb"));
  if (!log.file || (breakLine && std::fputc('\n', log.file.get()) == EOF))
    return fileError(path);
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
  return written ? Status() : fileError(path);
}
