//===- EvaluatorTest.cpp - Evaluating a scorer under a protocol -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Evaluator.h"

#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <vector>

using namespace orcinus;

namespace {

/// What a scorer was asked about one event.
struct Question {
  int32_t event = 0;
  /// How many events it had been given, and the last of them.
  size_t given = 0;
  int32_t last = -1;
  /// Which copy was asked.
  int copy = 0;
  /// The event's own destination and the others.
  std::vector<int32_t> destinations;
};

/// Writes down what it is asked; scores by a rule of its own.
class Witness : public PairScorer {
public:
  struct Record {
    std::vector<Question> questions;
    int64_t batches = 0;
    int copies = 0;
    /// How many events there were at each batch's end.
    std::vector<size_t> givenAtEnds;
  };

  explicit Witness(std::shared_ptr<Record> record) : record(record) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    EXPECT_EQ(queries.offsets.back(), std::ssize(scores));
    for (int64_t query = 0; query != queries.queryCount(); ++query) {
      auto candidates = queries.candidates(query);
      record->questions.push_back({queries.events[query],
                                   given.size(),
                                   given.empty() ? -1 : given.back(),
                                   copy,
                                   {candidates.begin(), candidates.end()}});
      for (int64_t pair = queries.offsets[query];
           pair != queries.offsets[query + 1]; ++pair)
        scores[pair] =
            scoreOf(queries.sources[query], queries.destinations[pair]);
    }
    return Status();
  }

  Status advance(std::span<const int32_t> events) override {
    for (int32_t event : events) {
      EXPECT_TRUE(given.empty() || event > given.back());
      given.push_back(event);
    }
    return Status();
  }

  void endBatch() override {
    ++record->batches;
    record->givenAtEnds.push_back(given.size());
  }

  std::unique_ptr<PairScorer> clone() const override {
    auto copied = std::make_unique<Witness>(*this);
    copied->copy = ++record->copies;
    return copied;
  }

  virtual double scoreOf(int32_t source, int32_t destination) const {
    return (source * 7 + destination * 13) % 11;
  }

  std::vector<int32_t> given;

private:
  std::shared_ptr<Record> record;
  int copy = 0;
};

struct Evaluation {
  Evaluation(const EventStream &stream, const ProtocolOptions &options,
             StateLag lag)
      : protocol(*Protocol::create(stream, options)), witness(record) {
    auto evaluated = evaluateScorer(stream, protocol, witness, {lag});
    EXPECT_TRUE(evaluated.ok()) << evaluated.message();
    if (evaluated.ok())
      result = *evaluated;
  }

  std::shared_ptr<Witness::Record> record = std::make_shared<Witness::Record>();
  Protocol protocol;
  Witness witness;
  ProtocolResult result;
};

ProtocolOptions optionsFor(ProtocolKind kind) {
  ProtocolOptions options;
  options.kind = kind;
  options.batchSize = 70;
  return options;
}

/// How many events of [first, end) of a part a scorer should know for the one
/// at `place`.
size_t knownOf(const EventStream &stream, std::span<const int32_t> events,
               size_t place, StateLag lag) {
  if (lag == StateLag::Batch)
    return place / 70 * 70;
  size_t known = place;
  while (known != 0 &&
         stream.time[events[known - 1]] == stream.time[events[place]])
    --known;
  return known;
}

TEST(Evaluator, AsksFromTheStateThatTheLagSays) {
  EventStream stream = test::makeRandomStream(60, 2000, 8, 0.6);
  for (StateLag lag : {StateLag::Batch, StateLag::Timestamp}) {
    Evaluation run(stream, optionsFor(ProtocolKind::Tgb), lag);
    const Split &split = run.protocol.split();
    ASSERT_EQ(run.record->questions.size(),
              split.validation.size() + split.test.size());
    size_t number = 0, before = split.train.size();
    for (EvaluationPart part :
         {EvaluationPart::Validation, EvaluationPart::Test}) {
      std::span<const int32_t> events = run.protocol.events(part);
      for (size_t place = 0; place != events.size(); ++place, ++number) {
        EXPECT_EQ(run.record->questions[number].event, events[place]);
        EXPECT_EQ(run.record->questions[number].given,
                  before + knownOf(stream, events, place, lag));
      }
      before += events.size();
    }
    EXPECT_EQ(run.witness.given.size(), 2000u);
    EXPECT_EQ(run.record->copies, 0);
    auto batchesOf = [](size_t events) { return (events + 69) / 70; };
    EXPECT_EQ(run.record->batches,
              static_cast<int64_t>(batchesOf(split.train.size()) +
                                   batchesOf(split.validation.size()) +
                                   batchesOf(split.test.size())));
  }
}

