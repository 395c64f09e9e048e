//===- ProtocolTest.cpp - How models are compared -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Protocol.h"

#include "orcinus/Sampling/NegativeSampler.h"
#include "test/unit/Graph/TemporaryFolder.h"
#include "test/unit/TestStreams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

using namespace orcinus;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string errorOf(const EventStream &stream, const ProtocolOptions &options) {
  StatusOr<Protocol> protocol = Protocol::create(stream, options);
  return protocol.ok() ? "none" : protocol.message();
}

ProtocolOptions optionsFor(ProtocolKind kind) {
  ProtocolOptions options;
  options.kind = kind;
  return options;
}

TEST(Protocol, NamesAreRead) {
  EXPECT_EQ(*parseProtocol("orca"), ProtocolKind::Orca);
  EXPECT_EQ(*parseProtocol("dyglib"), ProtocolKind::Dyglib);
  EXPECT_EQ(*parseProtocol("tgb"), ProtocolKind::Tgb);
  EXPECT_EQ(parseProtocol("ogb").message(),
            "there is no protocol 'ogb'; use orca, dyglib or tgb");
}

TEST(Protocol, OrcaIsWhatTheTrainerDoes) {
  EventStream stream = test::makeRandomStream(50, 1000, 1);
  StatusOr<Protocol> protocol = Protocol::create(stream, {});
  ASSERT_TRUE(protocol.ok()) << protocol.message();
  Split split = *splitByTime(stream, {});
  EXPECT_EQ(protocol->split().train, split.train);
  EXPECT_EQ(protocol->split().test, split.test);
  EXPECT_EQ(protocol->split().inductiveTest, split.inductiveTest);
  EXPECT_FALSE(protocol->hasNewNodeParts());
  EXPECT_FALSE(protocol->wantsRanks());
  ProtocolOptions several;
  several.negativesPerEvent = 2;
  EXPECT_TRUE(Protocol::create(stream, several)->wantsRanks());
  std::vector<int32_t> allEvents(1000);
  std::iota(allEvents.begin(), allEvents.end(), 0);
  for (bool validation : {true, false}) {
    EvaluationPart part =
        validation ? EvaluationPart::Validation : EvaluationPart::Test;
    std::span<const int32_t> batch = protocol->events(part).first(100);
    NegativeSampler sampler(stream, allEvents,
                            negativeSeed(0, validation ? "validation negatives"
                                                       : "test negatives"));
    std::vector<int32_t> wanted(100);
    sampler.sample(0, stream, batch, wanted);
    NegativeBatch drawn;
    ASSERT_TRUE(protocol->negatives(part)->draw(batch, drawn).ok());
    EXPECT_EQ(drawn.destinations, wanted);
  }
}

TEST(Protocol, DyglibDrawsFromTheEventsOfThePart) {
  EventStream stream = test::makeRandomStream(300, 3000, 2);
  StatusOr<Protocol> protocol =
      Protocol::create(stream, optionsFor(ProtocolKind::Dyglib));
  ASSERT_TRUE(protocol.ok()) << protocol.message();
  EXPECT_TRUE(protocol->hasNewNodeParts());
  EXPECT_TRUE(protocol->wantsSplitFigures());
  // A rank among one says what the area under the curve says.
  EXPECT_FALSE(protocol->wantsRanks());
  const Split &split = protocol->split();
  EXPECT_EQ(std::count(split.maskedNodes.begin(), split.maskedNodes.end(), 1),
            30);
  std::vector<uint8_t> isDestination(300, 0);
  for (int32_t event : split.inductiveTest)
    isDestination[stream.destination[event]] = 1;
  std::span<const int32_t> events =
      protocol->events(EvaluationPart::NewNodeTest);
  EXPECT_EQ(std::vector(events.begin(), events.end()), split.inductiveTest);
  NegativeBatch drawn;
  ASSERT_TRUE(protocol->negatives(EvaluationPart::NewNodeTest)
                  ->draw(events, drawn)
                  .ok());
  for (int32_t node : drawn.destinations)
    EXPECT_TRUE(isDestination[node]);
  // Each part has draws of its own, the same each time.
  NegativeBatch again, other;
  ASSERT_TRUE(protocol->negatives(EvaluationPart::NewNodeTest)
                  ->draw(events, again)
                  .ok());
  ASSERT_TRUE(
      protocol->negatives(EvaluationPart::Test)->draw(events, other).ok());
  EXPECT_EQ(drawn.destinations, again.destinations);
  EXPECT_NE(drawn.destinations, other.destinations);
}

