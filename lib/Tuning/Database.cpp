//===- Database.cpp - What tuning has found out ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Database.h"

#include "Names.h"
#include "Sqlite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <utility>

using namespace orcinus;

static constexpr EnumName<ProgramSource> sourceNames[] = {
    {ProgramSource::Search, "search"},
    {ProgramSource::Reuse, "reuse"},
    {ProgramSource::Bridge, "bridge"},
    {ProgramSource::Default, "default"},
};

std::string_view orcinus::sourceName(ProgramSource source) {
  return nameOf(sourceNames, source);
}

StatusOr<ProgramSource> orcinus::parseSource(std::string_view name) {
  return valueOf(sourceNames, name, "program source");
}

//===----------------------------------------------------------------------===//
// SQLite
//===----------------------------------------------------------------------===//

Status orcinus::sqliteError(sqlite3 *handle, std::string_view action) {
  return Status::error(fmt::format("cannot {} the tuning database: {}", action,
                                   sqlite3_errmsg(handle)));
}

Status orcinus::executeSql(sqlite3 *handle, const std::string &sql) {
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
    return Status();
  return sqliteError(handle, "use");
}

/// What tells a tuning database from other SQLite files ("ORCT"), and one
/// version of its tables from another.
static constexpr int64_t applicationId = 0x4F524354;
static constexpr int64_t tablesVersion = 2;

// A measurement is told from others by its times to the last digit: what two
// databases hold is one measurement where one was merged into the other before.
static constexpr const char *tables = R"(
  CREATE TABLE measurements(
    target TEXT NOT NULL, compiler TEXT NOT NULL,
    kind TEXT NOT NULL, extents TEXT NOT NULL, schedule TEXT NOT NULL,
    source TEXT NOT NULL, status TEXT NOT NULL,
    microseconds REAL NOT NULL, baseline_microseconds REAL NOT NULL,
    compile_seconds REAL NOT NULL, run_seconds REAL NOT NULL,
    load_seconds REAL NOT NULL, message TEXT NOT NULL,
    origin TEXT NOT NULL DEFAULT 'measured',
    UNIQUE(target, compiler, kind, extents, schedule, source, status,
           microseconds, compile_seconds, run_seconds));
  CREATE TABLE programs(
    target TEXT NOT NULL, compiler TEXT NOT NULL,
    kind TEXT NOT NULL, extents TEXT NOT NULL, source TEXT NOT NULL,
    schedule TEXT NOT NULL,
    microseconds REAL NOT NULL, baseline_microseconds REAL NOT NULL,
    trials INTEGER NOT NULL, seconds REAL NOT NULL,
    origin TEXT NOT NULL DEFAULT 'measured',
    PRIMARY KEY(target, compiler, kind, extents, source)) WITHOUT ROWID;
)";

/// The first version had measurements of this machine alone, and no column that
/// says so.
static constexpr int64_t versionWithoutOrigin = 1;

/// Adds the column as the last, where new tables have it.
static constexpr const char *addOrigin = R"(
  ALTER TABLE measurements ADD COLUMN origin TEXT NOT NULL DEFAULT 'measured';
  ALTER TABLE programs ADD COLUMN origin TEXT NOT NULL DEFAULT 'measured';
)";

/// The same for a file that must not be written: views that SQLite finds before
/// the tables.
static constexpr const char *viewOrigin = R"(
  CREATE TEMP VIEW measurements AS
    SELECT rowid AS rowid, *, 'measured' AS origin FROM main.measurements;
  CREATE TEMP VIEW programs AS
    SELECT *, 'measured' AS origin FROM main.programs;
)";

/// The one number that `sql` asks for.
static StatusOr<int64_t> readInteger(sqlite3 *handle, const std::string &sql) {
  SqlStatement statement(handle, sql);
  if (statement.next())
    return statement.integer(0);
  Status status = statement.status();
  return status.ok() ? sqliteError(handle, "use") : status;
}

/// Executes `sql` in a transaction where the number that `query` asks for is
/// `value`: another process may have done so meanwhile.
static Status executeWhere(sqlite3 *handle, const std::string &query,
                           int64_t value, const std::string &sql) {
  if (Status status = executeSql(handle, "BEGIN IMMEDIATE"); !status.ok())
    return status;
  StatusOr<int64_t> number = readInteger(handle, query);
  Status status = number.status();
  if (status.ok() && *number == value)
    status = executeSql(handle, sql);
  if (status.ok())
    return executeSql(handle, "COMMIT");
  (void)executeSql(handle, "ROLLBACK");
  return status;
}