/// What a scorer does at a batch's end, it does to all of its events but those
/// whose time goes on in the next one.
TEST(Evaluator, ABatchEndsBehindItsEvents) {
  EventStream stream = test::makeRandomStream(60, 2000, 8, 0.6);
  Evaluation run(stream, optionsFor(ProtocolKind::Tgb), StateLag::Timestamp);
  const Split &split = run.protocol.split();
  size_t before = split.train.size(), batch = (before + 69) / 70;
  size_t goingOn = 0;
  for (EvaluationPart part :
       {EvaluationPart::Validation, EvaluationPart::Test}) {
    std::span<const int32_t> events = run.protocol.events(part);
    for (size_t begin = 0; begin < events.size(); begin += 70) {
      size_t end = std::min(begin + 70, events.size());
      size_t known = end == events.size()
                         ? end
                         : knownOf(stream, events, end, StateLag::Timestamp);
      goingOn += known != end;
      EXPECT_EQ(run.record->givenAtEnds[batch++], before + known);
    }
    before += events.size();
  }
  EXPECT_EQ(batch, run.record->givenAtEnds.size());
  EXPECT_GT(goingOn, 0u);
}

TEST(Evaluator, CopiesSeeNewNodeEventsAlone) {
  EventStream stream = test::makeRandomStream(60, 2000, 9, 0.6);
  ProtocolOptions options = optionsFor(ProtocolKind::Dyglib);
  Evaluation run(stream, options, StateLag::Batch);
  const Split &split = run.protocol.split();
  EXPECT_EQ(run.record->copies, 2);
  size_t ofCopies[3] = {};
  for (const Question &question : run.record->questions)
    ++ofCopies[question.copy];
  EXPECT_EQ(ofCopies[0], split.validation.size() + split.test.size());
  EXPECT_EQ(ofCopies[1], split.inductiveValidation.size());
  EXPECT_EQ(ofCopies[2], split.inductiveTest.size());
  size_t place = 0;
  for (const Question &question : run.record->questions) {
    if (question.copy != 2)
      continue;
    EXPECT_EQ(question.event, split.inductiveTest[place]);
    EXPECT_EQ(question.given,
              split.train.size() + split.validation.size() + place / 70 * 70);
    ++place;
  }
  EXPECT_EQ(run.result.test.newNodes.events, std::ssize(split.inductiveTest));
}

TEST(Evaluator, PairsOfTheirOwnAreAskedWithTheirSource) {
  EventStream stream = test::makeRandomStream(60, 2000, 9, 0.6);
  ProtocolOptions options = optionsFor(ProtocolKind::Dyglib);
  options.negatives = NegativeStrategy::Historical;
  Evaluation run(stream, options, StateLag::Batch);
  std::span<const int32_t> events = run.protocol.events(EvaluationPart::Test);
  auto draws = run.protocol.negatives(EvaluationPart::Test);
  LinkMetricsCollector collector(true);
  for (size_t begin = 0; begin < events.size(); begin += 70) {
    std::span<const int32_t> batch =
        events.subspan(begin, std::min<size_t>(70, events.size() - begin));
    NegativeBatch negatives;
    ASSERT_TRUE(draws->draw(batch, negatives).ok());
    for (size_t i = 0; i != batch.size(); ++i) {
      double other =
          run.witness.scoreOf(negatives.sources[i], negatives.destinations[i]);
      collector.add(run.witness.scoreOf(stream.source[batch[i]],
                                        stream.destination[batch[i]]),
                    std::span(&other, 1), false);
    }
    collector.endBatch();
  }
  LinkMetrics wanted = collector.result();
  const LinkMetrics &test = run.result.test.all;
  EXPECT_EQ(test.averagePrecision, wanted.averagePrecision);
  EXPECT_EQ(test.splitAreaUnderCurve, wanted.splitAreaUnderCurve);
  EXPECT_TRUE(std::isnan(test.meanReciprocalRank));
}

