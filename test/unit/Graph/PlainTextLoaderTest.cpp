//===- PlainTextLoaderTest.cpp - Events as plain text ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestStreams.h"
#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"

#include <gtest/gtest.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

using Ids = std::vector<int32_t>;
using Times = std::vector<double>;

/// Loads `text` as the file "events.txt".
StatusOr<LoadedStream> load(std::string_view text, LoadOptions options = {}) {
  TemporaryFolder folder;
  return loadEventStream(folder.write("events.txt", text), options);
}

/// The message that loading `text` fails with, without the folder's path.
std::string messageOf(std::string_view text, LoadOptions options = {}) {
  TemporaryFolder folder;
  std::string path = folder.write("events.txt", text);
  StatusOr<LoadedStream> loaded = loadEventStream(path, options);
  if (loaded.ok())
    return "no error";
  std::string message = loaded.message();
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  for (size_t at; (at = message.find(path)) != std::string::npos;)
    message.replace(at, path.size(), "events.txt");
  return message;
}

TEST(PlainTextLoader, ReadsEverySeparator) {
  for (std::string_view text :
       {"0 1 0\n1 2 5\n2 0 5.5\n", "0\t1\t0\n1\t2\t5\n2\t0\t5.5\n",
        "0,1,0\n1,2,5\n2,0,5.5\n", "0, 1,\t0 \n 1 , 2 ,5\n2,0,  5.5",
        "0;1;0\n1;2;5\n2;0;5,5\n", "\"0\",1,0\n1,\"2\",5\n2,0,\"5.5\"\n",
        "0 1 0\r\n1 2 5\r\n2 0 5.5\r\n"}) {
    StatusOr<LoadedStream> loaded = load(text);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(loaded->stream.source, (Ids{0, 1, 2}));
    EXPECT_EQ(loaded->stream.destination, (Ids{1, 2, 0}));
    EXPECT_EQ(test::secondsOf(loaded->stream), (Times{0, 5, 5.5}));
    EXPECT_EQ(loaded->stream.nodeCount, 3);
    EXPECT_TRUE(loaded->stream.externalIds.empty());
    EXPECT_EQ(loaded->stream.edgeFeatures.columns, 0);
  }
}