/// Gives a new file the tables.
static Status createTables(sqlite3 *handle, const std::string &countTables) {
  if (Status status = executeSql(handle, "PRAGMA journal_mode = WAL");
      !status.ok())
    return status;
  return executeWhere(
      handle, countTables, 0,
      fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {}",
                  tables, applicationId, tablesVersion));
}

/// Gives a file of the first version the tables of this one.
static Status migrate(sqlite3 *handle) {
  return executeWhere(
      handle, "PRAGMA user_version", versionWithoutOrigin,
      fmt::format("{} PRAGMA user_version = {}", addOrigin, tablesVersion));
}

/// Makes the tables in a new database; an error where it is another one.
static Status prepareTables(sqlite3 *handle, const std::string &path,
                            bool readOnly) {
  const std::string countTables = "SELECT count(*) FROM sqlite_master";
  StatusOr<int64_t> present = readInteger(handle, countTables);
  if (!present.ok())
    return present.status();
  if (*present == 0 && !readOnly)
    return createTables(handle, countTables);
  StatusOr<int64_t> application = readInteger(handle, "PRAGMA application_id");
  StatusOr<int64_t> version = readInteger(handle, "PRAGMA user_version");
  if (!application.ok() || *application != applicationId)
    return Status::error(
        fmt::format("'{}' is a database, but none of tuning", path));
  if (version.ok() && *version == versionWithoutOrigin)
    return readOnly ? executeSql(handle, viewOrigin) : migrate(handle);
  if (!version.ok() || *version != tablesVersion)
    return Status::error(
        fmt::format("'{}' is a tuning database of another version than {}; "
                    "tune into a new file",
                    path, tablesVersion));
  return Status();
}

StatusOr<TuningDatabase> TuningDatabase::open(const std::string &path,
                                              TuningContext context,
                                              bool readOnly) {
  sqlite3 *handle = nullptr;
  int flags = readOnly ? SQLITE_OPEN_READONLY
                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  TuningDatabase database(handle, std::move(context));
  if (opened != SQLITE_OK)
    return Status::error(fmt::format("cannot open the tuning database '{}': {}",
                                     path, sqlite3_errmsg(handle)));
  // Another process may write to the same file.
  constexpr int mostMilliseconds = 10000;
  sqlite3_busy_timeout(handle, mostMilliseconds);
  if (Status status = prepareTables(handle, path, readOnly); !status.ok())
    return status;
  // With a write-ahead log this loses nothing when the process is killed, and
  // the latest measurements but no more when the machine is.
  if (Status status = executeSql(handle, "PRAGMA synchronous = NORMAL");
      !status.ok())
    return status;
  return database;
}

TuningDatabase::TuningDatabase(sqlite3 *handle, TuningContext context)
    : handle(handle), context(std::move(context)) {}

TuningDatabase::TuningDatabase(TuningDatabase &&other) noexcept
    : handle(std::exchange(other.handle, nullptr)),
      context(std::move(other.context)) {}

TuningDatabase &TuningDatabase::operator=(TuningDatabase &&other) noexcept {
  std::swap(handle, other.handle);
  std::swap(context, other.context);
  return *this;
}

TuningDatabase::~TuningDatabase() { sqlite3_close(handle); }

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string extentsText(const std::vector<int64_t> &extents) {
  return fmt::format("{}", fmt::join(extents, "x"));
}

Status TuningDatabase::add(const TuningRecord &record) {
  const Measurement &measurement = record.measurement;
  SqlStatement statement(
      handle,
      "INSERT OR IGNORE INTO measurements "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      context.target, context.compiler, record.kind,
      extentsText(record.extents), record.schedule.toString(),
      sourceName(record.source), statusName(measurement.status),
      measurement.microseconds, measurement.baselineMicroseconds,
      measurement.compileSeconds, measurement.runSeconds,
      measurement.loadSeconds, measurement.message,
      originName(measurement.origin));
  statement.next();
  return statement.status();
}

/// What programs are compared by, less being better: whether they were
/// measured, then their time. `table` ends with a point or is empty.
static std::string rankOf(std::string_view table) {
  return fmt::format(
      "{0}origin = 'modelled', {0}microseconds / {0}baseline_microseconds",
      table);
}

