//===- MailboxTest.cpp - Mailboxes against lists of mails -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/Abi.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/StateSections.h"

#include "StepTablesTesting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// A mail of one number, as the rules say it: a list a node, latest first.
class ListedMails {
public:
  struct Mail {
    double content, time;
  };

  ListedMails(int32_t nodes, const MailboxOptions &options)
      : boxes(nodes), options(options) {}

  /// What the end of an event writes.
  static double contentOf(int32_t event, bool isDestination) {
    return 1 + 2 * event + isDestination;
  }

  void deliver(const EventStream &stream, std::span<const int32_t> events) {
    for (size_t node = 0; node != boxes.size(); ++node) {
      std::vector<Mail> reaching;
      for (int32_t event : events)
        for (bool isDestination : {false, true})
          if (reaches(stream, event, isDestination, node))
            reaching.push_back(
                {contentOf(event, isDestination), stream.seconds(event)});
      keep(boxes[node], reaching);
    }
  }

  std::vector<std::deque<Mail>> boxes;

private:
  bool reaches(const EventStream &stream, int32_t event, bool isDestination,
               size_t node) const {
    auto end = static_cast<size_t>(isDestination ? stream.destination[event]
                                                 : stream.source[event]);
    if (end == node)
      return true;
    // The others of the end's events before, back to the oldest that counts;
    // a self-loop is two of its node's.
    int left = options.neighbours;
    for (int32_t other = event - 1; other >= 0; --other) {
      if (stream.time[other] >= stream.time[event])
        continue;
      size_t ends[] = {static_cast<size_t>(stream.source[other]),
                       static_cast<size_t>(stream.destination[other])};
      for (int side : {0, 1})
        if (ends[side] == end && left-- > 0 && ends[1 - side] == node)
          return true;
    }
    return false;
  }

  void keep(std::deque<Mail> &box, const std::vector<Mail> &reaching) const {
    if (reaching.empty())
      return;
    if (options.keep == MailKeep::Mean) {
      Mail mean = {0, reaching.back().time};
      for (const Mail &mail : reaching)
        mean.content += mail.content / reaching.size();
      box.push_front(mean);
    } else if (options.keep == MailKeep::Last) {
      box.push_front(reaching.back());
    } else {
      for (const Mail &mail : reaching)
        box.push_front(mail);
    }
    while (box.size() > static_cast<size_t>(options.slots))
      box.pop_back();
  }

  MailboxOptions options;
};

/// The index side with an array of mails of one number, which are written as
/// the tables say.
class MailboxTest : public testing::TestWithParam<int> {
protected:
  MailboxTest() : random(GetParam()) {
    options.slots = 1 + random() % 4;
    options.neighbours = random() % 5;
    options.keep = static_cast<MailKeep>(GetParam() % 3);
    nodes = 2 + random() % 12;
    stream = randomEvents(random, nodes, 90, 3);
    graph = TemporalGraph::build(stream);
    index = IndexState(nodes);
    index.mailboxes.emplace_back(nodes, options);
    stored.resize(nodes * options.slots);
  }

  StepInput input() {
    StepInput result;
    result.stream = &stream;
    result.graph = &graph;
    result.state = &index;
    return result;
  }

  void deliver(std::span<const int32_t> events) {
    StepInput of = input();
    of.events = events;
    tables.begin(of);
    orcinus_rt_targets(&tables, 0);
    orcinus_rt_deliver(&tables, 1, 1);
    ASSERT_TRUE(tables.finish().ok());
    auto integers = [&](int32_t handle, Component component) {
      return column<int32_t>(tables, handle, component);
    };
    auto targets = integers(0, Component::Nodes);
    auto own = integers(1, Component::SelfRows);
    auto others = integers(1, Component::OtherRows);
    auto sent = integers(1, Component::Events);
    std::vector<double> mails;
    for (size_t mail = 0; mail != sent.size(); ++mail) {
      bool isDestination = mail >= events.size();
      EXPECT_EQ(sent[mail], events[mail % events.size()]);
      int32_t source = stream.source[sent[mail]];
      int32_t destination = stream.destination[sent[mail]];
      EXPECT_EQ(targets[own[mail]], isDestination ? destination : source);
      EXPECT_EQ(targets[others[mail]], isDestination ? source : destination);
      mails.push_back(ListedMails::contentOf(sent[mail], isDestination));
    }
    auto rows = integers(1, Component::Rows);
    auto offsets = integers(1, Component::ReferenceOffsets);
    auto references = integers(1, Component::References);
    ASSERT_EQ(offsets.size(), rows.size() + 1);
    ASSERT_EQ(offsets.back(), std::ssize(references));
    for (size_t row = 0; row != rows.size(); ++row) {
      double sum = 0;
      for (int32_t at = offsets[row]; at != offsets[row + 1]; ++at)
        sum += mails[references[at]];
      stored[rows[row]] = sum / (offsets[row + 1] - offsets[row]);
    }
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
  }

