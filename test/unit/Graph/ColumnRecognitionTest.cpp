//===- ColumnRecognitionTest.cpp - Which column holds what ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

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
  EXPECT_EQ(loaded->stream.time, (std::vector<double>{30, 40})) << text;
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
              "unused='Rating' time='Time'");
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
  EXPECT_EQ(ties->stream.time, (std::vector<double>{5, 5, 5}));
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
  EXPECT_EQ(loaded->stream.time, (std::vector<double>{0.5, 0.75}));
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
  EXPECT_EQ(sorted->stream.time, (std::vector<double>{70, 80, 90}));
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

TEST(ColumnRecognition, RejectsMalformedOptions) {
  EXPECT_EQ(load("1 2 3\n", {"uvx", false}).message(),
            "columns 'uvx' holds 'x'; use one letter a column: u (source), v "
            "(destination), t (time), - (not used)");
  EXPECT_EQ(load("1 2 3\n", {"uut", false}).message(),
            "columns 'uut' must name each of u (source), v (destination) and t "
            "(time) once; for example uvt or tuv");
  EXPECT_FALSE(load("1 2 3\n", {"", false}).ok());
}

} // namespace
