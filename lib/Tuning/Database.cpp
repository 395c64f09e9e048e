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
#include <filesystem>
#include <unistd.h>
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

std::string orcinus::quotedFile(sqlite3 *handle) {
  const char *path = sqlite3_db_filename(handle, "main");
  return fmt::format("'{}'", path && *path ? path : ":memory:");
}

Status orcinus::sqliteError(sqlite3 *handle, std::string_view action) {
  return Status::error(fmt::format("cannot {} the tuning database {}: {}",
                                   action, quotedFile(handle),
                                   sqlite3_errmsg(handle)),
                       StatusCode::InputOutput);
}

Status orcinus::executeSql(sqlite3 *handle, const std::string &sql) {
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
    return Status();
  return sqliteError(handle, "use");
}

/// What tells a tuning database from other SQLite files ("ORCT"), and one
/// version of its tables from another.
static constexpr int64_t applicationId = 0x4F524354;
static constexpr int64_t tablesVersion = 3;

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
    budget INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(target, compiler, kind, extents, source)) WITHOUT ROWID;
)";

namespace {

/// What tables of an earlier version lack, and what stands in for it: the first
/// one had measurements of this machine alone and no column that says so, the
/// second one no word on how many candidates a program's search might measure.
struct EarlierVersion {
  int64_t version;
  /// Makes tables of the next version of it. Columns are added as the last,
  /// where new tables have them.
  const char *toNext;
  /// The same for a file that must not be written: views of this version's
  /// columns that SQLite finds before the tables.
  const char *views;
  /// This version's columns of its tables.
  const char *measurementColumns, *programColumns;
};

constexpr EarlierVersion earlierVersions[] = {
    {1,
     "ALTER TABLE measurements ADD COLUMN origin TEXT NOT NULL DEFAULT "
     "'measured';"
     "ALTER TABLE programs ADD COLUMN origin TEXT NOT NULL DEFAULT 'measured';",
     "CREATE TEMP VIEW measurements AS SELECT rowid AS rowid, *, 'measured' AS "
     "origin FROM main.measurements;"
     "CREATE TEMP VIEW programs AS SELECT *, 'measured' AS origin, trials AS "
     "budget FROM main.programs;",
     "*, 'measured'", "*, 'measured', trials"},
    {2,
     "ALTER TABLE programs ADD COLUMN budget INTEGER NOT NULL DEFAULT 0;"
     "UPDATE programs SET budget = trials;",
     "CREATE TEMP VIEW programs AS SELECT *, trials AS budget FROM "
     "main.programs;",
     "*", "*, trials"},
};

} // namespace

/// Null for this version, and for one that is not known.
static const EarlierVersion *findEarlier(int64_t version) {
  for (const EarlierVersion &earlier : earlierVersions)
    if (earlier.version == version)
      return &earlier;
  return nullptr;
}

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

/// Gives a file of an earlier version the tables of this one, a step each.
static Status migrate(sqlite3 *handle, int64_t version) {
  while (const EarlierVersion *earlier = findEarlier(version)) {
    Status status = executeWhere(handle, "PRAGMA user_version", version,
                                 fmt::format("{} PRAGMA user_version = {}",
                                             earlier->toNext, version + 1));
    if (!status.ok())
      return status;
    ++version;
  }
  return Status();
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
  if (!version.ok())
    return version.status();
  if (!application.ok() || *application != applicationId)
    return Status::error(
        fmt::format("'{}' is a database, but none of tuning", path));
  if (const EarlierVersion *earlier = findEarlier(*version))
    return readOnly ? executeSql(handle, earlier->views)
                    : migrate(handle, *version);
  if (*version != tablesVersion)
    return Status::error(
        fmt::format("'{}' is a tuning database of another version than {}; "
                    "tune into a new file",
                    path, tablesVersion));
  return Status();
}

/// `path` as SQLite's URIs spell it.
static std::string fileUri(const std::string &path,
                           std::string_view parameters) {
  std::string uri = "file:";
  for (char character : path)
    if (character == '%' || character == '?' || character == '#')
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(character));
    else
      uri += character;
  return fmt::format("{}?{}", uri, parameters);
}

StatusOr<TuningDatabase> TuningDatabase::openUri(const std::string &path,
                                                 std::string uri,
                                                 TuningContext context,
                                                 bool readOnly) {
  sqlite3 *handle = nullptr;
  int flags = readOnly ? SQLITE_OPEN_READONLY
                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int opened =
      sqlite3_open_v2(uri.c_str(), &handle, flags | SQLITE_OPEN_URI, nullptr);
  TuningDatabase database(handle, std::move(uri), std::move(context));
  if (opened != SQLITE_OK)
    return Status::error(fmt::format("cannot open the tuning database '{}': {}",
                                     path, sqlite3_errmsg(handle)),
                         StatusCode::InputOutput);
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

StatusOr<TuningDatabase> TuningDatabase::open(const std::string &path,
                                              TuningContext context) {
  return openUri(path, path == ":memory:" ? path : fileUri(path, "mode=rwc"),
                 std::move(context), /*readOnly=*/false);
}

StatusOr<TuningDatabase> TuningDatabase::openReadOnly(const std::string &path,
                                                      TuningContext context) {
  StatusOr<TuningDatabase> database =
      openUri(path, fileUri(path, "mode=ro"), context, /*readOnly=*/true);
  if (database.ok() || access(path.c_str(), R_OK) != 0)
    return database;
  // To read a file with a write-ahead log, SQLite writes one beside it. Where
  // it may not, nobody else does either, and it reads the file as it is.
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) == 0)
    return database;
  std::error_code none;
  if (std::filesystem::file_size(path + "-wal", none) > 0 && !none)
    return Status::error(
        fmt::format("the tuning database '{}' was not closed, and its folder "
                    "may not be written: copy it and '{}-wal' to one that may",
                    path, path),
        StatusCode::InputOutput);
  return openUri(path, fileUri(path, "mode=ro&immutable=1"), std::move(context),
                 /*readOnly=*/true);
}

