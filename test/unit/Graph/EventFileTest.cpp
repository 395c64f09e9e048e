//===- EventFileTest.cpp - Event streams that are mapped ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Writer.h"
#include "orcinus/Support/CounterRng.h"

#include <gtest/gtest.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

void expectTheSame(const EventStream &left, const EventStream &right) {
  EXPECT_EQ(left.source, right.source);
  EXPECT_EQ(left.destination, right.destination);
  EXPECT_EQ(left.time, right.time);
  EXPECT_EQ(left.timeScale.ticksPerSecond(), right.timeScale.ticksPerSecond());
  EXPECT_EQ(left.nodeCount, right.nodeCount);
  EXPECT_EQ(left.externalIds, right.externalIds);
  EXPECT_EQ(left.externalNames, right.externalNames);
  EXPECT_EQ(left.edgeFeatures.rows, right.edgeFeatures.rows);
  EXPECT_EQ(left.edgeFeatures.columns, right.edgeFeatures.columns);
  EXPECT_EQ(left.edgeFeatures.values, right.edgeFeatures.values);
  EXPECT_EQ(left.nodeFeatures.rows, right.nodeFeatures.rows);
  EXPECT_EQ(left.nodeFeatures.columns, right.nodeFeatures.columns);
  EXPECT_EQ(left.nodeFeatures.values, right.nodeFeatures.values);
  ASSERT_EQ(left.labels.size(), right.labels.size());
  for (size_t each = 0; each != left.labels.size(); ++each) {
    EXPECT_EQ(left.labels[each].name, right.labels[each].name);
    EXPECT_EQ(left.labels[each].texts, right.labels[each].texts);
    EXPECT_EQ(left.labels[each].codes, right.labels[each].codes);
  }
}

/// Writes what `specification` is loaded as to a file, and loads that.
void expectRoundTrip(const std::string &specification,
                     const LoadOptions &options = {}) {
  TemporaryFolder folder;
  StatusOr<LoadedStream> loaded = loadEventStream(specification, options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  std::string path = folder.path("events");
  ASSERT_TRUE(writeEventFile(loaded->stream, loaded->source(), path).ok());
  LoadOptions again;
  again.labels = options.labels;
  StatusOr<LoadedStream> mapped = loadEventStream(path, again);
  ASSERT_TRUE(mapped.ok()) << mapped.message();
  expectTheSame(mapped->stream, loaded->stream);
  EXPECT_EQ(mapped->description, "event file of " + loaded->description);
  ASSERT_EQ(mapped->columns.size(), loaded->columns.size());
  EXPECT_EQ(mapped->itemsAreShifted, loaded->itemsAreShifted);
  EXPECT_TRUE(mapped->stream.source.isBorrowed());
  // A file of a file is the file.
  EXPECT_EQ(folder.names(), std::vector<std::string>{"events"});
}

TEST(EventFile, KeepsFeatures) {
  expectRoundTrip("synthetic:nodes=40,events=1000,seed=2,features=5");
  expectRoundTrip("synthetic:nodes=7,events=3");
}

TEST(EventFile, KeepsNamesAndLabels) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = "kind,size";
  options.timeUnit = "ms";
  expectRoundTrip(folder.write("names.csv",
                               "source,destination,time,kind,size\n"
                               "\"a,b\",c,1.5,\"x\ny\",1\nc,d,2,,2\n"),
                  options);
}

TEST(EventFile, KeepsJodiesItemsAndIds) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = "state_label";
  expectRoundTrip(
      folder.write("jodie.csv",
                   "user_id,item_id,timestamp,state_label,features\n"
                   "5,900,1,0,0.5\n7,901,2,1,0.25\n"),
      options);
}

TEST(EventFile, KeepsFeaturesOfNodes) {
  TemporaryFolder folder;
  StatusOr<LoadedStream> loaded =
      loadEventStream("synthetic:nodes=5,events=20,features=1");
  ASSERT_TRUE(loaded.ok());
  FeatureMatrix &features = loaded->stream.nodeFeatures;
  features.rows = loaded->stream.nodeCount;
  features.columns = 2;
  std::vector<float> values(static_cast<size_t>(features.rows) * 2);
  for (size_t each = 0; each != values.size(); ++each)
    values[each] = static_cast<float>(each) / 3;
  features.values = std::move(values);
  std::string path = folder.path("events");
  ASSERT_TRUE(writeEventFile(loaded->stream, loaded->source(), path).ok());
  StatusOr<LoadedStream> mapped = loadEventStream(path);
  ASSERT_TRUE(mapped.ok()) << mapped.message();
  expectTheSame(mapped->stream, loaded->stream);
}

