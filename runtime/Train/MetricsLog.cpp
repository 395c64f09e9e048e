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
      {"batches", report.batches},
      {"rows", report.rows},
      {"reuse", toJson(report.reuse)}};
  return line.dump();
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
  return line.dump();
}

std::string orcinus::metricsLine(const TestReport &report) {
  ordered_json line = {{"event", "test"},
                       {"ap", report.test.averagePrecision},
                       {"auc", report.test.areaUnderCurve},
                       {"ap_inductive", report.test.inductiveAveragePrecision},
                       {"auc_inductive", report.test.inductiveAreaUnderCurve},
                       {"best_epoch", report.bestEpoch}};
  return line.dump();
}

static Status fileError(const std::string &path, const std::string &reason) {
  return Status::error(
      fmt::format("cannot write metrics to '{}': {}", path, reason));
}

/// Brings the file at `path` in line with `history`, as MetricsLog::open() says
/// of a resumed run, and returns how many of its lines the file then holds.
static StatusOr<size_t> alignWith(const std::string &path,
                                  std::span<const std::string> history) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open())
    return size_t(0);
  // A last line without an end was cut short by a kill: it does not count.
  size_t equal = 0;
  uint64_t equalBytes = 0;
  for (std::string line; equal != history.size() &&
                         std::getline(stream, line) && !stream.eof();) {
    if (line != history[equal])
      return size_t(0);
    ++equal;
    equalBytes += line.size() + 1;
  }
  std::error_code error;
  std::filesystem::resize_file(path, equalBytes, error);
  if (error)
    return fileError(path, error.message());
  return equal;
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
