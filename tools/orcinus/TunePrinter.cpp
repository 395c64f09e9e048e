//===- TunePrinter.cpp - What a person sees of tuning ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TunePrinter.h"

#include "RunPrinter.h"
#include "StopSignals.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <unistd.h>

using namespace orcinus;

TunePrinter::TunePrinter(bool json)
    : json(json), stream(json ? stderr : stdout),
      terminal(isatty(fileno(stream))) {}

/// What is known of the whole: a network's latency, and when all will be done.
static std::string outlook(const TuningProgress &progress) {
  std::string text;
  if (progress.latencyMilliseconds > 0)
    text = fmt::format("; {:.4g} ms a call", progress.latencyMilliseconds);
  if (progress.secondsLeft >= 0)
    text += fmt::format(", {} left", durationText(progress.secondsLeft));
  return text;
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
             progress.trials, progress.bestMicroseconds, outlook(progress));
  std::fflush(stream);
}

bool TunePrinter::wantsStop() {
  isStopped = isStopped || isStopRequested() || othersWantStop();
  return isStopped;
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
             outlook(progress));
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

void TunePrinter::printNetwork(const NetworkReport &network, double seconds) {
  fmt::print(stream, "{:<40} {:>5} {:>10} {:>10}  {}\n", "operator", "calls",
             "us", "us now", "its program");
  for (const NetworkOperatorResult &op : network.operators)
    fmt::print(stream, "{:<40} {:>5} {:>10.1f} {:>10.1f}  {}\n", op.name,
               op.calls, op.untunedMicroseconds, op.microseconds, op.fate);
  for (const LeftOutOperator &each : network.byDefault)
    fmt::print(stream, "by default: {} {}\n", each.name, each.reason);
  for (const NetworkLatency &latency : network.latencies)
    fmt::print(stream,
               "{}{:.4g} ms a call before, {:.4g} after, {:.3f} times as long; "
               "{:.0f} s\n",
               latency.extent > 0
                   ? fmt::format("open extents of {}: ", latency.extent)
                   : "",
               latency.millisecondsBefore, latency.millisecondsAfter,
               latency.ratio, seconds);
}

void TunePrinter::printReport(const TuningReport &report) {
  clearBar();
  if (report.network)
    printNetwork(*report.network, report.seconds);
  else
    printTable(report);
  printExample(report, MeasureStatus::Rejected,
               "candidates were rejected by the compiler");
  printExample(report, MeasureStatus::WrongResult,
               "candidates computed something else, a fault of the compiler");
  std::fflush(stream);
  if (json)
    fmt::print("{}\n", report.toJson());
  else if (!report.network)
    fmt::print("{} operators and {} bridges in {:.1f} s, {} candidates {}\n",
               report.operators.size(), report.bridges, report.seconds,
               report.trials, originName(report.origin));
}
