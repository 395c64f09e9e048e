//===- TunePrinter.cpp - What a person sees of tuning ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TunePrinter.h"

#include "RunPrinter.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <unistd.h>

using namespace orcinus;

TunePrinter::TunePrinter(bool json)
    : json(json), stream(json ? stderr : stdout),
      terminal(isatty(fileno(stream))) {}

static std::string timeLeft(const TuningProgress &progress) {
  return progress.secondsLeft < 0
             ? ""
             : fmt::format(", {} left", durationText(progress.secondsLeft));
}

void TunePrinter::onTrial(const TuningProgress &progress) {
  using namespace std::chrono_literals;
  auto now = std::chrono::steady_clock::now();
  if (!terminal || (barShown && now - lastBar < 100ms))
    return;
  lastBar = now;
  barShown = true;
  // Return to the line's start and clear what is left of the bar before.
  fmt::print(stream, "\r{}/{} {}: {} trials, best {:.1f} us{}\x1b[K",
             progress.operatorsDone, progress.operators, progress.name,
             progress.trials, progress.bestMicroseconds, timeLeft(progress));
  std::fflush(stream);
}

void TunePrinter::clearBar() {
  if (barShown)
    fmt::print(stream, "\r\x1b[K");
  barShown = false;
}

void TunePrinter::onOperator(const OperatorResult &result, bool bridge,
                             const TuningProgress &progress) {
  clearBar();
  const TunedProgram &program = result.program;
  bool modelled = program.origin == TimeOrigin::Modelled;
  fmt::print(stream, "{}/{} {}{}: {:.1f} us{} after {} trials ({}), {}{}\n",
             progress.operatorsDone, progress.operators, result.name,
             bridge ? " (bridge)" : "", program.microseconds,
             modelled ? ", modelled," : "", program.trials,
             sourceName(program.source),
             program.schedule.empty() ? "the compiler's schedule"
                                      : program.schedule.toString(),
             timeLeft(progress));
  std::fflush(stream);
}

void TunePrinter::onNote(const std::string &note) {
  clearBar();
  fmt::print(stream, "{}\n", note);
  std::fflush(stream);
}

static int64_t countOf(const std::vector<CandidateOutcome> &outcomes,
                       std::initializer_list<MeasureStatus> statuses) {
  int64_t count = 0;
  for (const CandidateOutcome &outcome : outcomes)
    if (std::find(statuses.begin(), statuses.end(), outcome.status) !=
        statuses.end())
      count += outcome.count;
  return count;
}

/// The columns of a row that say what became of candidates.
static std::string countsText(const std::vector<CandidateOutcome> &outcomes) {
  using enum MeasureStatus;
  return fmt::format(
      "{:>6} {:>6} {:>9} {:>6} {:>8} {:>7}",
      countOf(outcomes, {Ok, Rejected, WrongResult, Timeout, Crash, Memory}),
      countOf(outcomes, {Ok}), countOf(outcomes, {Rejected}),
      countOf(outcomes, {WrongResult}), countOf(outcomes, {Timeout}),
      countOf(outcomes, {Crash, Memory}));
}

void TunePrinter::printTable(const TuningReport &report) {
  // Wide enough for most names; longer ones push their row to the right.
  fmt::print(stream,
             "{:<36} {:>10} {:>8} {:>6} {:>6} {:>9} {:>6} {:>8} {:>7}\n",
             "operator", "us", "by", "tried", "right", "rejected", "wrong",
             "too slow", "crashed");
  for (const OperatorResult &result : report.operators)
    fmt::print(stream, "{:<36} {:>10.1f} {:>8} {}\n", result.name,
               result.program.microseconds, sourceName(result.program.source),
               countsText(result.outcomes));
  for (const FailedOperator &op : report.failed)
    fmt::print(stream, "{:<36} {:>10} {:>8} {}\n", op.name, "failed", "",
               countsText(op.outcomes));
  for (const FailedOperator &op : report.failed)
    fmt::print(stream, "failed: {}: {}\n", op.name, op.reason);
  for (const LeftOutOperator &op : report.leftOut)
    fmt::print(stream, "left out: {}: {}\n", op.name, op.reason);
}

/// Says how many candidates came to `status`, and what was said of one.
void TunePrinter::printExample(const TuningReport &report, MeasureStatus status,
                               std::string_view what) {
  int64_t count = 0;
  std::string example;
  auto add = [&](const std::string &name,
                 const std::vector<CandidateOutcome> &outcomes) {
    for (const CandidateOutcome &outcome : outcomes)
      if (outcome.status == status) {
        count += outcome.count;
        if (example.empty())
          example = fmt::format("{}: {}", name, outcome.message);
      }
  };
  for (const OperatorResult &result : report.operators)
    add(result.name, result.outcomes);
  for (const FailedOperator &op : report.failed)
    add(op.name, op.outcomes);
  if (count > 0)
    fmt::print(stream, "{} {}; one of {}\n", count, what, example);
}

void TunePrinter::printReport(const TuningReport &report) {
  clearBar();
  printTable(report);
  printExample(report, MeasureStatus::Rejected,
               "candidates were rejected by the compiler");
  printExample(report, MeasureStatus::WrongResult,
               "candidates computed something else, a fault of the compiler");
  std::fflush(stream);
  if (json)
    fmt::print("{}\n", report.toJson());
  else
    fmt::print("{} operators and {} bridges in {:.1f} s, {} candidates {}\n",
               report.operators.size(), report.bridges, report.seconds,
               report.trials, originName(report.origin));
}
