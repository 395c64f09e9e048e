//===- TableFileTest.cpp - Tables as people have them ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ids of any kind, quotes, decimal commas, and features by name.
//
//===----------------------------------------------------------------------===//

#include "../TestStreams.h"
#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

using Ids = std::vector<int32_t>;
using Names = std::vector<std::string>;
using Values = std::vector<float>;

StatusOr<LoadedStream> load(std::string_view text, LoadOptions options = {}) {
  TemporaryFolder folder;
  return loadEventStream(folder.write("table.csv", text), options);
}

std::string useOf(const LoadedStream &loaded, std::string_view name) {
  for (const ColumnUse &column : loaded.columns)
    if (column.name == name)
      return column.use;
  return "no such column";
}

constexpr std::string_view withCommas =
    "buyer,seller,timestamp,sum,kind\n"
    "B7,S-1,2024-05-01T10:00:00Z,22.5,fuel\n"
    "B3,S-1,2024-05-01T10:00:30Z,6.25,food\n"
    "B7,\"S,2\",2024-05-01T10:01:00Z,1,fuel\n";
constexpr std::string_view withSemicolons =
    "\"buyer\";\"seller\";\"timestamp\";\"sum\";\"kind\"\n"
    "\"B7\";\"S-1\";\"2024-05-01T10:00:00Z\";\"22,5\";\"fuel\"\n"
    "\"B3\";\"S-1\";\"2024-05-01T10:00:30Z\";\"6,25\";\"food\"\n"
    "\"B7\";\"S,2\";\"2024-05-01T10:01:00Z\";1;\"fuel\"\n";

TEST(TableFile, ReadsTextIdsDatesAndQuotesWithoutAnOption) {
  for (std::string_view text : {withCommas, withSemicolons}) {
    StatusOr<LoadedStream> loaded = load(text);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    const EventStream &stream = loaded->stream;
    EXPECT_EQ(stream.source, (Ids{0, 2, 0}));
    EXPECT_EQ(stream.destination, (Ids{1, 1, 3}));
    EXPECT_EQ(stream.externalNames, (Names{"B7", "S-1", "B3", "S,2"}));
    EXPECT_EQ(stream.nodeName(3), "S,2");
    EXPECT_EQ(test::secondsOf(stream),
              (std::vector<double>{1714557600, 1714557630, 1714557660}));
    EXPECT_EQ(stream.edgeFeatures.columns, 0);
    EXPECT_EQ(useOf(*loaded, "buyer"), "source, guessed by order");
    EXPECT_EQ(useOf(*loaded, "sum"), "not used: numbers (--features)");
    EXPECT_EQ(useOf(*loaded, "kind"), "not used: text (--categories)");
  }
}

TEST(TableFile, FeaturesByName) {
  LoadOptions options;
  options.features = "sum";
  options.categories = "kind";
  for (std::string_view text : {withCommas, withSemicolons}) {
    StatusOr<LoadedStream> loaded = load(text, options);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(loaded->stream.edgeFeatures.columns, 3);
    EXPECT_EQ(loaded->stream.edgeFeatures.values,
              (Values{22.5, 1, 0, 6.25, 0, 1, 1, 1, 0}));
    EXPECT_EQ(useOf(*loaded, "sum"), "edge feature 0");
    EXPECT_EQ(useOf(*loaded, "kind"),
              "edge features 1 to 2, one for each text");
  }
  options = {};
  options.categoryCodes = "kind";
  StatusOr<LoadedStream> loaded = load(withCommas, options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (Values{0, 1, 0}));
  EXPECT_EQ(useOf(*loaded, "kind"), "edge feature 0, the number of the text");
}

TEST(TableFile, AllFeaturesOrNone) {
  std::string_view text = "idx,src,dst,time,label,feature0,sum,kind\n"
                          "1,1,2,0,0,5,7,x\n2,2,1,1,1,6,8,y\n";
  LoadOptions options;
  options.features = "all";
  StatusOr<LoadedStream> loaded = load(text, options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (Values{5, 7, 6, 8}));
  EXPECT_EQ(useOf(*loaded, "label"), "not used: a label (--label-columns)");
  options.features = "";
  loaded = load(text, options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 0);
  loaded = load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (Values{5, 6}));
}

