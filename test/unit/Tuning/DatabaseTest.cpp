//===- DatabaseTest.cpp - What a tuning database keeps --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace orcinus;

namespace {

const TuningContext here = {"this machine", "compiler 1"};

class Database : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("orcinus-database-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string &name) const { return folder / name; }

  TuningDatabase open(const std::string &name,
                      const TuningContext &context = here) const {
    StatusOr<TuningDatabase> database =
        TuningDatabase::open(path(name), context);
    EXPECT_TRUE(database.ok()) << database.message();
    return std::move(*database);
  }

  std::filesystem::path folder;
};

TuningRecord record(double microseconds) {
  TuningRecord result;
  result.kind = "kind";
  result.extents = {64, 100, 412};
  result.schedule = *Schedule::parse("a=1 b=2");
  result.measurement.microseconds = microseconds;
  result.measurement.baselineMicroseconds = 10;
  result.measurement.compileSeconds = 0.25;
  result.measurement.runSeconds = 0.5;
  result.measurement.loadSeconds = 0.125;
  return result;
}

TunedProgram program(double microseconds,
                     ProgramSource source = ProgramSource::Search) {
  TunedProgram result;
  result.kind = "kind";
  result.extents = {64, 100, 412};
  result.schedule.set("time", static_cast<int64_t>(microseconds));
  result.source = source;
  result.microseconds = microseconds;
  result.baselineMicroseconds = 10;
  result.trials = 64;
  result.seconds = 3;
  return result;
}

void expectOk(const Status &status) {
  EXPECT_TRUE(status.ok()) << status.message();
}

/// The time of the best program; negative where there is none.
double bestTime(const TuningDatabase &database) {
  StatusOr<std::optional<TunedProgram>> best =
      database.best("kind", {64, 100, 412});
  EXPECT_TRUE(best.ok()) << best.message();
  return *best ? (*best)->microseconds : -1;
}

} // namespace

TEST_F(Database, KeepsWhatItIsGiven) {
  {
    TuningDatabase database = open("a.db");
    TuningRecord failed = record(0);
    failed.measurement.status = MeasureStatus::Timeout;
    failed.measurement.message = "no answer";
    expectOk(database.add(record(7)));
    expectOk(database.add(failed));
  }
  TuningDatabase database = open("a.db");
  StatusOr<std::vector<TuningRecord>> records = database.records("kind");
  ASSERT_TRUE(records.ok()) << records.message();
  ASSERT_EQ(records->size(), 2u);
  const TuningRecord &first = records->front();
  EXPECT_EQ(first.extents, (std::vector<int64_t>{64, 100, 412}));
  EXPECT_EQ(first.schedule.toString(), "a=1 b=2");
  EXPECT_EQ(first.measurement.microseconds, 7);
  EXPECT_EQ(first.measurement.baselineMicroseconds, 10);
  EXPECT_EQ(first.measurement.compileSeconds, 0.25);
  EXPECT_EQ(first.measurement.runSeconds, 0.5);
  EXPECT_EQ(first.measurement.loadSeconds, 0.125);
  EXPECT_EQ(records->back().measurement.status, MeasureStatus::Timeout);
  EXPECT_EQ(records->back().measurement.message, "no answer");
  EXPECT_TRUE(database.records("other kind")->empty());
}

TEST_F(Database, ReturnsTheFastestProgramAsMultipleOfTheBaseline) {
  TuningDatabase database = open("a.db");
  EXPECT_EQ(bestTime(database), -1);
  expectOk(database.finish(program(8)));
  TunedProgram onASlowDay = program(9, ProgramSource::Reuse);
  onASlowDay.baselineMicroseconds = 20;
  expectOk(database.finish(onASlowDay));
  EXPECT_EQ(bestTime(database), 9);
  EXPECT_EQ((**database.finished("kind", {64, 100, 412}, ProgramSource::Search))
                .microseconds,
            8);
  EXPECT_FALSE(database.finished("kind", {64, 100, 412}, ProgramSource::Bridge)
                   ->has_value());
  EXPECT_EQ(database.programs("kind")->size(), 1u);
}

TEST_F(Database, KeepsTheFasterOfTwoProgramsOfOneSource) {
  TuningDatabase database = open("a.db");
  expectOk(database.finish(program(8)));
  expectOk(database.finish(program(9)));
  EXPECT_EQ(bestTime(database), 8);
  expectOk(database.finish(program(5)));
  EXPECT_EQ(bestTime(database), 5);
  EXPECT_EQ((**database.best("kind", {64, 100, 412})).schedule.find("time"), 5);
}

TEST_F(Database, HidesOtherTargetsAndCompilers) {
  expectOk(open("a.db", {"another machine", "compiler 1"}).finish(program(1)));
  expectOk(open("a.db", {"this machine", "compiler 2"}).finish(program(2)));
  EXPECT_EQ(bestTime(open("a.db")), -1);
  expectOk(open("a.db").finish(program(3)));
  EXPECT_EQ(bestTime(open("a.db")), 3);
}