TEST(EventFile, TakesTheLabelsThatAreAskedFor) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = "a,b";
  StatusOr<LoadedStream> loaded = loadEventStream(
      folder.write("x.csv", "source,destination,time,a,b\n1,2,3,x,y\n"),
      options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  std::string path = folder.path("events");
  ASSERT_TRUE(writeEventFile(loaded->stream, loaded->source(), path).ok());
  EXPECT_TRUE(loadEventStream(path)->stream.labels.empty());
  options.labels = "b";
  StatusOr<LoadedStream> mapped = loadEventStream(path, options);
  ASSERT_TRUE(mapped.ok()) << mapped.message();
  ASSERT_EQ(mapped->stream.labels.size(), 1u);
  EXPECT_EQ(mapped->stream.labels[0].name, "b");
  options.labels = "c";
  EXPECT_EQ(loadEventStream(path, options).message(),
            "event file '" + path +
                "' has no labels 'c'; convert the stream again with "
                "--label-columns");
  options = LoadOptions();
  options.columns = "uvt";
  EXPECT_NE(loadEventStream(path, options).message().find("are settled"),
            std::string::npos);
}

class DamagedEventFile : public testing::Test {
protected:
  DamagedEventFile() {
    StatusOr<LoadedStream> loaded =
        loadEventStream("synthetic:nodes=10,events=50,seed=2,features=2");
    stream = std::move(*loaded);
    EXPECT_TRUE(
        writeEventFile(stream.stream, stream.source(), folder.path("events"))
            .ok());
    bytes = folder.read("events");
  }

  TemporaryFolder folder;
  LoadedStream stream;
  std::string bytes;
};

TEST_F(DamagedEventFile, IsSaidToBe) {
  for (size_t size = 8; size < bytes.size(); size += 37) {
    auto loaded = loadEventStream(folder.write("cut", bytes.substr(0, size)));
    EXPECT_EQ(loaded.code(), StatusCode::Damaged) << size;
  }
  int seen = 0;
  for (uint64_t draw = 0; draw != 500; ++draw) {
    std::string altered = bytes;
    altered[8 + randomBits(1, 2, draw) % (bytes.size() - 8)] ^=
        static_cast<char>(1 << draw % 8);
    auto loaded = loadEventStream(folder.write("altered", altered));
    if (loaded.ok())
      expectTheSame(loaded->stream, stream.stream); // Of padding.
    else
      ++seen;
  }
  EXPECT_GT(seen, 400);
}

/// A file that is whole may still be of what is no stream.
TEST_F(DamagedEventFile, IsNoStream) {
  auto messageOf = [&](auto change) {
    LoadedStream changed = stream;
    change(changed.stream);
    EXPECT_TRUE(
        writeEventFile(changed.stream, changed.source(), folder.path("wrong"))
            .ok());
    return std::string(loadEventStream(folder.path("wrong")).message());
  };
  auto expectSaid = [&](const char *what, auto change) {
    EXPECT_NE(messageOf(change).find(what), std::string::npos)
        << messageOf(change);
  };
  expectSaid("an end that is no node",
             [](EventStream &s) { s.source.set(3, 10); });
  expectSaid("an end that is no node",
             [](EventStream &s) { s.destination.set(0, -1); });
  expectSaid("do not ascend", [](EventStream &s) {
    s.time.set(0, s.time.back());
    s.time.set(1, Timestamp());
  });
  expectSaid("not finite", [](EventStream &s) {
    s.edgeFeatures.values.set(5, std::numeric_limits<float>::infinity());
  });
  expectSaid("not the size",
             [](EventStream &s) { s.edgeFeatures.columns = 3; });
  expectSaid("one a node", [](EventStream &s) { s.externalIds = {1, 2}; });
}

} // namespace