  void expectMails(const ListedMails &expected, double now) {
    std::vector<int32_t> all(nodes);
    std::iota(all.begin(), all.end(), 0);
    std::vector<Timestamp> times(nodes, stream.timeScale.at(now));
    StepInput of = input();
    of.queryNodes = all;
    of.queryTimes = times;
    tables.begin(of);
    orcinus_rt_targets(&tables, 0);
    orcinus_rt_mails(&tables, 0, 1, 1);
    ASSERT_TRUE(tables.finish().ok());
    auto rows = column<int32_t>(tables, 1, Component::Rows);
    auto ages = column<float>(tables, 1, Component::TimeDeltas);
    auto counts = column<int32_t>(tables, 1, Component::Counts);
    for (int32_t node = 0; node != nodes; ++node) {
      const auto &box = expected.boxes[node];
      ASSERT_EQ(counts[node], std::ssize(box)) << node;
      for (int32_t place = 0; place != options.slots; ++place) {
        int32_t at = node * options.slots + place;
        bool isMail = place < counts[node];
        EXPECT_NEAR(stored[rows[at]], isMail ? box[place].content : 0, 1e-9);
        EXPECT_EQ(ages[at], isMail ? now - box[place].time : 0);
        EXPECT_EQ(rows[at] / options.slots, node);
      }
    }
  }

  std::mt19937 random;
  MailboxOptions options;
  int32_t nodes = 0;
  EventStream stream;
  TemporalGraph graph;
  IndexState index;
  StepTables tables;
  std::vector<double> stored;
};

TEST_P(MailboxTest, HoldsWhatTheRulesSay) {
  ListedMails expected(nodes, options);
  std::vector<int32_t> events(stream.eventCount());
  std::iota(events.begin(), events.end(), 0);
  expectMails(expected, 100);
  for (size_t begin = 0; begin < events.size(); begin += 11) {
    auto batch = std::span<const int32_t>(events).subspan(
        begin, std::min<size_t>(11, events.size() - begin));
    deliver(batch);
    expected.deliver(stream, batch);
    expectMails(expected, stream.seconds(batch.back()) + begin);
  }
  index.reset();
  std::ranges::fill(stored, 0);
  expectMails(ListedMails(nodes, options), 1000);
}

// A mailbox that grows is one that was there whole.
TEST_P(MailboxTest, GrowsWithNodesThatHaveNoMail) {
  std::vector<int32_t> early;
  for (int32_t event = 0; event != stream.eventCount(); ++event)
    if (stream.source[event] < nodes / 2 &&
        stream.destination[event] < nodes / 2)
      early.push_back(event);
  std::vector<uint8_t> keep(stream.eventCount());
  for (int32_t event : early)
    keep[event] = 1;
  graph = TemporalGraph::build(stream, keep);
  index.mailboxes[0] = Mailbox(std::max(nodes / 2, 1), options);
  Mailbox whole(nodes, options);
  Deliveries deliveries;
  for (Mailbox *each : {&index.mailboxes[0], &whole})
    each->deliver(stream, graph, early, deliveries);
  index.growNodes(nodes);
  EXPECT_TRUE(
      std::ranges::equal(index.mailboxes[0].mailsGiven(), whole.mailsGiven()));
  EXPECT_TRUE(
      std::ranges::equal(index.mailboxes[0].sendTimes(), whole.sendTimes()));
}

// A file's mails are looked at before they are taken.
TEST_P(MailboxTest, MailsThatNoEventsSentAreRefused) {
  std::vector<int32_t> events(stream.eventCount());
  std::iota(events.begin(), events.end(), 0);
  Mailbox &mailbox = index.mailboxes[0];
  Deliveries deliveries;
  mailbox.deliver(stream, graph, std::span(events).first(45), deliveries);
  mailbox.deliver(stream, graph, std::span(events).subspan(45), deliveries);
  auto check = [&] { return checkIndex(index, stream, "file", "index:"); };
  ASSERT_TRUE(check().ok()) << check().message();
  auto expectRefused = [&] {
    Status status = check();
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.message().find("mails that no events sent"),
              std::string::npos)
        << status.message();
  };
  int32_t node = stream.source[0];
  int64_t &given = mailbox.mailsGiven()[node];
  int64_t before = std::exchange(given, -1);
  expectRefused();
  given = before;
  Timestamp &latest = mailbox.sendTimes()[mailbox.row(node, 0)];
  Timestamp sent = std::exchange(latest, stream.timeScale.at(1e6));
  expectRefused();
  // Earlier than the one before it.
  latest = Timestamp();
  if (mailbox.count(node) > 1)
    expectRefused();
  latest = sent;
  given = 0;
  expectRefused();
  given = before;
  EXPECT_TRUE(check().ok());
}

INSTANTIATE_TEST_SUITE_P(Streams, MailboxTest, testing::Range(0, 24));

TEST(MailboxErrorTest, WrongNumbersAreReported) {
  EventStream stream;
  TemporalGraph graph;
  IndexState index(3);
  index.mailboxes.emplace_back(3, MailboxOptions());
  StepInput input;
  input.stream = &stream;
  input.graph = &graph;
  input.state = &index;
  StepTables tables;
  for (int32_t number : {0, 2}) {
    tables.begin(input);
    orcinus_rt_deliver(&tables, 0, number);
    Status status = tables.finish();
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.message().find("deliver of mailbox " +
                                    std::to_string(number) +
                                    ", which there is not"),
              std::string::npos)
        << status.message();
  }
}

} // namespace
