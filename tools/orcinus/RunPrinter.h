//===- RunPrinter.h - What a person sees of a run ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_RUNPRINTER_H
#define TOOLS_ORCINUS_RUNPRINTER_H

#include "orcinus/Runtime/Report.h"

#include <chrono>
#include <string>

namespace orcinus {

/// Minutes and seconds, and hours where there are any: 1:02:03.
std::string durationText(double seconds);

/// Prints a run to the standard output: a progress bar where that is a
/// terminal, and one plain line an epoch. From its making on the first SIGINT
/// (Ctrl-C) asks the run to stop; the second ends the process.
class RunPrinter : public TrainingObserver {
public:
  RunPrinter();

  void onBatch(const Progress &progress) override;
  void onEpoch(const EpochReport &report) override;
  void onStaleness(const StalenessReport &report) override;
  void onNote(const std::string &note) override;
  bool wantsStop() override;

  /// Prints the result of a test.
  void printTest(const RankingMetrics &test, const std::string &about);

  /// Prints where the wall-clock time of a run went.
  void printSeconds(double load, double compile, double test, double total);

private:
  void clearBar();

  bool terminal;
  bool barShown = false;
  std::chrono::steady_clock::time_point lastBar;
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_RUNPRINTER_H