TEST_F(Database, MergesAndMergesAgain) {
  TuningDatabase mine = open("a.db");
  expectOk(mine.add(record(7)));
  expectOk(mine.finish(program(7)));
  {
    TuningDatabase other = open("b.db");
    expectOk(other.add(record(6)));
    expectOk(other.finish(program(6)));
    expectOk(other.finish(program(9, ProgramSource::Reuse)));
    expectOk(
        open("b.db", {"another machine", "compiler 1"}).finish(program(1)));
  }
  for (int round = 0; round < 2; ++round) {
    expectOk(mine.merge(path("b.db")));
    EXPECT_EQ(mine.records("kind")->size(), 2u);
    EXPECT_EQ(bestTime(mine), 6);
    EXPECT_EQ(
        (**mine.finished("kind", {64, 100, 412}, ProgramSource::Search)).trials,
        64);
  }
  EXPECT_EQ(bestTime(open("a.db", {"another machine", "compiler 1"})), 1);
}

TEST_F(Database, RefusesOtherFiles) {
  std::ofstream(path("text.db")) << "not a database at all, but long enough";
  EXPECT_FALSE(TuningDatabase::open(path("text.db"), here).ok());
  sqlite3 *handle = nullptr;
  sqlite3_open(path("other.db").c_str(), &handle);
  sqlite3_exec(handle, "CREATE TABLE people(name TEXT)", nullptr, nullptr,
               nullptr);
  sqlite3_close(handle);
  EXPECT_EQ(TuningDatabase::open(path("other.db"), here).message(),
            "'" + path("other.db") + "' is a database, but none of tuning");
  EXPECT_FALSE(TuningDatabase::openReadOnly(path("missing.db"), here).ok());
  EXPECT_FALSE(std::filesystem::exists(path("missing.db")));
  TuningDatabase database = open("a.db");
  expectOk(database.finish(program(8)));
  EXPECT_FALSE(database.merge(path("text.db")).ok());
  EXPECT_FALSE(database.merge(path("missing.db")).ok());
  EXPECT_EQ(bestTime(database), 8);
}

// The user root may write everywhere: a child reads as nobody.
TEST_F(Database, IsReadInAFolderThatMayNotBeWritten) {
  {
    expectOk(open("a.db").finish(program(8)));
  }
  std::filesystem::permissions(folder, std::filesystem::perms(0555));
  std::filesystem::permissions(path("a.db"), std::filesystem::perms(0444));
  pid_t child = fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && setuid(nobody) != 0)
      _exit(2);
    StatusOr<TuningDatabase> database =
        TuningDatabase::openReadOnly(path("a.db"), here);
    _exit(database.ok() && bestTime(*database) == 8 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
}

TEST_F(Database, NamesItsFileWhereARowIsDamaged) {
  {
    expectOk(open("a.db").finish(program(8)));
  }
  for (const char *extents :
       {"-64x100x412", "64x", "64x0", "9999999999999999999"}) {
    sqlite3 *handle = nullptr;
    sqlite3_open(path("a.db").c_str(), &handle);
    std::string sql =
        "UPDATE programs SET extents = '" + std::string(extents) + "'";
    sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(handle);
    std::string message = open("a.db").programs().message();
    EXPECT_NE(message.find("a.db' is damaged"), std::string::npos) << message;
    EXPECT_NE(message.find(extents), std::string::npos) << message;
  }
}

TEST_F(Database, SaysForWhomItHasPrograms) {
  TuningDatabase database = open("a.db");
  expectOk(database.finish(program(8)));
  expectOk(open("a.db", {"that machine", "compiler 2"}).finish(program(8)));
  // Whatever the file is opened for.
  auto contexts = database.contexts();
  ASSERT_TRUE(contexts.ok()) << contexts.message();
  ASSERT_EQ(contexts->size(), 2u);
  EXPECT_EQ(contexts->front().target, "that machine");
  EXPECT_EQ(contexts->front().compiler, "compiler 2");
  EXPECT_EQ(contexts->back().target, "this machine");
}

TEST_F(Database, LosesNothingWhenTheProcessIsKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    TuningDatabase database = open("a.db");
    for (int at = 1; at <= 20; ++at)
      expectOk(database.add(record(at)));
    [[maybe_unused]] ssize_t written = write(ready[1], "x", 1);
    while (true)
      pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(open("a.db").records("kind")->size(), 20u);
}

TEST_F(Database, KeepsWhereTimesComeFrom) {
  TuningDatabase database = open("a.db");
  TuningRecord modelled = record(7);
  modelled.measurement.origin = TimeOrigin::Modelled;
  expectOk(database.add(modelled));
  expectOk(database.add(record(8)));
  std::vector<TuningRecord> records = *database.records("kind");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].measurement.origin, TimeOrigin::Modelled);
  EXPECT_EQ(records[1].measurement.origin, TimeOrigin::Measured);
}