TEST(TableFile, FeaturesByLetter) {
  LoadOptions options;
  options.columns = "fuvt";
  StatusOr<LoadedStream> loaded = load("0.5 1 2 0\n0.25 2 1 1\n", options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (Values{0.5, 0.25}));
}

TEST(TableFile, SortsCategoriesWithTheirEvents) {
  LoadOptions options;
  options.sort = true;
  options.categories = "kind";
  StatusOr<LoadedStream> loaded =
      load("src,dst,time,kind\n1,2,5,x\n2,1,3,y\n", options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (Values{0, 1, 1, 0}));
}

TEST(TableFile, ErrorsOfFeatures) {
  auto messageOf = [](std::string features, std::string categories = "") {
    LoadOptions options;
    options.features = std::move(features);
    options.categories = std::move(categories);
    return std::string(load(withCommas, options).message());
  };
  EXPECT_NE(messageOf("price").find(
                "has no column 'price'; its columns are 'buyer', 'seller', "
                "'timestamp', 'sum', 'kind'"),
            std::string::npos);
  EXPECT_NE(messageOf("buyer").find("column 'buyer' is in use already"),
            std::string::npos);
  EXPECT_NE(messageOf("sum", "sum").find("column 'sum' is in use already"),
            std::string::npos);
  EXPECT_NE(messageOf("kind").find(":2: feature 'fuel' is not a number"),
            std::string::npos);
  LoadOptions options;
  options.features = "sum";
  EXPECT_NE(load("1 2 3\n", options).message().find("has no header"),
            std::string::npos);
}

TEST(TableFile, TooManyCategoriesAreRefused) {
  std::string text = "src,dst,time,kind\n";
  for (int event = 0; event < 1025; ++event)
    text += fmt::format("1,2,{},k{}\n", event, event);
  LoadOptions options;
  options.categories = "kind";
  EXPECT_NE(load(text, options).message().find("--category-codes"),
            std::string::npos);
  options.categories = "";
  options.categoryCodes = "kind";
  EXPECT_TRUE(load(text, options).ok());
}

TEST(TableFile, IdsOfAnyKind) {
  struct Case {
    std::string_view id;
    std::string_view name;
  };
  for (Case each : {Case{"alice", "alice"},
                    {"007", "007"},
                    {"-5", "-5"},
                    {"18446744073709551615", "18446744073709551615"},
                    {"12e4", "12e4"},
                    {"\"a b\"", "a b"},
                    {"\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9"}}) {
    // Integers before and behind it become text too, and stay apart.
    StatusOr<LoadedStream> loaded =
        load("u,v,t\n9,5,0\n" + std::string(each.id) + ",9,1\n7.0,7,2\n");
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(loaded->stream.externalNames,
              (Names{"9", "5", std::string(each.name), "7"}));
    EXPECT_EQ(loaded->stream.source, (Ids{0, 2, 3}));
    EXPECT_EQ(loaded->stream.destination, (Ids{1, 0, 3}));
  }
}

TEST(TableFile, TextIdsWithoutAHeader) {
  StatusOr<LoadedStream> loaded =
      load("ann bob 5\nbob ann 6\n# note\nann eve 7\n");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.externalNames, (Names{"ann", "bob", "eve"}));
  EXPECT_NE(loaded->description.find("1 lines that begin with # or % skipped"),
            std::string::npos)
      << loaded->description;
}

TEST(TableFile, AnOpenQuoteIsAnErrorAtItsLine) {
  StatusOr<LoadedStream> loaded = load("u,v,t\na,b,0\n\"a,b,1\na,b,2\na,b,3\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.message().find(
                ":3: a quote that opens in this row is never closed"),
            std::string::npos)
      << loaded.message();
}

} // namespace
