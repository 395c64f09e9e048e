//===- Database.h - What tuning has found out -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An SQLite file. It holds every measurement as it came, so that a run that is
// killed loses the candidate in flight at most, and for each operator that was
// tuned to its end the program that was found. Nothing measured for another
// target or by another compiler is ever returned.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_DATABASE_H
#define ORCINUS_TUNING_DATABASE_H

#include "orcinus/Tuning/Measure.h"
#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;

namespace orcinus {

/// How a program was found.
enum class ProgramSource {
  /// By search from nothing.
  Search,
  /// By the reuse tuner, from another operator that was asked for.
  Reuse,
  /// By the reuse tuner, from a bridge.
  Bridge,
  /// Not tuned.
  Default,
};

/// search, reuse, bridge or default.
std::string_view sourceName(ProgramSource source);
/// The source of that name. Errors: an unknown name.
StatusOr<ProgramSource> parseSource(std::string_view name);

/// What measurements must share to be comparable.
struct TuningContext {
  /// `TargetDescription::key` of the machine.
  std::string target;
  /// Changes whenever the same schedule may compile to other code.
  std::string compiler;
};

/// One candidate that was measured, or whose time was modelled.
struct TuningRecord {
  std::string kind;
  /// As `OperatorDescription::extents`.
  std::vector<int64_t> extents;
  Schedule schedule;
  ProgramSource source = ProgramSource::Search;
  Measurement measurement;
};

/// The best program of an operator that was tuned to its end.
struct TunedProgram {
  std::string kind;
  std::vector<int64_t> extents;
  Schedule schedule;
  ProgramSource source = ProgramSource::Default;
  double microseconds = 0;
  double baselineMicroseconds = 0;
  /// Candidates measured.
  int64_t trials = 0;
  /// Wall time that tuning it took.
  double seconds = 0;
  TimeOrigin origin = TimeOrigin::Measured;
  /// Candidates that the run which found it might measure: it may have run out
  /// of them, or given up, before.
  int64_t budget = 0;

  /// Time as a multiple of the baseline's, by which programs are compared.
  double relativeTime() const { return microseconds / baselineMicroseconds; }
};

/// Candidates of an operator that came to the same.
struct CandidateOutcome {
  MeasureStatus status = MeasureStatus::Ok;
  int64_t count = 0;
  /// What was said of the first of them; empty where they are right.
  std::string message;
};

class TuningDatabase {
public:
  /// Opens the file, which is made where it is not there, for the measurements
  /// of `context`; `:memory:` keeps it in memory. Errors: a file that cannot be
  /// opened or is no tuning database of this version.
  static StatusOr<TuningDatabase> open(const std::string &path,
                                       TuningContext context);

  /// Opens an existing file to read from, also in a folder that may not be
  /// written. Errors: also where there is no file.
  static StatusOr<TuningDatabase> openReadOnly(const std::string &path,
                                               TuningContext context);

  TuningDatabase(TuningDatabase &&) noexcept;
  TuningDatabase &operator=(TuningDatabase &&) noexcept;
  ~TuningDatabase();

  /// Adds a measurement. When the call returns, it survives this process.
  Status add(const TuningRecord &record);

  /// Sets the program of its operator for its source. Where there is one, the
  /// measured one stays, then the faster, with the larger of the trials, of the
  /// seconds and of the budgets.
  Status finish(const TunedProgram &program);

  /// The fastest program of the operator of that kind and extents, as multiple
  /// of the baseline; nothing where it was never tuned.
  StatusOr<std::optional<TunedProgram>>
  best(std::string_view kind, const std::vector<int64_t> &extents) const;

  /// The program that came from `source`; nothing where none did.
  StatusOr<std::optional<TunedProgram>>
  finished(std::string_view kind, const std::vector<int64_t> &extents,
           ProgramSource source) const;

  /// All programs of a kind, one for each extents: the fastest.
  StatusOr<std::vector<TunedProgram>> programs(std::string_view kind) const;

  /// The same of all kinds.
  StatusOr<std::vector<TunedProgram>> programs() const;

  /// What the file has programs for, whatever it was opened for; each once.
  StatusOr<std::vector<TuningContext>> contexts() const;

  /// All measurements of a kind, in the order in which they came.
  StatusOr<std::vector<TuningRecord>> records(std::string_view kind) const;

  /// What became of the candidates of an operator with times of `origin`, the
  /// earliest outcome first.
  StatusOr<std::vector<CandidateOutcome>>
  outcomes(std::string_view kind, const std::vector<int64_t> &extents,
           TimeOrigin origin) const;

  /// Takes over what `path` holds, of all targets and compilers; what both
  /// hold is there once. Errors: no tuning database; this one is as it was.
  Status merge(const std::string &path);

private:
  TuningDatabase(sqlite3 *handle, std::string uri, TuningContext context);
  static StatusOr<TuningDatabase> openUri(const std::string &path,
                                          std::string uri,
                                          TuningContext context, bool readOnly);

  sqlite3 *handle;
  /// How SQLite opened the file.
  std::string uri;
  TuningContext context;
};

} // namespace orcinus

#endif // ORCINUS_TUNING_DATABASE_H
