//===- TunePrinter.cpp - What a person sees of tuning ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TunePrinter.h"

#include "RunPrinter.h"

#include <fmt/format.h>

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

void TunePrinter::printReport(const TuningReport &report) {
  clearBar();
  if (json)
    fmt::print("{}\n", report.toJson());
  else
    fmt::print("{} operators and {} bridges in {:.1f} s, {} candidates {}\n",
               report.operators.size(), report.bridges, report.seconds,
               report.trials, originName(report.origin));
}
