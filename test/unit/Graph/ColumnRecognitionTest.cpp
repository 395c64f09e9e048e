//===- ColumnRecognitionTest.cpp - Which column holds what ----------------===//
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

StatusOr<LoadedStream> load(std::string_view text, LoadOptions options = {}) {
  TemporaryFolder folder;
  return loadEventStream(folder.write("events.txt", text), options);
}

/// Expects that `text` is taken for the one event 1 -> 2 at 30, then 2 -> 1 at
/// 40, and that the description holds `reason`.
void expectTaken(std::string_view text, const std::string &reason,
                 LoadOptions options = {}) {
  StatusOr<LoadedStream> loaded = load(text, options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (std::vector<int32_t>{0, 1})) << text;
  EXPECT_EQ(loaded->stream.destination, (std::vector<int32_t>{1, 0})) << text;
  EXPECT_EQ(test::secondsOf(loaded->stream), (std::vector<double>{30, 40}))
      << text;
  EXPECT_NE(loaded->description.find(reason), std::string::npos)
      << loaded->description;
}

TEST(ColumnRecognition, ByOption) {
  expectTaken("1 2 30\n2 1 40\n", "columns uvt as given", {"uvt", false});
  expectTaken("30 1 2\n40 2 1\n", "columns tuv as given", {"tuv", false});
  expectTaken("2 30 1\n1 40 2\n", "columns vtu as given", {"vtu", false});
  expectTaken("1 9 2 30 9\n2 9 1 40 9\n", "columns u-vt- as given",
              {"u-vt-", false});
  expectTaken("a b c\n1 2 30\n2 1 40\n", ", header", {"uvt", false});
}

TEST(ColumnRecognition, ByHeaderNames) {
  expectTaken("u,v,t\n1,2,30\n2,1,40\n",
              "columns by the header's names: source='u' destination='v' "
              "time='t', header");
  expectTaken("timestamp src dst\n30 1 2\n40 2 1\n",
              "time='timestamp' source='src' destination='dst'");
  expectTaken("i,j,t\n1,2,30\n2,1,40\n", "source='i' destination='j'");
  expectTaken("User_ID,Item_ID,Rating,Time\n1,2,5,30\n2,1,3,40\n",
              "time='Time' unused='Rating'");
}

TEST(ColumnRecognition, HeaderWithoutKnownNamesIsSkipped) {
  expectTaken("one two three\n1 2 30\n2 1 40\n",
              "columns uvt recognised (column 3 is sorted), header");
}

TEST(ColumnRecognition, LastColumnIfItIsSorted) {
  expectTaken("1 2 30\n2 1 40\n",
              "columns uvt recognised (column 3 is sorted), no header");
  // The usual order wins even where another column is sorted as well.
  StatusOr<LoadedStream> ties = load("1 2 5\n3 4 5\n5 6 5\n");
  ASSERT_TRUE(ties.ok());
  EXPECT_EQ(test::secondsOf(ties->stream), (std::vector<double>{5, 5, 5}));
}

TEST(ColumnRecognition, FirstOrMiddleColumnIfSortedAndLargest) {
  expectTaken("30 1 2\n40 2 1\n",
              "columns tuv recognised (column 1 is sorted and has the largest "
              "values)");
  expectTaken("1 30 2\n2 40 1\n",
              "columns utv recognised (column 2 is sorted and has the largest "
              "values)");
}

TEST(ColumnRecognition, OnlyColumnWithFractions) {
  StatusOr<LoadedStream> loaded = load("0.5 1 2\n0.75 2 1\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(test::secondsOf(loaded->stream), (std::vector<double>{0.5, 0.75}));
  EXPECT_NE(loaded->description.find("column 1 alone has fractions"),
            std::string::npos);
}

TEST(ColumnRecognition, SortedIdsAreNotTakenForTime) {
  StatusOr<LoadedStream> loaded = load("1 5 90\n2 6 70\n3 7 80\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.message().find("events.txt:2: timestamp '70' is earlier"),
            std::string::npos)
      << loaded.message();
  StatusOr<LoadedStream> sorted =
      load("1 5 90\n2 6 70\n3 7 80\n", {"auto", true});
  ASSERT_TRUE(sorted.ok()) << sorted.message();
  EXPECT_EQ(test::secondsOf(sorted->stream), (std::vector<double>{70, 80, 90}));
}

TEST(ColumnRecognition, DoesNotGuessWhenNothingTells) {
  StatusOr<LoadedStream> loaded =
      load("90 5 1\n70 6 9\n80 5 3\n", {"auto", true});
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.message().find(
                "cannot tell which column is the time, as none is sorted; give "
                "the order of the columns (--columns uvt, tuv, ...)"),
            std::string::npos)
      << loaded.message();
}

