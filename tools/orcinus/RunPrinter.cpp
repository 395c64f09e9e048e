//===- RunPrinter.cpp - What a person sees of a run -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunPrinter.h"

#include "StopSignals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

using namespace orcinus;

RunPrinter::RunPrinter() : terminal(isatty(STDOUT_FILENO)) {
  heedStopSignals();
}

bool RunPrinter::wantsStop() {
  bool isRequested = isStopRequested();
  if (isRequested)
    clearBar();
  return isRequested;
}

static const char *phaseName(Progress::Phase phase) {
  switch (phase) {
  case Progress::Phase::Train:
    return "train";
  case Progress::Phase::Validation:
    return "validate";
  case Progress::Phase::Test:
    return "test";
  case Progress::Phase::Replay:
    return "replay";
  }
  return "";
}

std::string orcinus::durationText(double seconds) {
  auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60,
                       whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

void RunPrinter::onBatch(const Progress &progress) {
  using namespace std::chrono_literals;
  auto now = std::chrono::steady_clock::now();
  bool last = progress.batch == progress.batches;
  if (!terminal || (!last && barShown && now - lastBar < 100ms))
    return;
  lastBar = now;
  barShown = true;
  constexpr int64_t width = 30;
  int64_t filled = width * progress.batch / progress.batches;
  double rate =
      progress.seconds > 0 ? progress.batchesHere / progress.seconds : 0;
  double left = rate > 0 ? (progress.batches - progress.batch) / rate : 0;
  std::string loss = progress.phase == Progress::Phase::Train
                         ? fmt::format("  loss {:.4f}", progress.loss)
                         : "";
  // Return to the line's start and clear what is left of the bar before.
  fmt::print("\repoch {} {:<8} [{:=<{}}{:{}}] {}/{}  {:.1f} batches/s  {} "
             "left{}\x1b[K",
             progress.epoch, phaseName(progress.phase), "", filled, "",
             width - filled, progress.batch, progress.batches, rate,
             durationText(left), loss);
  std::fflush(stdout);
}

void RunPrinter::clearBar() {
  if (barShown)
    fmt::print("\r\x1b[K");
  barShown = false;
}

/// Where the reads of inner embeddings came from; empty without reuse.
static std::string describeReuse(const ReuseCounts &reuse) {
  if (!reuse.reads)
    return "";
  auto share = [&](int64_t part) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(reuse.reads);
  };
  return fmt::format(", reads {:.1f} % in batch, {:.1f} % cached, {} "
                     "recomputed",
                     share(reuse.inBatchReads), share(reuse.hits),
                     reuse.recomputed);
}

/// Figures of labels by their names, or those of links.
static std::string describe(const RankingMetrics &metrics) {
  if (metrics.figures.empty())
    return fmt::format("AP {:.4f} AUC {:.4f}, inductive AP {:.4f} AUC {:.4f}",
                       metrics.averagePrecision, metrics.areaUnderCurve,
                       metrics.inductiveAveragePrecision,
                       metrics.inductiveAreaUnderCurve);
  std::vector<std::string> texts;
  for (const Figure &figure : metrics.figures)
    texts.push_back(fmt::format("{} {:.4f}", figure.name, figure.value));
  return fmt::format("{}", fmt::join(texts, " "));
}

void RunPrinter::onEpoch(const EpochReport &report) {
  clearBar();
  double rate =
      report.trainSeconds > 0 ? report.batches / report.trainSeconds : 0;
  fmt::print("epoch {}: loss {:.4f}, validation {}, {:.1f} s + {:.1f} s, "
             "{:.1f} batches/s{}{}\n",
             report.epoch, report.trainLoss, describe(report.validation),
             report.trainSeconds, report.validationSeconds, rate,
             describeReuse(report.reuse), report.best ? ", best" : "");
  std::fflush(stdout);
}

void RunPrinter::onStaleness(const StalenessReport &report) {
  clearBar();
  fmt::print("epoch {}, batch {}: staleness", report.epoch, report.batch);
  for (size_t layer = 0; layer != report.staleness.size(); ++layer)
    fmt::print(" {:.3g} (at most {:.3g}) in layer {},",
               report.staleness[layer].mean, report.staleness[layer].largest,
               layer + 1);
  fmt::print(" output error {:.3g} (at most {:.3g}), bound {:.3g}\n",
             report.outputError.mean, report.outputError.largest, report.bound);
  std::fflush(stdout);
}

void RunPrinter::onNote(const std::string &note) {
  clearBar();
  fmt::print("{}\n", note);
  std::fflush(stdout);
}

void RunPrinter::printTest(const RankingMetrics &test,
                           const std::string &about) {
  clearBar();
  fmt::print("test ({}): {}\n", about, describe(test));
}

void RunPrinter::printSeconds(double load, double compile, double test,
                              double total) {
  fmt::print("{:.1f} s in all: {:.1f} s to load, {:.1f} s to compile, {:.1f} s "
             "to test, the rest in epochs and checkpoints\n",
             total, load, compile, test);
}
