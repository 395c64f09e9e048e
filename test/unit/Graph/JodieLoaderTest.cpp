//===- JodieLoaderTest.cpp - Events as a JODIE csv ------------------------===//
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

constexpr const char *header = "user_id,item_id,timestamp,state_label,"
                               "comma_separated_list_of_features\n";

StatusOr<LoadedStream> load(const std::string &rows, LoadOptions options = {}) {
  TemporaryFolder folder;
  return loadEventStream(folder.write("jodie.csv", header + rows), options);
}

TEST(JodieLoader, NumbersItemsBehindUsers) {
  StatusOr<LoadedStream> loaded =
      load("0,0,0.0,0,0.5,-1\n1,0,36.0,0,2,3\n2,1,77.5,1,4,5\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const EventStream &stream = loaded->stream;
  EXPECT_EQ(stream.source, (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(stream.destination, (std::vector<int32_t>{3, 3, 4}));
  EXPECT_EQ(test::secondsOf(stream), (std::vector<double>{0, 36, 77.5}));
  EXPECT_EQ(stream.nodeCount, 5);
  EXPECT_TRUE(stream.externalIds.empty());
  EXPECT_EQ(stream.edgeFeatures.rows, 3);
  EXPECT_EQ(stream.edgeFeatures.columns, 2);
  EXPECT_EQ(stream.edgeFeatures.values,
            (std::vector<float>{0.5, -1, 2, 3, 4, 5}));
  EXPECT_EQ(loaded->description,
            "JODIE csv, columns user item time label and 2 features; item ids "
            "shifted by 3; node ids 0..4 kept; times taken for seconds");
}

TEST(JodieLoader, ReadsFilesWithoutFeaturesAndGzipped) {
  TemporaryFolder folder;
  std::string text = "user_id,item_id,timestamp,state_label\n0,0,1,0\n";
  StatusOr<LoadedStream> loaded =
      loadEventStream(folder.write("jodie.csv.gz", test::gzip(text)));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.destination, (std::vector<int32_t>{1}));
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 0);
}

TEST(JodieLoader, SortsFeaturesWithTheirEvents) {
  StatusOr<LoadedStream> loaded =
      load("0,0,9,0,1\n1,0,3,0,2\n", {"auto", true});
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (std::vector<float>{2, 1}));
}

TEST(JodieLoaderErrors, AreNamedWithTheirLine) {
  auto expectMessage = [](const std::string &rows, const std::string &end) {
    StatusOr<LoadedStream> loaded = load(rows);
    ASSERT_FALSE(loaded.ok());
    EXPECT_TRUE(loaded.message().ends_with(end)) << loaded.message();
  };
  expectMessage("0,0,0,0,1,2\n0,0,1,0,1\n",
                "jodie.csv:3: row has 5 fields, but the first row has 6; "
                "correct or remove the row");
  expectMessage("0,0,0,0,1\n0,0,1,0,1,9\n",
                "jodie.csv:3: row has 6 fields, but the first row has 5; "
                "correct or remove the row");
  expectMessage("0,0,0,0,1\n0,0,1",
                "jodie.csv:3: row has 3 fields, but the first row has 5; "
                "correct or remove the row (the file ends in it)");
  expectMessage("0,0,0\n",
                "jodie.csv:2: row has 3 fields; a JODIE csv has at least 4 "
                "(user, item, time, label)");
  expectMessage("0,0,0,0,abc\n",
                "jodie.csv:2: feature 'abc' is not a number; correct or remove "
                "the row");
  expectMessage("0,0,7,0\n0,0,5,0\n",
                "jodie.csv:3: timestamp '5' is earlier than that of the event "
                "before it; sort the file by time or ask for sorting (--sort)");
  expectMessage("9223372036854775807,9,0,0\n",
                "user and item ids together exceed 2^63; number them with "
                "smaller ids");
  EXPECT_TRUE(load("0,0,0,0\n", {"uvt", false})
                  .message()
                  .ends_with("jodie.csv' is a JODIE csv, whose columns are "
                             "fixed; leave out the order of the columns "
                             "(--columns)"));
  expectMessage("", "holds no event; expected one event a line");
}

} // namespace
