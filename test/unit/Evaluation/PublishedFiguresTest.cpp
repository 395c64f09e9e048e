//===- PublishedFiguresTest.cpp - Protocols against what is published -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits, negatives and figures on the data sets that the field compares on.
// What is expected was computed by other programs (numpy) and, where a figure
// is published, agrees with it.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/EdgeBank.h"
#include "orcinus/Evaluation/Evaluator.h"
#include "orcinus/Evaluation/PopTrack.h"
#include "orcinus/Evaluation/RecencyRule.h"
#include "orcinus/Graph/Loader.h"
#include "test/unit/TestData.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

using namespace orcinus;

namespace {

EventStream load(const std::string &name) {
  StatusOr<LoadedStream> loaded = loadEventStream(test::dataPath(name));
  EXPECT_TRUE(loaded.ok()) << loaded.message();
  return loaded.ok() ? std::move(loaded->stream) : EventStream();
}

Protocol makeProtocol(const EventStream &stream,
                      const ProtocolOptions &options) {
  StatusOr<Protocol> protocol = Protocol::create(stream, options);
  EXPECT_TRUE(protocol.ok()) << protocol.message();
  return *protocol;
}

std::string digits(double value, int count) {
  return fmt::format("{:.{}f}", value, count);
}

/// What DyGLib makes of a data set.
struct DyglibData {
  const char *file;
  const char *newNodes;
  size_t train, validation, test, newValidation, newTest, newNodeCount;
  double validationCut, testCut;
  std::vector<int64_t> firstTestNegatives;
};

class DyglibSplit : public testing::TestWithParam<DyglibData> {};

TEST_P(DyglibSplit, IsThatOfDyglib) {
  const DyglibData &data = GetParam();
  ORCINUS_REQUIRE_DATA(data.file);
  ORCINUS_REQUIRE_DATA(data.newNodes);
  EventStream stream = load(data.file);
  ProtocolOptions options;
  options.kind = ProtocolKind::Dyglib;
  Protocol drawn = makeProtocol(stream, options);
  options.newNodesFile = test::dataPath(data.newNodes);
  Protocol told = makeProtocol(stream, options);
  EXPECT_EQ(drawn.split().maskedNodes, told.split().maskedNodes);
  for (const Protocol *protocol : {&drawn, &told}) {
    const Split &split = protocol->split();
    EXPECT_EQ(split.train.size(), data.train);
    EXPECT_EQ(split.validation.size(), data.validation);
    EXPECT_EQ(split.test.size(), data.test);
    EXPECT_EQ(split.inductiveValidation.size(), data.newValidation);
    EXPECT_EQ(split.inductiveTest.size(), data.newTest);
    EXPECT_EQ(static_cast<size_t>(std::count(split.maskedNodes.begin(),
                                             split.maskedNodes.end(), 1)),
              data.newNodeCount);
    EXPECT_LE(stream.seconds(split.validation.front() - 1),
              data.validationCut + 0.05);
    EXPECT_GT(stream.seconds(split.validation.front()),
              data.validationCut - 0.05);
    EXPECT_LE(stream.seconds(split.validation.back()), data.testCut + 0.05);
    EXPECT_GT(stream.seconds(split.test.front()), data.testCut - 0.05);
  }
  NegativeBatch negatives;
  std::span<const int32_t> batch =
      drawn.events(EvaluationPart::Test).first(200);
  ASSERT_TRUE(
      drawn.negatives(EvaluationPart::Test)->draw(batch, negatives).ok());
  ASSERT_EQ(negatives.destinations.size(), 200u);
  std::vector<int64_t> first;
  for (size_t i = 0; i != data.firstTestNegatives.size(); ++i)
    first.push_back(std::stoll(stream.nodeName(negatives.destinations[i])));
  EXPECT_EQ(first, data.firstTestNegatives);
}

INSTANTIATE_TEST_SUITE_P(
    PublishedFigures, DyglibSplit,
    testing::Values(DyglibData{"wikipedia.txt",
                               "dyglib/wikipedia.new_nodes.txt",
                               81029,
                               23621,
                               23621,
                               12016,
                               11715,
                               922,
                               1862652.1,
                               2218288.6,
                               {9183, 8285, 8650, 8964, 8355, 8697, 9200,
                                9122}},
                    DyglibData{"dyglib/ml_uci.csv",
                               "dyglib/ml_uci.new_nodes.txt",
                               34352,
                               8975,
                               8976,
                               5002,
                               5932,
                               189,
                               3834800.6,
                               6714558.3,
                               {1315, 66, 89, 1859, 1406, 1636, 98, 501}},
                    DyglibData{"dyglib/ml_enron.csv",
                               "dyglib/ml_enron.new_nodes.txt",
                               69452,
                               18786,
                               18785,
                               5232,
                               4206,
                               18,
                               83843725.6,
                               93431801.0,
                               {104, 102, 154, 126, 37, 144, 19, 23}}),
    [](const auto &info) { return fmt::format("number{}", info.index); });

ProtocolResult run(const EventStream &stream, const ProtocolOptions &options,
                   PairScorer &scorer, StateLag lag) {
  Protocol protocol = makeProtocol(stream, options);
  StatusOr<ProtocolResult> result =
      evaluateScorer(stream, protocol, scorer, {lag});
  EXPECT_TRUE(result.ok()) << result.message();
  return result.ok() ? *result : ProtocolResult();
}

/// AP and AUC of EdgeBank on the test split of DyGLib, in hundredths.
std::pair<double, double>
edgeBankOnDyglib(const std::string &file, EdgeBankMode mode,
                 NegativeStrategy negatives = NegativeStrategy::Random) {
  EventStream stream = load(file);
  ProtocolOptions options;
  options.kind = ProtocolKind::Dyglib;
  options.negatives = negatives;
  EdgeBankOptions bank;
  bank.mode = mode;
  LinkMetrics test =
      run(stream, options, *makeEdgeBank(stream, bank), StateLag::Batch)
          .test.all;
  return {100 * test.averagePrecision, 100 * test.areaUnderCurve};
}

TEST(PublishedFigures, EdgeBankOnWikipedia) {
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  auto [precision, area] =
      edgeBankOnDyglib("wikipedia.txt", EdgeBankMode::Unlimited);
  EXPECT_EQ(digits(precision, 3), "90.371");
  EXPECT_EQ(digits(area, 3), "90.779");
}

TEST(PublishedFigures, EdgeBankOnUci) {
  ORCINUS_REQUIRE_DATA("dyglib/ml_uci.csv");
  auto [precision, area] =
      edgeBankOnDyglib("dyglib/ml_uci.csv", EdgeBankMode::Unlimited);
  EXPECT_EQ(digits(precision, 2), "76.20");
  EXPECT_EQ(digits(area, 2), "77.30");
}

TEST(PublishedFigures, EdgeBankOnUciWithEarlierPairs) {
  ORCINUS_REQUIRE_DATA("dyglib/ml_uci.csv");
  // Published are 65.50 / 69.56 and 57.43 / 58.03. The draws depend on the
  // order of a Python's set: by as much as 0.5, other orders differ.
  auto historical =
      edgeBankOnDyglib("dyglib/ml_uci.csv", EdgeBankMode::WindowFixed,
                       NegativeStrategy::Historical);
  EXPECT_NEAR(historical.first, 65.50, 0.8);
  EXPECT_NEAR(historical.second, 69.56, 0.8);
  auto inductive =
      edgeBankOnDyglib("dyglib/ml_uci.csv", EdgeBankMode::WindowRepeat,
                       NegativeStrategy::Inductive);
  EXPECT_NEAR(inductive.first, 57.43, 0.8);
  EXPECT_NEAR(inductive.second, 58.03, 0.8);
}

TEST(PublishedFigures, EdgeBankOnEnron) {
  ORCINUS_REQUIRE_DATA("dyglib/ml_enron.csv");
  auto [precision, area] =
      edgeBankOnDyglib("dyglib/ml_enron.csv", EdgeBankMode::WindowFixed);
  EXPECT_EQ(digits(precision, 3), "83.532");
  EXPECT_EQ(digits(area, 3), "87.048");
}

/// MRR of validation and test on tgbl-wiki, each positive among all other
/// destinations.
std::string rankOnWikipedia(PairScorer &scorer, const EventStream &stream,
                            StateLag lag) {
  ProtocolOptions options;
  options.kind = ProtocolKind::Tgb;
  ProtocolResult result = run(stream, options, scorer, lag);
  return fmt::format("{:.4f} {:.4f}", result.validation->all.meanReciprocalRank,
                     result.test.all.meanReciprocalRank);
}

TEST(PublishedFigures, RankingWikipediaByBatches) {
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  EventStream stream = load("wikipedia.txt");
  auto rank = [&](PairScorer &scorer) {
    return rankOnWikipedia(scorer, stream, StateLag::Batch);
  };
  EdgeBankOptions bank;
  EXPECT_EQ(rank(*makeEdgeBank(stream, bank)), "0.5267 0.4947");
  bank.mode = EdgeBankMode::WindowSpan;
  ProtocolOptions options;
  options.kind = ProtocolKind::Tgb;
  Protocol protocol = makeProtocol(stream, options);
  bank.trainingSpan = stream.seconds(protocol.split().train.back()) -
                      stream.seconds(protocol.split().train.front());
  EXPECT_EQ(rank(*makeEdgeBank(stream, bank)), "0.5997 0.5710");
  EXPECT_EQ(rank(*makePopTrack(stream, 0.36)), "0.1049 0.0972");
  EXPECT_EQ(rank(*makePopTrack(stream, 0.9)), "0.0784 0.0720");
}

/// MRR by an order of keys, with a lag of a batch and of a time stamp.
struct RuleFigures {
  const char *order;
  const char *byBatch;
  const char *byTimestamp;
};

class RecencyRules : public testing::TestWithParam<RuleFigures> {};

TEST_P(RecencyRules, OnWikipedia) {
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  EventStream stream = load("wikipedia.txt");
  for (StateLag lag : {StateLag::Batch, StateLag::Timestamp}) {
    auto rule = makeRecencyRule(stream, *parseRecencyOrder(GetParam().order));
    ASSERT_TRUE(rule.ok()) << rule.message();
    EXPECT_EQ(rankOnWikipedia(**rule, stream, lag),
              lag == StateLag::Batch ? GetParam().byBatch
                                     : GetParam().byTimestamp);
  }
}

INSTANTIATE_TEST_SUITE_P(
    PublishedFigures, RecencyRules,
    testing::Values(RuleFigures{"lr,gr", "0.7588 0.7290", "0.8415 0.8206"},
                    RuleFigures{"lr,gp", "0.7576 0.7282", "0.8408 0.8194"},
                    RuleFigures{"lp,lr,gr", "0.6742 0.6612", "0.7148 0.7021"},
                    RuleFigures{"gr", "0.0825 0.0758", "0.1399 0.1571"}),
    [](const auto &info) {
      std::string name = info.param.order;
      std::replace(name.begin(), name.end(), ',', '_');
      return name;
    });

} // namespace