/// Ranks by definition, event by event.
TEST(Evaluator, RanksAmongAllOthers) {
  EventStream stream = test::makeRandomStream(60, 2000, 10, 0.6);
  Evaluation run(stream, optionsFor(ProtocolKind::Tgb), StateLag::Timestamp);
  const Split &split = run.protocol.split();
  double sum = 0, newSum = 0;
  int64_t within10 = 0;
  auto draws = run.protocol.negatives(EvaluationPart::Test);
  for (int32_t event : split.test) {
    NegativeBatch negatives;
    ASSERT_TRUE(draws->draw(std::span(&event, 1), negatives).ok());
    int32_t source = stream.source[event];
    double positive = run.witness.scoreOf(source, stream.destination[event]);
    double rank = 1;
    for (int32_t destination : negatives.destinations) {
      double other = run.witness.scoreOf(source, destination);
      rank += other > positive ? 1 : other == positive ? 0.5 : 0;
    }
    sum += 1 / rank;
    within10 += rank <= 10;
    if (std::binary_search(split.inductiveTest.begin(),
                           split.inductiveTest.end(), event))
      newSum += 1 / rank;
  }
  double count = static_cast<double>(split.test.size());
  EXPECT_NEAR(run.result.test.all.meanReciprocalRank, sum / count, 1e-12);
  EXPECT_NEAR(run.result.test.all.hits10, static_cast<double>(within10) / count,
              1e-12);
  EXPECT_EQ(run.result.test.newNodes.events, std::ssize(split.inductiveTest));
  if (!split.inductiveTest.empty())
    EXPECT_NEAR(run.result.test.newNodes.meanReciprocalRank,
                newSum / static_cast<double>(split.inductiveTest.size()),
                1e-12);
}

/// A model that follows the stream by itself.
class Follower : public Witness {
public:
  using Witness::Witness;
  std::unique_ptr<PairScorer> clone() const override { return nullptr; }
  Status advance(std::span<const int32_t> events) override { return Status(); }
};

TEST(Evaluator, WithoutACopyTheScorerItselfIsAskedAboutNewNodes) {
  EventStream stream = test::makeRandomStream(60, 2000, 9, 0.6);
  Protocol protocol =
      *Protocol::create(stream, optionsFor(ProtocolKind::Dyglib));
  auto record = std::make_shared<Witness::Record>();
  Follower follower(record);
  EvaluatorOptions options;
  options.validation = false;
  auto result = evaluateScorer(stream, protocol, follower, options);
  ASSERT_TRUE(result.ok()) << result.message();
  EXPECT_FALSE(result->validation);
  const Split &split = protocol.split();
  std::vector<int32_t> asked, wanted = split.test;
  wanted.insert(wanted.end(), split.inductiveTest.begin(),
                split.inductiveTest.end());
  for (const Question &question : record->questions)
    asked.push_back(question.event);
  EXPECT_EQ(asked, wanted);
  EXPECT_EQ(result->test.newNodes.events, std::ssize(split.inductiveTest));
}

TEST(Evaluator, ValidationMayBeLeftOut) {
  EventStream stream = test::makeRandomStream(60, 2000, 9, 0.6);
  Protocol protocol = *Protocol::create(stream, optionsFor(ProtocolKind::Tgb));
  auto whole = std::make_shared<Witness::Record>();
  auto part = std::make_shared<Witness::Record>();
  Witness first(whole), second(part);
  EvaluatorOptions testOnly;
  testOnly.validation = false;
  auto both = evaluateScorer(stream, protocol, first);
  auto test = evaluateScorer(stream, protocol, second, testOnly);
  ASSERT_TRUE(both.ok() && test.ok());
  EXPECT_EQ(both->test.all.meanReciprocalRank,
            test->test.all.meanReciprocalRank);
  EXPECT_EQ(whole->batches, part->batches);
  EXPECT_EQ(first.given, second.given);
  ASSERT_EQ(part->questions.size(), protocol.split().test.size());
  EXPECT_EQ(part->questions[0].given,
            protocol.split().train.size() + protocol.split().validation.size());
}

