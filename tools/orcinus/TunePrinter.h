//===- TunePrinter.h - What a person sees of tuning -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_TUNEPRINTER_H
#define TOOLS_ORCINUS_TUNEPRINTER_H

#include "orcinus/Tuning/TuningSession.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <string_view>

namespace orcinus {

/// Prints tuning as it goes: a progress bar where a terminal is there to see
/// it, and one plain line an operator. Where the standard output is for JSON,
/// they go to the standard error.
class TunePrinter : public TuningObserver {
public:
  explicit TunePrinter(bool json);

  void onTrial(const TuningProgress &progress) override;
  void onOperator(const OperatorResult &result, bool bridge,
                  const TuningProgress &progress) override;
  void onNote(const std::string &note) override;
  /// Where a signal has asked this process to, or another one.
  bool wantsStop() override;
  /// Whether whoever asked was told to stop, and so ended early: a signal may
  /// also come when all is done.
  bool hasStopped() const { return isStopped; }

  /// Whether another process was asked to stop.
  std::function<bool()> othersWantStop = [] { return false; };

  /// Prints the outcome: a table of what became of each operator, of a network
  /// in it, then one line to the standard output.
  void printReport(const TuningReport &report);

private:
  void printTable(const TuningReport &report);
  void printNetwork(const NetworkReport &network, double seconds);
  void printExample(const TuningReport &report, MeasureStatus status,
                    std::string_view what);
  void clearBar();

  bool json;
  std::FILE *stream;
  bool terminal;
  bool barShown = false;
  bool isStopped = false;
  std::chrono::steady_clock::time_point lastBar;
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_TUNEPRINTER_H