/// What column `name` was taken for.
std::string useOf(const LoadedStream &loaded, std::string_view name) {
  for (const ColumnUse &column : loaded.columns)
    if (column.name == name)
      return column.use;
  return "no such column";
}

TEST(ColumnRecognition, KeepsAKnownNameWhateverTheOthersAre) {
  // Here the values alone would tell another time.
  StatusOr<LoadedStream> loaded =
      load("ts,buyer,vendor\n7,3,100\n9,1,101\n12,3,103\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(test::secondsOf(loaded->stream), (std::vector<double>{7, 9, 12}));
  EXPECT_EQ(loaded->stream.source, (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(useOf(*loaded, "ts"), "time");
  EXPECT_EQ(useOf(*loaded, "buyer"), "source, guessed by order");
  EXPECT_EQ(useOf(*loaded, "vendor"), "destination, guessed by order");

  loaded = load("ts,vendor,src\n7,100,3\n9,101,1\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(useOf(*loaded, "src"), "source");
  EXPECT_EQ(useOf(*loaded, "vendor"), "destination, guessed by order");

  StatusOr<LoadedStream> unsorted =
      load("vendor,buyer,time\n100,3,9\n101,1,7\n");
  ASSERT_FALSE(unsorted.ok());
  EXPECT_NE(unsorted.message().find("timestamp '7' is earlier"),
            std::string::npos)
      << unsorted.message();
}

TEST(ColumnRecognition, GuessesNoQuantityForANode) {
  StatusOr<LoadedStream> loaded = load(
      "time,amount,share,who,whom\n0,5,0.5,3,4\n1,6,0.25,4,3\n2,7,1,3,4\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(useOf(*loaded, "who"), "source, guessed by order");
  EXPECT_EQ(useOf(*loaded, "whom"), "destination, guessed by order");
  EXPECT_EQ(useOf(*loaded, "amount"), "not used: numbers (--features)");
}

TEST(ColumnRecognition, FindsDatesWhereNoNameIsOfATime) {
  StatusOr<LoadedStream> loaded =
      load("who,whom,when\nann,bob,2024-03-01\nbob,ann,2024-03-02\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.source, (std::vector<int32_t>{0, 1}));
  loaded = load("src,dst,when,note\n1,2,2024-03-01,x\n2,1,2024-03-02,y\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(useOf(*loaded, "when"), "time, the only dates");
}

TEST(ColumnRecognition, SaysWhatNamesItKnows) {
  for (std::string_view text : {"src,dst,moment,share\n1,2,3,4\n",
                                "time,who\n1,2\n", "a,b,c,d\n1,2,3,4\n"}) {
    StatusOr<LoadedStream> loaded = load(text);
    ASSERT_FALSE(loaded.ok()) << text;
    for (const char *known : {"source (u, source, ", "destination (v, ",
                              "time (t, time, ", "--columns"})
      EXPECT_NE(loaded.message().find(known), std::string::npos)
          << loaded.message();
    EXPECT_EQ(loaded.message().find('\n'), std::string::npos);
  }
}

TEST(ColumnRecognition, RejectsANameGivenTwice) {
  for (std::string_view text :
       {"src,src,time\n1,2,3\n", "src,dst,Time,time\n1,2,3,4\n",
        "src,dst,time,note,note\n1,2,3,4,5\n"}) {
    StatusOr<LoadedStream> loaded = load(text);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_NE(loaded.message().find("twice"), std::string::npos)
        << loaded.message();
  }
}

TEST(ColumnRecognition, ReadsBlanksInNames) {
  expectTaken("user id,item id,time\n1,2,30\n2,1,40\n",
              "source='user id' destination='item id' time='time'");
}

TEST(ColumnRecognition, ADamagedRowDoesNotChangeTheColumns) {
  StatusOr<LoadedStream> loaded = load("5 7 100\n6 8 x\n7 9 102\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(
      loaded.message().find("events.txt:2: timestamp 'x' is not a number"),
      std::string::npos)
      << loaded.message();
}

TEST(ColumnRecognition, RejectsMalformedOptions) {
  EXPECT_EQ(load("1 2 3\n", {"uvx", false}).message(),
            "columns 'uvx' holds 'x'; use one letter a column: u (source), v "
            "(destination), t (time), f (edge feature), - (not used)");
  EXPECT_EQ(load("1 2 3\n", {"uut", false}).message(),
            "columns 'uut' must name each of u (source), v (destination) and t "
            "(time) once; for example uvt or tuv");
  EXPECT_FALSE(load("1 2 3\n", {"", false}).ok());
}

} // namespace