/// The questions of a sample as a run of all events has them, one of each seven
/// events of a part.
void expectSample(const std::vector<Question> &all,
                  const std::vector<Question> &sample,
                  std::span<const int32_t> part, int copy,
                  std::set<size_t> &places) {
  std::map<int32_t, const Question *> wanted;
  for (const Question &question : all)
    if (question.copy == copy)
      wanted[question.event] = &question;
  std::vector<int64_t> scored((part.size() + 6) / 7);
  for (const Question &question : sample) {
    auto place = std::ranges::find(part, question.event) - part.begin();
    if (question.copy != copy || place == std::ssize(part))
      continue;
    ASSERT_TRUE(wanted.contains(question.event));
    EXPECT_EQ(question.given, wanted[question.event]->given);
    EXPECT_EQ(question.last, wanted[question.event]->last);
    EXPECT_EQ(question.destinations, wanted[question.event]->destinations);
    ++scored[place / 7];
    places.insert(place % 7);
  }
  EXPECT_EQ(scored, std::vector<int64_t>(scored.size(), 1));
}

TEST(Evaluator, ASampleKnowsWhatAllWouldKnow) {
  EventStream stream = test::makeRandomStream(60, 2000, 9, 0.6);
  for (ProtocolKind kind :
       {ProtocolKind::Tgb, ProtocolKind::Orca, ProtocolKind::Dyglib})
    for (StateLag lag : {StateLag::Batch, StateLag::Timestamp}) {
      Protocol protocol = *Protocol::create(stream, optionsFor(kind));
      auto all = std::make_shared<Witness::Record>();
      auto some = std::make_shared<Witness::Record>();
      Witness first(all), second(some);
      auto whole = evaluateScorer(stream, protocol, first, {lag});
      auto sample = evaluateScorer(stream, protocol, second, {lag, true, 7});
      ASSERT_TRUE(whole.ok() && sample.ok());
      EXPECT_EQ(first.given, second.given);
      EXPECT_EQ(all->batches, some->batches);
      std::set<size_t> places;
      auto check = [&](EvaluationPart part, int copy) {
        expectSample(all->questions, some->questions, protocol.events(part),
                     copy, places);
      };
      check(EvaluationPart::Validation, 0);
      check(EvaluationPart::Test, 0);
      auto sampled = [](std::span<const int32_t> part) {
        return std::ssize(part) / 7 + (part.size() % 7 != 0);
      };
      EXPECT_EQ(sample->test.all.events,
                sampled(protocol.events(EvaluationPart::Test)));
      if (protocol.hasNewNodeParts()) {
        check(EvaluationPart::NewNodeValidation, 1);
        check(EvaluationPart::NewNodeTest, 2);
        EXPECT_EQ(sample->test.newNodes.events,
                  sampled(protocol.events(EvaluationPart::NewNodeTest)));
      } else {
        int64_t newNodes = 0;
        for (const Question &question : some->questions)
          newNodes += std::ranges::binary_search(
              protocol.newNodeEvents(EvaluationPart::Test), question.event);
        EXPECT_EQ(sample->test.newNodes.events, newNodes);
        EXPECT_EQ(newNodes > 0, kind == ProtocolKind::Orca);
      }
      // Wherever a batch has them.
      EXPECT_EQ(places.size(), 7u);
    }
}

/// Scores the pairs of one source by no number.
class NoNumbers : public Witness {
public:
  NoNumbers(std::shared_ptr<Record> record, int32_t of)
      : Witness(std::move(record)), of(of) {}
  double scoreOf(int32_t source, int32_t) const override {
    return source == of ? std::numeric_limits<double>::quiet_NaN() : 0.5;
  }

private:
  int32_t of;
};

TEST(Evaluator, ScoresMustBeNumbers) {
  EventStream stream = test::makeRandomStream(60, 1000, 11);
  Protocol protocol = *Protocol::create(stream, {});
  const std::vector<int32_t> &events = protocol.split().validation;
  int32_t of = stream.source[events[50]];
  auto first = std::ranges::find_if(
      events, [&](int32_t event) { return stream.source[event] == of; });
  ASSERT_NE(first, events.begin());
  NoNumbers scorer(std::make_shared<Witness::Record>(), of);
  auto result = evaluateScorer(stream, protocol, scorer);
  EXPECT_EQ(result.message(),
            "a score of event " + std::to_string(*first) +
                " or of one of its negatives is no number; a rank among such "
                "scores means nothing");
}

} // namespace