TEST_F(Database, PrefersWhatWasMeasuredToWhatWasModelled) {
  TuningDatabase database = open("a.db");
  TunedProgram modelled = program(1);
  modelled.origin = TimeOrigin::Modelled;
  expectOk(database.finish(modelled));
  EXPECT_EQ((**database.best("kind", {64, 100, 412})).origin,
            TimeOrigin::Modelled);
  // Of another source, and of the same.
  expectOk(database.finish(program(8, ProgramSource::Reuse)));
  EXPECT_EQ(bestTime(database), 8);
  expectOk(database.finish(program(9)));
  expectOk(database.finish(modelled));
  StatusOr<std::optional<TunedProgram>> searched =
      database.finished("kind", {64, 100, 412}, ProgramSource::Search);
  EXPECT_EQ((**searched).microseconds, 9);
  EXPECT_EQ((**searched).origin, TimeOrigin::Measured);
  EXPECT_EQ(database.programs()->front().microseconds, 8);
}

namespace {

/// A database as the first version of its tables wrote it.
void writeFirstVersion(const std::string &path) {
  sqlite3 *handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  char *error = nullptr;
  sqlite3_exec(handle, R"(
    PRAGMA journal_mode = WAL;
    CREATE TABLE measurements(
      target TEXT NOT NULL, compiler TEXT NOT NULL,
      kind TEXT NOT NULL, extents TEXT NOT NULL, schedule TEXT NOT NULL,
      source TEXT NOT NULL, status TEXT NOT NULL,
      microseconds REAL NOT NULL, baseline_microseconds REAL NOT NULL,
      compile_seconds REAL NOT NULL, run_seconds REAL NOT NULL,
      load_seconds REAL NOT NULL, message TEXT NOT NULL,
      UNIQUE(target, compiler, kind, extents, schedule, source, status,
             microseconds, compile_seconds, run_seconds));
    CREATE TABLE programs(
      target TEXT NOT NULL, compiler TEXT NOT NULL,
      kind TEXT NOT NULL, extents TEXT NOT NULL, source TEXT NOT NULL,
      schedule TEXT NOT NULL,
      microseconds REAL NOT NULL, baseline_microseconds REAL NOT NULL,
      trials INTEGER NOT NULL, seconds REAL NOT NULL,
      PRIMARY KEY(target, compiler, kind, extents, source)) WITHOUT ROWID;
    INSERT INTO measurements VALUES('this machine', 'compiler 1', 'kind',
      '64x100x412', 'a=2', 'search', 'ok', 6, 10, 0.25, 0.5, 0.125, '');
    INSERT INTO measurements VALUES('this machine', 'compiler 1', 'kind',
      '64x100x412', 'a=1', 'search', 'crash', 0, 10, 0.25, 0.5, 0, 'signal');
    INSERT INTO programs VALUES('this machine', 'compiler 1', 'kind',
      '64x100x412', 'search', 'a=2', 6, 10, 64, 3);
    PRAGMA application_id = 1330791252;
    PRAGMA user_version = 1;
  )",
               nullptr, nullptr, &error);
  EXPECT_EQ(error, nullptr) << error;
  sqlite3_close(handle);
}

/// What a database of the first version holds.
void expectFirstVersion(const TuningDatabase &database) {
  StatusOr<std::vector<TuningRecord>> records = database.records("kind");
  ASSERT_TRUE(records.ok()) << records.message();
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ(records->front().schedule.toString(), "a=2");
  EXPECT_EQ(records->front().measurement.microseconds, 6);
  EXPECT_EQ(records->front().measurement.origin, TimeOrigin::Measured);
  EXPECT_EQ(records->back().measurement.message, "signal");
  EXPECT_EQ(bestTime(database), 6);
  EXPECT_EQ(database.programs()->front().origin, TimeOrigin::Measured);
  EXPECT_EQ(database.programs()->front().trials, 64);
}

} // namespace

TEST_F(Database, OpensOneOfTheFirstVersion) {
  writeFirstVersion(path("old.db"));
  for (int time = 0; time < 2; ++time) {
    TuningDatabase database = open("old.db");
    expectFirstVersion(database);
  }
  TuningDatabase database = open("old.db");
  TunedProgram modelled = program(1, ProgramSource::Reuse);
  modelled.origin = TimeOrigin::Modelled;
  expectOk(database.finish(modelled));
  EXPECT_EQ(bestTime(database), 6);
  expectOk(database.finish(program(5)));
  EXPECT_EQ(bestTime(database), 5);
}

TEST_F(Database, ReadsOneOfTheFirstVersionAsItIs) {
  writeFirstVersion(path("old.db"));
  for (int time = 0; time < 2; ++time) {
    StatusOr<TuningDatabase> database =
        TuningDatabase::openReadOnly(path("old.db"), here);
    ASSERT_TRUE(database.ok()) << database.message();
    expectFirstVersion(*database);
  }
}

TEST_F(Database, MergesOneOfTheFirstVersion) {
  writeFirstVersion(path("old.db"));
  TuningDatabase database = open("a.db");
  expectOk(database.merge(path("old.db")));
  expectFirstVersion(database);
}
