//===- WriterTest.cpp - Writing event streams -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Writer.h"
#include "../TestStreams.h"
#include "TemporaryFolder.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Loader.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/resource.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

TEST(Writer, IsReadBackTheSame) {
  TemporaryFolder folder;
  StatusOr<EventStream> stream = generateEventStream({40, 5000, 3, 2});
  ASSERT_TRUE(stream.ok());
  std::vector<double> times = test::secondsOf(*stream);
  for (double &time : times)
    time /= 3;
  stream->setSeconds(times);
  std::string path = folder.path("events.csv");
  Status written = writeEventCsv(*stream, path);
  ASSERT_TRUE(written.ok()) << written.message();
  StatusOr<LoadedStream> loaded = loadEventStream(path);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, stream->source);
  EXPECT_EQ(loaded->stream.destination, stream->destination);
  EXPECT_EQ(loaded->stream.time, stream->time);
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 2);
  EXPECT_EQ(loaded->stream.edgeFeatures.values, stream->edgeFeatures.values);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"events.csv"});
}

TEST(Writer, WritesExternalIdsAndWholeTimesPlainly) {
  TemporaryFolder folder;
  EventStream stream;
  stream.source = {0, 1};
  stream.destination = {1, 0};
  stream.setSeconds(std::vector<double>{1e9, 1e9 + 0.5});
  stream.nodeCount = 2;
  stream.externalIds = {7, 5000000000};
  ASSERT_TRUE(writeEventCsv(stream, folder.path("x.csv")).ok());
  EXPECT_EQ(folder.read("x.csv"), "source,destination,time\n"
                                  "7,5000000000,1000000000\n"
                                  "5000000000,7,1000000000.5\n");
}

TEST(Writer, NamesAndTicksAreReadBackTheSame) {
  TemporaryFolder folder;
  EventStream stream;
  stream.source = {0, 1, 2};
  stream.destination = {1, 2, 3};
  stream.nodeCount = 4;
  stream.externalNames = {"a,\"b\"", "#c", "two\nlines", " d "};
  stream.timeScale = TimeScale::ticks(1'000'000'000);
  for (int64_t key : {0, 1'000'000'001, 1'500'000'000})
    stream.time.push_back(Timestamp::fromKey(key));
  ASSERT_TRUE(writeEventCsv(stream, folder.path("x.csv")).ok());
  EXPECT_EQ(folder.read("x.csv"), "source,destination,time\n"
                                  "\"a,\"\"b\"\"\",\"#c\",0\n"
                                  "\"#c\",\"two\nlines\",1.000000001\n"
                                  "\"two\nlines\",\" d \",1.5\n");
  StatusOr<LoadedStream> loaded = loadEventStream(folder.path("x.csv"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.externalNames, stream.externalNames);
  EXPECT_EQ(loaded->stream.source, stream.source);
  EXPECT_EQ(loaded->stream.destination, stream.destination);
  EXPECT_TRUE(loaded->stream.time == stream.time);
  EXPECT_EQ(loaded->stream.timeScale, stream.timeScale);
}

TEST(Writer, ReplacesTheFileBehindALinkAndKeepsItsPermissions) {
  TemporaryFolder folder;
  folder.write("real.csv", "old");
  std::filesystem::permissions(folder.path("real.csv"),
                               std::filesystem::perms(0640));
  std::filesystem::create_symlink("real.csv", folder.path("link.csv"));
  ASSERT_TRUE(
      writeEventCsv(test::makeRandomStream(3, 5, 1), folder.path("link.csv"))
          .ok());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.csv")));
  EXPECT_NE(folder.read("real.csv"), "old");
  EXPECT_EQ(std::filesystem::status(folder.path("real.csv")).permissions(),
            std::filesystem::perms(0640));
}

TEST(WriterErrors, FullDevice) {
  if (!std::filesystem::exists("/dev/full"))
    GTEST_SKIP() << "no /dev/full on this system";
  EXPECT_EQ(
      writeEventCsv(test::makeRandomStream(3, 5, 1), "/dev/full").message(),
      "cannot write '/dev/full': No space left on device; free some "
      "space or write to another disk");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(WriterErrors, FullDiskKeepsWhatWasThere) {
  TemporaryFolder folder;
  std::string path = folder.write("events.csv", "precious");
  // A limit on the size of files fails in the midst of writing, as a full disk
  // does.
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{100, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  Status status = writeEventCsv(test::makeRandomStream(30, 500, 1), path);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, oldHandler);
  EXPECT_EQ(status.message(), "cannot write '" + path +
                                  "': File too large; free some space or write "
                                  "to another disk");
  EXPECT_EQ(folder.read("events.csv"), "precious");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"events.csv"});
}

TEST(WriterErrors, MissingFolderAndFolderItself) {
  TemporaryFolder folder;
  EventStream stream = test::makeRandomStream(3, 5, 1);
  std::string missing = folder.path("no/events.csv");
  EXPECT_EQ(writeEventCsv(stream, missing).message(),
            "cannot write '" + missing +
                "': No such file or directory; check the path and its "
                "permissions");
  std::string itself = folder.path("");
  EXPECT_EQ(writeEventCsv(stream, itself).message(),
            "cannot write '" + itself +
                "': Is a directory; check the path and its permissions");
}

TEST(WriterErrors, NodeFeatures) {
  EventStream stream = test::makeRandomStream(3, 5, 1);
  stream.nodeFeatures = {3, 1, {1, 2, 3}};
  EXPECT_EQ(writeEventCsv(stream, "x.csv").message(),
            "cannot write 'x.csv': a csv of events cannot hold node features; "
            "remove them from the stream");
}

} // namespace
