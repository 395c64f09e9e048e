//===- MetricsLog.h - The --metrics file ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_METRICSLOG_H
#define RUNTIME_TRAIN_METRICSLOG_H

#include "orcinus/Runtime/Report.h"
#include "orcinus/Support/Status.h"

#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace orcinus {

/// The JSON line of an epoch, without its end. Figures that are not numbers
/// are null.
std::string metricsLine(const EpochReport &report);
std::string metricsLine(const StalenessReport &report);
/// The JSON line of the test.
std::string metricsLine(const TestReport &report);
/// The same of a test that no epoch of this run was chosen for.
std::string metricsLine(const RankingMetrics &test);

/// A file of JSON lines, each written through at once.
class MetricsLog {
public:
  /// No file: lines go nowhere.
  MetricsLog() = default;

  /// Opens `path` for a run that has written `history` so far. A new run
  /// (`resumed` false) replaces the file. A resumed one brings it in line with
  /// `history`: lines that the run wrote after its checkpoint are cut off, for
  /// they will come again, and missing ones are added. Anything else that the
  /// file holds is kept and added to. Errors: what the file system says.
  static StatusOr<MetricsLog> open(const std::string &path, bool resumed,
                                   std::span<const std::string> history);

  Status append(const std::string &line);

private:
  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };

  std::string path;
  std::unique_ptr<std::FILE, Close> file;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_METRICSLOG_H