TEST(Protocol, TgbKeepsNoNodeFromTraining) {
  EventStream stream = test::makeRandomStream(50, 1000, 3);
  StatusOr<Protocol> protocol =
      Protocol::create(stream, optionsFor(ProtocolKind::Tgb));
  ASSERT_TRUE(protocol.ok()) << protocol.message();
  const Split &split = protocol->split();
  EXPECT_EQ(split.train.size() + split.validation.size() + split.test.size(),
            1000u);
  EXPECT_EQ(protocol->strategy(), NegativeStrategy::AllOthers);
  EXPECT_FALSE(protocol->wantsSplitFigures());
  EXPECT_TRUE(protocol->wantsRanks());
}

TEST(Protocol, SaysWhatItSets) {
  EventStream stream = test::makeRandomStream(300, 3000, 2);
  StatusOr<Protocol> dyglib =
      Protocol::create(stream, optionsFor(ProtocolKind::Dyglib));
  EXPECT_THAT(dyglib->describe(),
              ElementsAre(HasSubstr("30 nodes are kept from training, as "
                                    "DyGLib draws them"),
                          HasSubstr("seeds 0 (validation)"),
                          HasSubstr("batches of 200 events; new-node events "
                                    "are evaluated by themselves")));
  ProtocolOptions options = optionsFor(ProtocolKind::Tgb);
  options.negatives = NegativeStrategy::Historical;
  options.negativesPerEvent = 20;
  options.batchSize = 100;
  StatusOr<Protocol> tgb = Protocol::create(stream, options);
  EXPECT_THAT(
      tgb->describe(),
      ElementsAre(
          HasSubstr("no node is kept from training"),
          HasSubstr("20 destinations for each event, as far as possible half"),
          HasSubstr("batches of 100 events; new-node events "
                    "are counted within")));
}

TEST(Protocol, TakesNewNodesFromAFile) {
  EventStream stream = test::makeRandomStream(300, 3000, 2);
  test::TemporaryFolder folder;
  ProtocolOptions options = optionsFor(ProtocolKind::Dyglib);
  options.newNodesFile = folder.write("nodes", "7 11\n");
  StatusOr<Protocol> protocol = Protocol::create(stream, options);
  ASSERT_TRUE(protocol.ok()) << protocol.message();
  std::vector<uint8_t> wanted(300, 0);
  wanted[7] = wanted[11] = 1;
  EXPECT_EQ(protocol->split().maskedNodes, wanted);
  for (int32_t event : protocol->split().train) {
    EXPECT_FALSE(wanted[stream.source[event]]);
    EXPECT_FALSE(wanted[stream.destination[event]]);
  }
  options.newNodesFile = folder.path("none");
  EXPECT_NE(errorOf(stream, options), "none");
  options.kind = ProtocolKind::Tgb;
  EXPECT_EQ(errorOf(stream, options),
            "new nodes from a file are for the protocol dyglib, not for tgb");
}

TEST(Protocol, RefusesWhatItHasNoUseFor) {
  EventStream stream = test::makeRandomStream(50, 1000, 3);
  ProtocolOptions options = optionsFor(ProtocolKind::Orca);
  options.negatives = NegativeStrategy::Historical;
  EXPECT_EQ(errorOf(stream, options),
            "the protocol orca has no such negatives; orca has random ones, "
            "dyglib random, historical and inductive, tgb all, random and "
            "historical, and each takes a file");
  options.negatives = NegativeStrategy::AllOthers;
  EXPECT_NE(errorOf(stream, options), "none");
  options = optionsFor(ProtocolKind::Tgb);
  options.negatives = NegativeStrategy::Inductive;
  EXPECT_NE(errorOf(stream, options), "none");
  options.negatives = NegativeStrategy::Historical;
  EXPECT_EQ(
      errorOf(stream, options),
      "say how many negatives an event has: TGB draws 20, 100 or 1000, by "
      "the data set");
  options = optionsFor(ProtocolKind::Dyglib);
  options.negativesPerEvent = 5;
  EXPECT_EQ(errorOf(stream, options),
            "how many negatives an event has is not a choice with these "
            "negatives of the protocol dyglib");
  options = {};
  options.batchSize = 0;
  EXPECT_EQ(errorOf(stream, options), "the batch size is 0; choose 1 or more");
  EXPECT_EQ(errorOf(EventStream(), {}),
            "cannot split a stream without events; load one");
  EventStream atOnce = test::makeRandomStream(5, 30, 1, 2);
  EXPECT_NE(errorOf(atOnce, {}), "none");
  EXPECT_NE(errorOf(EventStream(), optionsFor(ProtocolKind::Dyglib)), "none");
}

} // namespace