/// What becomes of a program where there is one of its source already: it takes
/// the columns of the better one.
static std::string keepFaster() {
  std::string faster =
      fmt::format("({}) < ({})", rankOf("excluded."), rankOf("programs."));
  std::string clause = " ON CONFLICT DO UPDATE SET ";
  for (const char *column :
       {"schedule", "microseconds", "baseline_microseconds", "origin"})
    clause += fmt::format("{0} = CASE WHEN {1} THEN excluded.{0} ELSE "
                          "programs.{0} END, ",
                          column, faster);
  return clause;
}

Status TuningDatabase::finish(const TunedProgram &program) {
  SqlStatement statement(
      handle,
      "INSERT INTO programs VALUES(?,?,?,?,?,?,?,?,?,?,?)" + keepFaster() +
          "trials = trials + excluded.trials, "
          "seconds = seconds + excluded.seconds",
      context.target, context.compiler, program.kind,
      extentsText(program.extents), sourceName(program.source),
      program.schedule.toString(), program.microseconds,
      program.baselineMicroseconds, program.trials, program.seconds,
      originName(program.origin));
  statement.next();
  return statement.status();
}

Status TuningDatabase::merge(const std::string &path) {
  if (StatusOr<TuningDatabase> other = openReadOnly(path, context); !other.ok())
    return other.status();
  SqlStatement attach(handle, "ATTACH ? AS other", path);
  attach.next();
  if (Status status = attach.status(); !status.ok())
    return status;
  StatusOr<int64_t> version = readInteger(handle, "PRAGMA other.user_version");
  const char *columns =
      version.ok() && *version == versionWithoutOrigin ? "*, 'measured'" : "*";
  Status status = executeSql(
      handle,
      fmt::format("BEGIN IMMEDIATE; "
                  "INSERT OR IGNORE INTO main.measurements SELECT {0} FROM "
                  "other.measurements; "
                  "INSERT INTO main.programs SELECT {0} FROM other.programs "
                  "WHERE true{1}"
                  "trials = max(programs.trials, excluded.trials), "
                  "seconds = max(programs.seconds, excluded.seconds); COMMIT",
                  columns, keepFaster()));
  if (!status.ok())
    (void)executeSql(handle, "ROLLBACK");
  if (Status detached = executeSql(handle, "DETACH other"); status.ok())
    return detached;
  return status;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static StatusOr<std::vector<int64_t>> parseExtents(std::string_view text) {
  std::vector<int64_t> extents;
  const char *position = text.data(), *end = text.data() + text.size();
  while (position != end) {
    auto [stop, error] = std::from_chars(position, end, extents.emplace_back());
    if (error != std::errc() || (stop != end && *stop != 'x'))
      return Status::error(
          fmt::format("the tuning database has the extents '{}'", text));
    position = stop == end ? end : stop + 1;
  }
  return extents;
}

static constexpr const char *programColumns =
    "SELECT kind, extents, source, schedule, microseconds, "
    "baseline_microseconds, trials, seconds, origin FROM programs ";

static StatusOr<TunedProgram> readProgram(const SqlStatement &row) {
  TunedProgram program;
  program.kind = row.text(0);
  StatusOr<std::vector<int64_t>> extents = parseExtents(row.text(1));
  if (!extents.ok())
    return extents.status();
  program.extents = std::move(*extents);
  StatusOr<ProgramSource> source = parseSource(row.text(2));
  if (!source.ok())
    return source.status();
  program.source = *source;
  StatusOr<Schedule> schedule = Schedule::parse(row.text(3));
  if (!schedule.ok())
    return schedule.status();
  program.schedule = std::move(*schedule);
  program.microseconds = row.real(4);
  program.baselineMicroseconds = row.real(5);
  program.trials = row.integer(6);
  program.seconds = row.real(7);
  StatusOr<TimeOrigin> origin = parseOrigin(row.text(8));
  if (!origin.ok())
    return origin.status();
  program.origin = *origin;
  return program;
}

/// The first row of `row`, or nothing where it has none.
static StatusOr<std::optional<TunedProgram>> firstProgram(SqlStatement &row) {
  if (!row.next()) {
    if (Status status = row.status(); !status.ok())
      return status;
    return std::optional<TunedProgram>();
  }
  StatusOr<TunedProgram> program = readProgram(row);
  if (!program.ok())
    return program.status();
  return std::optional(std::move(*program));
}

StatusOr<std::optional<TunedProgram>>
TuningDatabase::best(std::string_view kind,
                     const std::vector<int64_t> &extents) const {
  SqlStatement row(handle,
                   std::string(programColumns) +
                       "WHERE target = ? AND compiler = ? AND kind = ? AND "
                       "extents = ? ORDER BY " +
                       rankOf("") + " LIMIT 1",
                   context.target, context.compiler, kind,
                   extentsText(extents));
  return firstProgram(row);
}

StatusOr<std::optional<TunedProgram>>
TuningDatabase::finished(std::string_view kind,
                         const std::vector<int64_t> &extents,
                         ProgramSource source) const {
  SqlStatement row(handle,
                   std::string(programColumns) +
                       "WHERE target = ? AND compiler = ? AND kind = ? AND "
                       "extents = ? AND source = ?",
                   context.target, context.compiler, kind, extentsText(extents),
                   sourceName(source));
  return firstProgram(row);
}

/// The first program for each kind and extents.
static StatusOr<std::vector<TunedProgram>> firstPrograms(SqlStatement &row) {
  std::vector<TunedProgram> programs;
  while (row.next()) {
    StatusOr<TunedProgram> program = readProgram(row);
    if (!program.ok())
      return program.status();
    if (programs.empty() || programs.back().kind != program->kind ||
        programs.back().extents != program->extents)
      programs.push_back(std::move(*program));
  }
  if (Status status = row.status(); !status.ok())
    return status;
  return programs;
}

StatusOr<std::vector<TunedProgram>>
TuningDatabase::programs(std::string_view kind) const {
  SqlStatement row(handle,
                   std::string(programColumns) +
                       "WHERE target = ? AND compiler = ? AND kind = ? "
                       "ORDER BY extents, " +
                       rankOf(""),
                   context.target, context.compiler, kind);
  return firstPrograms(row);
}

StatusOr<std::vector<TunedProgram>> TuningDatabase::programs() const {
  SqlStatement row(handle,
                   std::string(programColumns) +
                       "WHERE target = ? AND compiler = ? ORDER BY kind, "
                       "extents, " +
                       rankOf(""),
                   context.target, context.compiler);
  return firstPrograms(row);
}

StatusOr<std::vector<TuningContext>> TuningDatabase::contexts() const {
  SqlStatement row(handle,
                   "SELECT DISTINCT target, compiler FROM programs ORDER BY "
                   "target, compiler");
  std::vector<TuningContext> contexts;
  while (row.next())
    contexts.push_back({std::string(row.text(0)), std::string(row.text(1))});
  if (Status status = row.status(); !status.ok())
    return status;
  return contexts;
}

static StatusOr<TuningRecord> readRecord(const SqlStatement &row) {
  TuningRecord record;
  record.kind = row.text(0);
  StatusOr<std::vector<int64_t>> extents = parseExtents(row.text(1));
  if (!extents.ok())
    return extents.status();
  record.extents = std::move(*extents);
  StatusOr<Schedule> schedule = Schedule::parse(row.text(2));
  if (!schedule.ok())
    return schedule.status();
  record.schedule = std::move(*schedule);
  StatusOr<ProgramSource> source = parseSource(row.text(3));
  if (!source.ok())
    return source.status();
  record.source = *source;
  StatusOr<MeasureStatus> status = parseStatus(row.text(4));
  if (!status.ok())
    return status.status();
  StatusOr<TimeOrigin> origin = parseOrigin(row.text(11));
  if (!origin.ok())
    return origin.status();
  record.measurement = {*status,     *origin,     row.real(5), row.real(6),
                        row.real(7), row.real(8), row.real(9), row.text(10)};
  return record;
}

StatusOr<std::vector<TuningRecord>>
TuningDatabase::records(std::string_view kind) const {
  SqlStatement row(
      handle,
      "SELECT kind, extents, schedule, source, status, "
      "microseconds, baseline_microseconds, compile_seconds, "
      "run_seconds, load_seconds, message, origin FROM measurements WHERE "
      "target = ? AND compiler = ? AND kind = ? ORDER BY rowid",
      context.target, context.compiler, kind);
  std::vector<TuningRecord> records;
  while (row.next()) {
    StatusOr<TuningRecord> record = readRecord(row);
    if (!record.ok())
      return record.status();
    records.push_back(std::move(*record));
  }
  if (Status status = row.status(); !status.ok())
    return status;
  return records;
}