TuningDatabase::TuningDatabase(sqlite3 *handle, std::string uri,
                               TuningContext context)
    : handle(handle), uri(std::move(uri)), context(std::move(context)) {}

TuningDatabase::TuningDatabase(TuningDatabase &&other) noexcept
    : handle(std::exchange(other.handle, nullptr)), uri(std::move(other.uri)),
      context(std::move(other.context)) {}

TuningDatabase &TuningDatabase::operator=(TuningDatabase &&other) noexcept {
  std::swap(handle, other.handle);
  std::swap(uri, other.uri);
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
  // A run counts what earlier ones measured as its own.
  return clause + "trials = max(programs.trials, excluded.trials), "
                  "seconds = max(programs.seconds, excluded.seconds), "
                  "budget = max(programs.budget, excluded.budget)";
}

Status TuningDatabase::finish(const TunedProgram &program) {
  SqlStatement statement(
      handle,
      "INSERT INTO programs VALUES(?,?,?,?,?,?,?,?,?,?,?,?)" + keepFaster(),
      context.target, context.compiler, program.kind,
      extentsText(program.extents), sourceName(program.source),
      program.schedule.toString(), program.microseconds,
      program.baselineMicroseconds, program.trials, program.seconds,
      originName(program.origin), program.budget);
  statement.next();
  return statement.status();
}

Status TuningDatabase::merge(const std::string &path) {
  StatusOr<TuningDatabase> other = openReadOnly(path, context);
  if (!other.ok())
    return other.status();
  SqlStatement attach(handle, "ATTACH ? AS other", other->uri);
  attach.next();
  if (Status status = attach.status(); !status.ok())
    return status;
  StatusOr<int64_t> version = readInteger(handle, "PRAGMA other.user_version");
  const EarlierVersion *earlier =
      version.ok() ? findEarlier(*version) : nullptr;
  Status status = executeSql(
      handle,
      fmt::format("BEGIN IMMEDIATE; "
                  "INSERT OR IGNORE INTO main.measurements SELECT {} FROM "
                  "other.measurements; "
                  "INSERT INTO main.programs SELECT {} FROM other.programs "
                  "WHERE true{}; COMMIT",
                  earlier ? earlier->measurementColumns : "*",
                  earlier ? earlier->programColumns : "*", keepFaster()));
  if (!status.ok())
    (void)executeSql(handle, "ROLLBACK");
  if (Status detached = executeSql(handle, "DETACH other"); status.ok())
    return detached;
  return status;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// What is wrong with a row, with the file's name.
static Status damaged(const SqlStatement &row, const Status &error) {
  return Status::error(fmt::format("the tuning database {} is damaged: {}",
                                   quotedFile(row.database()), error.message()),
                       StatusCode::Damaged);
}

/// Numbers from 1 on with an x between two.
static StatusOr<std::vector<int64_t>> parseExtents(std::string_view text) {
  std::vector<int64_t> extents;
  const char *position = text.data(), *end = text.data() + text.size();
  while (position != end) {
    auto [stop, error] = std::from_chars(position, end, extents.emplace_back());
    bool ends = stop == end, goesOn = !ends && *stop == 'x' && stop + 1 != end;
    if (error != std::errc() || extents.back() < 1 || (!ends && !goesOn))
      return Status::error(fmt::format("'{}' are no extents", text));
    position = ends ? end : stop + 1;
  }
  return extents;
}

static constexpr const char *programColumns =
    "SELECT kind, extents, source, schedule, microseconds, "
    "baseline_microseconds, trials, seconds, origin, budget FROM programs ";

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
  program.budget = row.integer(9);
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
    return damaged(row, program.status());
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
      return damaged(row, program.status());
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
      return damaged(row, record.status());
    records.push_back(std::move(*record));
  }
  if (Status status = row.status(); !status.ok())
    return status;
  return records;
}

StatusOr<std::vector<CandidateOutcome>>
TuningDatabase::outcomes(std::string_view kind,
                         const std::vector<int64_t> &extents,
                         TimeOrigin origin) const {
  // Of the columns that are not aggregated SQLite gives those of the row with
  // the least rowid.
  SqlStatement row(
      handle,
      "SELECT status, count(*), message, min(rowid) FROM measurements "
      "WHERE target = ? AND compiler = ? AND kind = ? AND extents = ? AND "
      "origin = ? GROUP BY status ORDER BY 4",
      context.target, context.compiler, kind, extentsText(extents),
      originName(origin));
  std::vector<CandidateOutcome> outcomes;
  while (row.next()) {
    StatusOr<MeasureStatus> status = parseStatus(row.text(0));
    if (!status.ok())
      return damaged(row, status.status());
    outcomes.push_back({*status, row.integer(1), row.text(2)});
  }
  if (Status status = row.status(); !status.ok())
    return status;
  return outcomes;
}