TEST(PlainTextLoader, SkipsCommentsBlankLinesAndByteOrderMark) {
  StatusOr<LoadedStream> loaded =
      load("\xEF\xBB\xBF# SNAP\n% KONECT\n\n0 1 2\n   \n1 0 3\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(test::secondsOf(loaded->stream), (Times{2, 3}));
}

TEST(PlainTextLoader, ReadsNumbersInEveryForm) {
  StatusOr<LoadedStream> loaded = load("0 1.0 1e3\n1 0 1082040961.125\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.destination, (Ids{1, 0}));
  EXPECT_EQ(test::secondsOf(loaded->stream), (Times{1000, 1082040961.125}));
}

TEST(PlainTextLoader, RenumbersGapsInTheOrderOfTheIds) {
  StatusOr<LoadedStream> loaded = load("7 100 0\n3 7 1\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (Ids{1, 0}));
  EXPECT_EQ(loaded->stream.destination, (Ids{2, 1}));
  EXPECT_EQ(loaded->stream.externalIds, (std::vector<int64_t>{3, 7, 100}));
  EXPECT_NE(loaded->description.find("node ids 3..100 with gaps renumbered "
                                     "0..2"),
            std::string::npos)
      << loaded->description;
}

TEST(PlainTextLoader, RenumbersIdsBeyond32Bits) {
  StatusOr<LoadedStream> loaded =
      load("9223372036854775807 0 0\n4294967296 9223372036854775807 1\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (Ids{2, 1}));
  EXPECT_EQ(loaded->stream.destination, (Ids{0, 2}));
  EXPECT_EQ(loaded->stream.externalIds,
            (std::vector<int64_t>{0, 4294967296, 9223372036854775807}));
}

TEST(PlainTextLoader, RenumbersManyScatteredIds) {
  // More distinct ids than the hash table starts with.
  std::string text;
  for (int64_t event = 0; event < 5000; ++event)
    text += std::to_string(event * 1000003) + " " +
            std::to_string((event * 7919 % 5000) * 1000003) + " " +
            std::to_string(event) + "\n";
  StatusOr<LoadedStream> loaded = load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const EventStream &stream = loaded->stream;
  ASSERT_EQ(stream.nodeCount, 5000);
  for (int32_t event = 0; event < 5000; ++event) {
    ASSERT_EQ(stream.externalIds[event], event * int64_t(1000003));
    ASSERT_EQ(stream.source[event], event);
    ASSERT_EQ(stream.destination[event], event * 7919 % 5000);
  }
}

TEST(PlainTextLoader, KeepsTiesInTheOrderOfTheFile) {
  StatusOr<LoadedStream> loaded = load("3 0 5\n2 1 5\n1 2 5\n0 3 5\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (Ids{3, 2, 1, 0}));
}

TEST(PlainTextLoader, SortsStablyWhenAsked) {
  LoadOptions options{"uvt", true};
  StatusOr<LoadedStream> loaded = load("0 1 9\n1 2 3\n2 3 9\n3 0 3\n", options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (Ids{1, 3, 0, 2}));
  EXPECT_EQ(test::secondsOf(loaded->stream), (Times{3, 3, 9, 9}));
  EXPECT_NE(loaded->description.find("sorted by time"), std::string::npos);
}

TEST(PlainTextLoader, SortsFeaturesWithTheirEvents) {
  LoadOptions options{"auto", true};
  StatusOr<LoadedStream> loaded =
      load("source,destination,time,feature0,feature1\n0,1,9,1,2\n1,0,3,3,4\n",
           options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.rows, 2);
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 2);
  EXPECT_EQ(loaded->stream.edgeFeatures.values,
            (std::vector<float>{3, 4, 1, 2}));
}

TEST(PlainTextLoader, ReadsGzipWithSeveralMembersAndPadding) {
  StatusOr<LoadedStream> loaded =
      load(test::gzip("0 1 0\n") + test::gzip("1 0 1\n") + std::string(9, 0));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(test::secondsOf(loaded->stream), (Times{0, 1}));
  EXPECT_EQ(loaded->description.substr(0, 19), "gzipped plain text,");
}

TEST(PlainTextLoaderErrors, MissingEmptyAndFolder) {
  TemporaryFolder folder;
  std::string missing = folder.path("missing.txt");
  EXPECT_EQ(loadEventStream(missing).message(),
            "cannot open '" + missing +
                "': No such file or directory; check the path and its "
                "permissions");
  std::string itself = folder.path(".");
  EXPECT_EQ(loadEventStream(itself).message(),
            "'" + itself + "' is a folder; name a file of events in it");
  EXPECT_EQ(messageOf(""), "'events.txt' is empty; copy or write it again");
  EXPECT_EQ(messageOf(test::gzip("")),
            "'events.txt' is empty; copy or write it again");
  EXPECT_EQ(messageOf("# only a comment\n\n"),
            "'events.txt' holds no event; expected one event a line");
  EXPECT_EQ(messageOf("u v t\n"),
            "'events.txt' holds no event; expected one event a line");
}

TEST(PlainTextLoaderErrors, Binary) {
  EXPECT_EQ(messageOf(std::string_view("\x7f"
                                       "ELF\0\1\2",
                                       7)),
            "'events.txt' is a binary file; expected text with one event a "
            "line");
  EXPECT_EQ(messageOf("\x93NUMPY\x01"),
            "'events.txt' is a NumPy array; expected text with one event a "
            "line");
  EXPECT_EQ(messageOf("0 1 0\n1 2 \xff\xfe\n"),
            "events.txt:2: timestamp '\\xff\\xfe' is not a number; correct or "
            "remove the row, and check the order of the columns");
}

TEST(PlainTextLoaderErrors, TruncatedGzip) {
  std::string text;
  for (int event = 0; event < 1000; ++event)
    text += std::to_string(event % 7) + " 9 " + std::to_string(event) + "\n";
  std::string compressed = test::gzip(text);
  for (size_t size : {size_t(2), size_t(11), compressed.size() / 2,
                      compressed.size() - 9, compressed.size() - 1}) {
    std::string message =
        messageOf(std::string_view(compressed).substr(0, size));
    EXPECT_EQ(message.rfind("'events.txt' is a truncated gzip file: it ends "
                            "after ",
                            0),
              0u)
        << message;
    EXPECT_TRUE(message.ends_with("; copy or download it again"));
  }
}

TEST(PlainTextLoaderErrors, CorruptGzip) {
  std::string compressed = test::gzip("0 1 0\n1 0 1\n");
  std::string wrongChecksum = compressed;
  wrongChecksum[compressed.size() - 8] ^= 1;
  EXPECT_EQ(messageOf(wrongChecksum),
            "'events.txt' is a corrupt gzip file (incorrect data check); copy "
            "or download it again");
  EXPECT_EQ(messageOf(compressed + "garbage"),
            "'events.txt' is a corrupt gzip file (incorrect header check); "
            "copy or download it again");
}

TEST(PlainTextLoaderErrors, FieldCounts) {
  EXPECT_EQ(messageOf("0 1 0\n0 1\n0 1 2\n"),
            "events.txt:2: row has 2 fields, expected 3; correct or remove the "
            "row");
  EXPECT_EQ(messageOf("0 1 0\n\n0 1 1 7\n"),
            "events.txt:3: row has 4 fields, expected 3; correct or remove the "
            "row");
  EXPECT_EQ(messageOf("0 1 0\n0 1"),
            "events.txt:2: row has 2 fields, expected 3; the file is truncated "
            "here: copy it again or remove the row");
  EXPECT_EQ(messageOf("0,1,0\n0,1,1,\n"),
            "events.txt:2: row has 4 fields, expected 3; correct or remove the "
            "row");
  EXPECT_EQ(messageOf("0 1\n"),
            "events.txt:1: row has 2 fields; expected 3 (source, destination, "
            "time), or a header that names them, or the order of the columns "
            "(--columns, with - for one not used)");
}

TEST(PlainTextLoaderErrors, Timestamps) {
  EXPECT_EQ(messageOf("0 1 0\n0 1 nan\n"),
            "events.txt:2: timestamp 'nan' is not finite; correct or remove "
            "the row");
  EXPECT_EQ(messageOf("0 1 0\n0 1 inf\n"),
            "events.txt:2: timestamp 'inf' is not finite; correct or remove "
            "the row");
  EXPECT_EQ(messageOf("0 1 -3\n0 1 2\n"),
            "events.txt:1: timestamp '-3' is negative; shift all timestamps so "
            "that the first is 0");
  EXPECT_EQ(messageOf("0 1 0\n0 1 12:30\n"),
            "events.txt:2: timestamp '12:30' is not a number; correct or "
            "remove the row, and check the order of the columns");
  EXPECT_EQ(messageOf("0,1,0\n0,1,\n"),
            "events.txt:2: timestamp '' is not a number; correct or remove the "
            "row, and check the order of the columns");
  EXPECT_EQ(messageOf("0 1 0\n0 1 1e999\n"),
            "events.txt:2: timestamp '1e999' is not a number that double "
            "precision can hold; correct or remove the row");
}

TEST(PlainTextLoaderErrors, Unsorted) {
  EXPECT_EQ(
      messageOf("5 9 10\n1 8 20\n2 9 19\n3 9 30\n"),
      "events.txt:3: timestamp '19' is earlier than that of the event "
      "before it; sort the file by time or ask for sorting (--sort); if time "
      "is another column, say so (--columns)");
}

TEST(PlainTextLoaderErrors, NodeIds) {
  for (std::string_view missing : {"", "nan", "NULL"})
    EXPECT_EQ(messageOf("u,v,t\n0,1,0\n0," + std::string(missing) + ",1\n"),
              "events.txt:3: node id '" + std::string(missing) +
                  "' is missing; name the node or remove the row");
  EXPECT_EQ(messageOf("0 1 0\n0 1.5 1\n", {"uvt", false}),
            "events.txt:2: node id '1.5' is not an integer; number the nodes, "
            "and check the order of the columns");
}

TEST(PlainTextLoaderErrors, Features) {
  EXPECT_EQ(messageOf("u,v,t,feature0\n0,1,0,x\n"),
            "events.txt:2: feature 'x' is not a number; correct or remove the "
            "row");
  EXPECT_EQ(messageOf("u,v,t,feature0\n0,1,0,nan\n"),
            "events.txt:2: feature 'nan' is not finite in single precision; "
            "correct or remove the row");
}

} // namespace
