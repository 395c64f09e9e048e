//===- StepTablesTest.cpp - Tables against a slow oracle ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include "StepTablesTesting.h"
#include "runtime/Abi/Abi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

std::vector<int32_t> integers(const StepTables &tables, int32_t handle,
                              Component component) {
  return column<int32_t>(tables, handle, component);
}

/// A stream with many ties, self-loops and repeated pairs.
EventStream randomStream(std::mt19937 &random, int32_t nodes, int64_t events) {
  EventStream stream;
  stream.nodeCount = nodes;
  double time = 0;
  for (int64_t event = 0; event != events; ++event) {
    time += random() % 3 == 0;
    stream.time.push_back(TimeScale().at(time));
    stream.source.push_back(random() % nodes);
    stream.destination.push_back(random() % 8 == 0 ? stream.source.back()
                                                   : random() % nodes);
  }
  return stream;
}

/// The state of nodes, kept as the paper's protocol says, one event at a time.
struct OracleState {
  std::map<int32_t, int32_t> pending;
  std::map<int32_t, Timestamp> lastUpdate;

  void post(const EventStream &stream, const std::map<int32_t, int32_t> &last) {
    for (auto [node, event] : last) {
      if (pending.contains(node))
        lastUpdate[node] = stream.time[pending[node]];
      pending[node] = event;
    }
  }
};

/// A frontier made with a std::map, from the tables that it reads.
struct OracleFrontier {
  std::vector<int32_t> nodes, self, neighbours;
  std::vector<Timestamp> times;

  OracleFrontier(const StepTables &tables, const EventStream &stream,
                 int32_t query, int32_t neighbourhood, int32_t k, int key) {
    auto queryNodes = integers(tables, query, Component::Nodes);
    auto queryTimes = column<Timestamp>(tables, query, Component::Times);
    auto around = integers(tables, neighbourhood, Component::Nodes);
    auto events = integers(tables, neighbourhood, Component::Events);
    auto counts = integers(tables, neighbourhood, Component::Counts);
    std::map<std::pair<int32_t, Timestamp>, int32_t> rows;
    auto insert = [&](int32_t node, Timestamp time) {
      auto [place, isNew] =
          rows.try_emplace({node, key == 2 ? Timestamp() : time},
                           static_cast<int32_t>(rows.size()));
      if (isNew) {
        nodes.push_back(node);
        times.push_back(time);
      }
      return place->second;
    };
    for (size_t each = 0; each != queryNodes.size(); ++each)
      self.push_back(insert(queryNodes[each], queryTimes[each]));
    neighbours.assign(queryNodes.size() * k, 0);
    for (size_t each = 0; each != queryNodes.size(); ++each)
      for (int32_t place = 0; place != counts[each]; ++place) {
        size_t flat = each * k + place;
        Timestamp time =
            key == 1 ? stream.time[events[flat]] : queryTimes[each];
        neighbours[flat] = insert(around[flat], time);
      }
  }
};

void expectInverse(const std::vector<int32_t> &offsets,
                   const std::vector<int32_t> &references,
                   const std::multimap<int32_t, int32_t> &expected,
                   size_t rows) {
  ASSERT_EQ(offsets.size(), rows + 1);
  EXPECT_EQ(offsets.front(), 0);
  EXPECT_EQ(offsets.back(), static_cast<int32_t>(references.size()));
  EXPECT_EQ(references.size(), expected.size());
  for (size_t row = 0; row != rows; ++row) {
    std::vector<int32_t> wanted;
    auto [begin, end] = expected.equal_range(static_cast<int32_t>(row));
    for (auto each = begin; each != end; ++each)
      wanted.push_back(each->second);
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(std::vector<int32_t>(references.begin() + offsets[row],
                                   references.begin() + offsets[row + 1]),
              wanted);
  }
}

void checkFrontier(const StepTables &tables, const EventStream &stream,
                   int32_t query, int32_t neighbourhood, int32_t frontier,
                   int32_t k, int key) {
  OracleFrontier oracle(tables, stream, query, neighbourhood, k, key);
  EXPECT_EQ(integers(tables, frontier, Component::Nodes), oracle.nodes);
  EXPECT_EQ(column<Timestamp>(tables, frontier, Component::Times),
            oracle.times);
  EXPECT_EQ(integers(tables, frontier, Component::Self), oracle.self);
  EXPECT_EQ(integers(tables, frontier, Component::Neighbours),
            oracle.neighbours);

  auto counts = integers(tables, neighbourhood, Component::Counts);
  std::multimap<int32_t, int32_t> queriesOfRow, placesOfRow;
  for (size_t each = 0; each != oracle.self.size(); ++each) {
    queriesOfRow.emplace(oracle.self[each], each);
    for (int32_t place = 0; place != counts[each]; ++place)
      placesOfRow.emplace(oracle.neighbours[each * k + place],
                          each * k + place);
  }
  expectInverse(integers(tables, frontier, Component::SelfOffsets),
                integers(tables, frontier, Component::SelfReferences),
                queriesOfRow, oracle.nodes.size());
  expectInverse(integers(tables, frontier, Component::ReferenceOffsets),
                integers(tables, frontier, Component::References), placesOfRow,
                oracle.nodes.size());
}

/// The first appearances of a query set, and who maps to each.
void checkDistinct(const StepTables &tables, int32_t query, int32_t distinct,
                   int key) {
  auto queryNodes = integers(tables, query, Component::Nodes);
  auto queryTimes = column<Timestamp>(tables, query, Component::Times);
  std::map<std::pair<int32_t, Timestamp>, int32_t> rowOf;
  std::vector<int32_t> nodes, self;
  std::vector<Timestamp> times;
  std::multimap<int32_t, int32_t> queriesOfRow;
  for (size_t each = 0; each != queryNodes.size(); ++each) {
    auto [place, isNew] = rowOf.try_emplace(
        {queryNodes[each], key == 2 ? Timestamp() : queryTimes[each]},
        static_cast<int32_t>(rowOf.size()));
    if (isNew) {
      nodes.push_back(queryNodes[each]);
      times.push_back(queryTimes[each]);
    }
    self.push_back(place->second);
    queriesOfRow.emplace(place->second, each);
  }
  EXPECT_EQ(integers(tables, distinct, Component::Nodes), nodes);
  EXPECT_EQ(column<Timestamp>(tables, distinct, Component::Times), times);
  EXPECT_EQ(integers(tables, distinct, Component::Self), self);
  expectInverse(integers(tables, distinct, Component::SelfOffsets),
                integers(tables, distinct, Component::SelfReferences),
                queriesOfRow, nodes.size());
}

void checkSample(const StepTables &tables, const EventStream &stream,
                 int32_t query, int32_t neighbourhood, int32_t k) {
  auto nodes = integers(tables, query, Component::Nodes);
  auto times = column<Timestamp>(tables, query, Component::Times);
  auto around = integers(tables, neighbourhood, Component::Nodes);
  auto events = integers(tables, neighbourhood, Component::Events);
  auto deltas = column<float>(tables, neighbourhood, Component::TimeDeltas);
  auto counts = integers(tables, neighbourhood, Component::Counts);
  for (size_t each = 0; each != nodes.size(); ++each) {
    std::vector<std::pair<int32_t, int32_t>> all;
    for (int32_t event = 0; event != stream.eventCount(); ++event) {
      if (stream.time[event] >= times[each])
        break;
      if (stream.source[event] == nodes[each])
        all.emplace_back(stream.destination[event], event);
      if (stream.destination[event] == nodes[each])
        all.emplace_back(stream.source[event], event);
    }
    int32_t count = std::min<int32_t>(all.size(), k);
    ASSERT_EQ(counts[each], count);
    for (int32_t place = 0; place != count; ++place) {
      size_t flat = each * k + place;
      auto [node, event] = all[all.size() - count + place];
      EXPECT_EQ(around[flat], node);
      EXPECT_EQ(events[flat], event);
      EXPECT_EQ(deltas[flat], float(stream.timeScale.difference(
                                  times[each], stream.time[event])));
    }
  }
}

void checkPending(const StepTables &tables, const EventStream &stream,
                  const OracleState &state, int32_t frontier, int32_t pending) {
  auto nodes = integers(tables, frontier, Component::Nodes);
  std::vector<int32_t> rows, pendingNodes, events;
  std::vector<float> deltas;
  for (size_t row = 0; row != nodes.size(); ++row) {
    auto found = state.pending.find(nodes[row]);
    if (found == state.pending.end())
      continue;
    auto last = state.lastUpdate.find(nodes[row]);
    rows.push_back(row);
    pendingNodes.push_back(nodes[row]);
    events.push_back(found->second);
    deltas.push_back(stream.timeScale.difference(
        stream.time[found->second],
        last == state.lastUpdate.end() ? Timestamp() : last->second));
  }
  EXPECT_EQ(integers(tables, pending, Component::Rows), rows);
  EXPECT_EQ(integers(tables, pending, Component::Nodes), pendingNodes);
  EXPECT_EQ(integers(tables, pending, Component::Events), events);
  EXPECT_EQ(column<float>(tables, pending, Component::TimeDeltas), deltas);
}

void checkElapsed(const StepTables &tables, const EventStream &stream,
                  const OracleState &state, int32_t query, int32_t elapsed) {
  auto nodes = integers(tables, query, Component::Nodes);
  auto times = column<Timestamp>(tables, query, Component::Times);
  std::vector<float> expected;
  for (size_t row = 0; row != nodes.size(); ++row) {
    Timestamp last;
    if (auto found = state.lastUpdate.find(nodes[row]);
        found != state.lastUpdate.end())
      last = found->second;
    if (auto found = state.pending.find(nodes[row]);
        found != state.pending.end())
      last = stream.time[found->second];
    expected.push_back(
        static_cast<float>(stream.timeScale.difference(times[row], last)));
  }
  EXPECT_EQ(column<float>(tables, elapsed, Component::TimeDeltas), expected);
}

/// Checks how often the nodes of the queries' sequences occur in their own and
/// in those of the `others`.
void checkCoOccurrence(const StepTables &tables, int32_t queries,
                       int32_t neighbourhood, int32_t others,
                       int32_t otherNeighbourhood, int32_t k, int32_t counts) {
  auto sequences = [&](int32_t handle, int32_t near) {
    std::vector<std::vector<int32_t>> result;
    auto around = integers(tables, near, Component::Nodes);
    auto valid = integers(tables, near, Component::Counts);
    for (int32_t node : integers(tables, handle, Component::Nodes)) {
      auto begin = around.begin() + result.size() * k;
      result.push_back({node});
      result.back().insert(result.back().end(), begin,
                           begin + valid[result.size() - 1]);
    }
    return result;
  };
  auto left = sequences(queries, neighbourhood);
  auto right = sequences(others, otherNeighbourhood);
  std::vector<float> own, other, ownShares, otherShares;
  std::vector<int32_t> lengths;
  auto share = [&](const std::vector<int32_t> &sequence, int32_t node) {
    return static_cast<float>(
               std::count(sequence.begin() + 1, sequence.end(), node)) /
           static_cast<float>(k);
  };
  for (size_t row = 0; row != left.size(); ++row) {
    lengths.push_back(static_cast<int32_t>(left[row].size()));
    for (int32_t node : left[row]) {
      own.push_back(static_cast<float>(std::ranges::count(left[row], node)));
      other.push_back(static_cast<float>(std::ranges::count(right[row], node)));
      for (auto [sequence, shares] : {std::pair(&left[row], &ownShares),
                                      std::pair(&right[row], &otherShares)}) {
        shares->push_back(static_cast<float>(sequence->front() == node));
        shares->push_back(share(*sequence, node));
      }
    }
    ownShares.resize((row + 1) * 2 * (k + 1));
    otherShares.resize((row + 1) * 2 * (k + 1));
    own.resize((row + 1) * (k + 1));
    other.resize((row + 1) * (k + 1));
  }
  EXPECT_EQ(column<float>(tables, counts, Component::Own), own);
  EXPECT_EQ(column<float>(tables, counts, Component::Other), other);
  EXPECT_EQ(column<float>(tables, counts, Component::OwnShares), ownShares);
  EXPECT_EQ(column<float>(tables, counts, Component::OtherShares), otherShares);
  EXPECT_EQ(integers(tables, neighbourhood, Component::SequenceCounts),
            lengths);
}

/// Checks the commit table and returns the event of each endpoint's message:
/// its latest or, with `destinationLast`, its latest as a destination before
/// any as a source.
std::map<int32_t, int32_t> checkCommit(const StepTables &tables,
                                       const EventStream &stream,
                                       std::span<const int32_t> batch,
                                       int32_t frontier, int32_t commit,
                                       bool destinationLast) {
  std::map<int32_t, int32_t> last;
  if (destinationLast) {
    for (int32_t event : batch)
      last[stream.source[event]] = event;
    for (int32_t event : batch)
      last[stream.destination[event]] = event;
  } else {
    for (int32_t event : batch)
      last[stream.source[event]] = last[stream.destination[event]] = event;
  }
  auto nodes = integers(tables, frontier, Component::Nodes);
  auto rowOf = [&](int32_t node) {
    return static_cast<int32_t>(std::find(nodes.begin(), nodes.end(), node) -
                                nodes.begin());
  };
  std::vector<int32_t> committed, selfRows, otherRows, otherQueries;
  for (auto [node, event] : last) {
    committed.push_back(node);
    selfRows.push_back(rowOf(node));
    otherRows.push_back(rowOf(stream.source[event] == node
                                  ? stream.destination[event]
                                  : stream.source[event]));
    auto place = std::find(batch.begin(), batch.end(), event) - batch.begin();
    otherQueries.push_back(static_cast<int32_t>(
        stream.source[event] == node ? batch.size() + place : place));
  }
  EXPECT_EQ(integers(tables, commit, Component::Nodes), committed);
  EXPECT_EQ(integers(tables, commit, Component::SelfRows), selfRows);
  EXPECT_EQ(integers(tables, commit, Component::OtherRows), otherRows);
  EXPECT_EQ(integers(tables, commit, Component::OtherQueries), otherQueries);
  return last;
}

class StepTablesTest : public testing::TestWithParam<int> {};

/// Runs the index work of a two-layer program over a whole stream.
TEST_P(StepTablesTest, AgreeWithTheOracle) {
  std::mt19937 random(GetParam());
  int32_t nodes = 2 + random() % 40;
  EventStream stream = randomStream(random, nodes, 150);
  TemporalGraph graph = TemporalGraph::build(stream);
  int32_t k = 1 + random() % 6;
  int key = GetParam() % 3;
  int messages = GetParam() / 3 % 2;
  size_t batchSize = 1 + random() % 20, negativesPerEvent = 1 + random() % 3;

  std::vector<int32_t> events(stream.eventCount());
  for (size_t event = 0; event != events.size(); ++event)
    events[event] = static_cast<int32_t>(event);
  IndexState index(nodes);
  OracleState oracle;
  StepTables tables;
  tables.bind(12, Component::SequenceCounts);
  tables.bind(14, Component::Own);
  tables.bind(14, Component::Other);
  tables.bind(14, Component::OwnShares);
  tables.bind(14, Component::OtherShares);
  for (size_t begin = 0; begin < events.size(); begin += batchSize) {
    auto batch = std::span<const int32_t>(events).subspan(
        begin, std::min(batchSize, events.size() - begin));
    std::vector<int32_t> negatives;
    for (size_t each = 0; each != negativesPerEvent * batch.size(); ++each)
      negatives.push_back(random() % nodes);
    StepInput input;
    input.stream = &stream;
    input.graph = &graph;
    input.state = &index;
    input.events = batch;
    input.negatives = negatives;
    tables.begin(input);
    orcinus_rt_targets(&tables, 0);
    orcinus_rt_sample(&tables, 0, 1, k, 0);
    orcinus_rt_frontier(&tables, 0, 1, 2, key);
    orcinus_rt_sample(&tables, 2, 3, k, 0);
    orcinus_rt_frontier(&tables, 2, 3, 4, 2);
    orcinus_rt_pending(&tables, 4, 5);
    orcinus_rt_pair_ends(&tables, 0, 9, 10);
    orcinus_rt_pairs(&tables, 11);
    orcinus_rt_sample(&tables, 9, 12, k, 0);
    orcinus_rt_sample(&tables, 10, 13, k, 0);
    orcinus_rt_co_occurrence(&tables, 9, 12, 10, 13, 14);
    // Before the batch is committed.
    orcinus_rt_elapsed(&tables, 2, 8);
    orcinus_rt_commit(&tables, 4, 6, messages);
    orcinus_rt_distinct(&tables, 2, 7, key);
    orcinus_rt_distinct(&tables, 2, 15, 2);
    Status status = tables.finish();
    ASSERT_TRUE(status.ok()) << status.message();

    // The distinct nodes of a frontier's queries are its first rows, which
    // `tgnn-share-queries` counts on.
    auto below = integers(tables, 4, Component::Nodes);
    auto own = integers(tables, 15, Component::Nodes);
    ASSERT_LE(own.size(), below.size());
    EXPECT_TRUE(std::equal(own.begin(), own.end(), below.begin()));
    EXPECT_EQ(integers(tables, 15, Component::Self),
              integers(tables, 4, Component::Self));

    auto targets = integers(tables, 0, Component::Nodes);
    size_t pairs = batch.size() + negatives.size();
    ASSERT_EQ(targets.size(), batch.size() + pairs);
    for (size_t each = 0; each != batch.size(); ++each) {
      EXPECT_EQ(targets[each], stream.source[batch[each]]);
      EXPECT_EQ(targets[batch.size() + each], stream.destination[batch[each]]);
    }
    EXPECT_TRUE(std::equal(negatives.begin(), negatives.end(),
                           targets.begin() + 2 * batch.size()));
    auto sources = integers(tables, 9, Component::Nodes);
    auto destinations = integers(tables, 10, Component::Nodes);
    auto sourceRows = integers(tables, 11, Component::Sources);
    auto destinationRows = integers(tables, 11, Component::Destinations);
    auto labels = integers(tables, 11, Component::Labels);
    for (const auto *each :
         {&sources, &destinations, &sourceRows, &destinationRows, &labels})
      ASSERT_EQ(each->size(), pairs);
    for (size_t pair = 0; pair != pairs; ++pair) {
      size_t each = pair % batch.size();
      bool met = pair == each;
      EXPECT_EQ(labels[pair], met);
      EXPECT_EQ(sources[pair], stream.source[batch[each]]);
      EXPECT_EQ(destinations[pair], met ? stream.destination[batch[each]]
                                        : negatives[pair - batch.size()]);
      EXPECT_EQ(targets[sourceRows[pair]], sources[pair]);
      EXPECT_EQ(targets[destinationRows[pair]], destinations[pair]);
      for (int32_t end : {9, 10})
        EXPECT_EQ(column<Timestamp>(tables, end, Component::Times)[pair],
                  stream.time[batch[each]]);
    }
    checkSample(tables, stream, 0, 1, k);
    checkFrontier(tables, stream, 0, 1, 2, k, key);
    checkSample(tables, stream, 2, 3, k);
    checkFrontier(tables, stream, 2, 3, 4, k, 2);
    checkDistinct(tables, 2, 7, key);
    checkPending(tables, stream, oracle, 4, 5);
    checkElapsed(tables, stream, oracle, 2, 8);
    checkCoOccurrence(tables, 9, 12, 10, 13, k, 14);
    oracle.post(stream,
                checkCommit(tables, stream, batch, 4, 6, messages == 1));
    EXPECT_EQ(tables.sampledQueries().size(), 4u);
  }
}

INSTANTIATE_TEST_SUITE_P(Streams, StepTablesTest, testing::Range(0, 30));

TEST(StepTablesOfUseTest, EventsWithoutNegativesAndPairsOfQueries) {
  std::mt19937 random(5);
  EventStream stream = randomStream(random, 6, 20);
  TemporalGraph graph = TemporalGraph::build(stream);
  IndexState state(6);
  std::vector<int32_t> events = {3, 4, 5};
  StepInput input;
  input.stream = &stream;
  input.graph = &graph;
  input.state = &state;
  input.events = events;
  StepTables tables;
  tables.begin(input);
  orcinus_rt_targets(&tables, 0);
  ASSERT_TRUE(tables.finish().ok());
  std::vector<int32_t> ends;
  for (const auto *side : {&stream.source, &stream.destination})
    for (int32_t event : events)
      ends.push_back((*side)[event]);
  EXPECT_EQ(integers(tables, 0, Component::Nodes), ends);
  EXPECT_EQ(integers(tables, 0, Component::Roles),
            (std::vector<int32_t>{0, 0, 0, 1, 1, 1}));
  auto times = column<Timestamp>(tables, 0, Component::Times);
  ASSERT_EQ(times.size(), 6u);
  for (size_t row = 0; row != 6; ++row)
    EXPECT_EQ(times[row], stream.time[events[row % 3]]);

  std::vector<int32_t> nodes = {2, 5, 1}, sources = {0, 0}, others = {1, 2};
  std::vector<Timestamp> at(3, stream.time.back());
  input.events = {};
  input.queryNodes = nodes;
  input.queryTimes = at;
  input.pairSources = sources;
  input.pairDestinations = others;
  input.destinationQueries = 2;
  tables.begin(input);
  orcinus_rt_targets(&tables, 0);
  orcinus_rt_pairs(&tables, 1);
  orcinus_rt_pair_ends(&tables, 0, 2, 3);
  ASSERT_TRUE(tables.finish().ok());
  EXPECT_EQ(integers(tables, 0, Component::Nodes), nodes);
  EXPECT_EQ(integers(tables, 1, Component::Sources), sources);
  EXPECT_EQ(integers(tables, 1, Component::Destinations), others);
  EXPECT_EQ(tables.find(1, Component::Labels), nullptr);
  EXPECT_EQ(integers(tables, 0, Component::Roles),
            (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(integers(tables, 2, Component::Nodes),
            (std::vector<int32_t>{2, 2}));
  EXPECT_EQ(integers(tables, 3, Component::Nodes),
            (std::vector<int32_t>{5, 1}));
}

class StepTablesErrorTest : public testing::Test {
protected:
  StepTablesErrorTest()
      : stream(randomStream(random, 10, 40)),
        graph(TemporalGraph::build(stream)), index(10) {
    StepInput input;
    input.stream = &stream;
    input.graph = &graph;
    input.state = &index;
    input.events = events;
    input.negatives = negatives;
    tables.begin(input);
    tables.targets(0);
    tables.sample(0, 1, 3, 0);
  }

  void expectError(const char *words) {
    Status status = tables.finish();
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.message().find(words), std::string::npos)
        << status.message();
  }

  std::mt19937 random{7};
  EventStream stream;
  TemporalGraph graph;
  IndexState index;
  std::vector<int32_t> events{30, 31};
  std::vector<int32_t> negatives{1, 2};
  StepTables tables;
};

TEST_F(StepTablesErrorTest, UnknownHandle) {
  tables.sample(9, 2, 3, 0);
  expectError("handle 9 is not what sample takes");
}

TEST_F(StepTablesErrorTest, HandleOutOfRange) {
  tables.frontier(0, 1, -1, 0);
  expectError("handle -1 is out of range");
}

TEST_F(StepTablesErrorTest, HandleDefinedTwice) {
  tables.frontier(0, 1, 1, 0);
  expectError("handle 1 is defined twice");
}

TEST_F(StepTablesErrorTest, WrongKindOfTable) {
  tables.frontier(1, 0, 2, 0);
  expectError("handle 1 is not what frontier takes");
}

TEST_F(StepTablesErrorTest, CommitWithoutNodeKeys) {
  tables.frontier(0, 1, 2, 0);
  tables.commit(2, 3, 0);
  expectError("not keyed by node");
}

TEST_F(StepTablesErrorTest, CommitOfUnknownMessages) {
  tables.frontier(0, 1, 2, 2);
  tables.commit(2, 3, 2);
  expectError("commit with the message choice 2");
}

TEST_F(StepTablesErrorTest, NeighbourhoodOfOtherQueries) {
  tables.frontier(0, 1, 2, 0);
  tables.frontier(2, 1, 3, 0);
  expectError("is not one of query set 2");
}

TEST_F(StepTablesErrorTest, SequencesOfDifferentQueries) {
  tables.pairEnds(0, 2, 3);
  tables.sample(2, 4, 3, 0);
  tables.coOccurrence(2, 4, 0, 1, 5);
  expectError("co_occurrence of 4 and 6 queries with 4 and 6 neighbourhoods");
}

TEST_F(StepTablesErrorTest, BoundTableThatWasNotMade) {
  ASSERT_NE(tables.bind(5, Component::Rows), nullptr);
  expectError("did not make the table 5.rows");
}

TEST_F(StepTablesErrorTest, TablesOfPlugins) {
  IndexWork &work = tables;
  auto counts = work.makeTable<float>(6, "window_counts", 2);
  ASSERT_EQ(counts.size(), 2u);
  counts[0] = 3;
  counts[1] = 4;
  EXPECT_EQ(work.makeTable<int32_t>(6, "window_pairs", 2, 3).size(), 6u);
  auto component = Component::declare("window_pairs");
  ASSERT_TRUE(component);
  EXPECT_THAT(tables.find(6, *component)->shape(), testing::ElementsAre(2, 3));
  EXPECT_THAT(column<float>(tables, 6, *Component::declare("window_counts")),
              testing::ElementsAre(3, 4));
  EXPECT_TRUE(tables.finish().ok());
  EXPECT_TRUE(work.makeTable<float>(6, "window_counts", 2).empty());
  expectError("table 'window_counts' of handle 6");
}

TEST_F(StepTablesErrorTest, TablesOfWhatTheRuntimeMade) {
  IndexWork &work = tables;
  EXPECT_TRUE(work.makeTable<int32_t>(1, "window_counts", 2).empty());
  expectError("table 'window_counts' of handle 1");
}

TEST_F(StepTablesErrorTest, NeighbourhoodWithoutNeighbours) {
  IndexWork &work = tables;
  EXPECT_FALSE(work.makeNeighbourhood(6, 10, 0));
  expectError("0 neighbours of 10 queries");
}

TEST_F(StepTablesErrorTest, FailureOfAPlugin) {
  IndexWork &work = tables;
  work.fail("there is no window");
  work.fail("nor a wall");
  expectError("there is no window");
}

TEST_F(StepTablesErrorTest, StaleTablesAreNotFound) {
  EXPECT_NE(tables.find(1, Component::Nodes), nullptr);
  StepInput input;
  tables.begin(input);
  EXPECT_EQ(tables.find(1, Component::Nodes), nullptr);
}

/// Which targets are labelled, both ways, and what the labels say.
TEST(StepTables, LabelsNameTargets) {
  std::mt19937 random(5);
  EventStream stream = randomStream(random, 9, 30);
  StepTables tables;
  for (int32_t labels : {0, 1, 12}) {
    StepInput input;
    input.stream = &stream;
    std::vector<int32_t> events = {3, 4, 5, 6}, nodes = {2, 8};
    std::vector<Timestamp> times = {stream.time[7], stream.time[9]};
    input.events = events;
    input.queryNodes = nodes;
    input.queryTimes = times;
    std::vector<int32_t> rows, others, ofEvents;
    std::vector<float> values;
    for (int32_t label = 0; label != labels; ++label) {
      rows.push_back(static_cast<int32_t>(random() % 10));
      others.push_back(static_cast<int32_t>(random() % 10));
      ofEvents.push_back(events[label % 4]);
      values.insert(values.end(), {float(label), -1});
    }
    input.labelledRows = rows;
    input.otherLabelledRows = others;
    input.labelledEvents = ofEvents;
    input.labelValues = values;
    input.labelColumns = 2;
    tables.begin(input);
    tables.targets(0);
    tables.labels(1, 2, 3, 2);
    ASSERT_TRUE(tables.finish().ok());
    EXPECT_EQ(integers(tables, 0, Component::Nodes).size(), 10u);
    EXPECT_EQ(integers(tables, 0, Component::Nodes)[9], 8);
    EXPECT_EQ(integers(tables, 1, Component::Self), rows);
    EXPECT_EQ(integers(tables, 2, Component::Self), others);
    EXPECT_EQ(integers(tables, 3, Component::Events), ofEvents);
    EXPECT_EQ(column<float>(tables, 3, Component::Values), values);
    for (int32_t handle : {1, 2}) {
      auto self = integers(tables, handle, Component::Self);
      auto offsets = integers(tables, handle, Component::SelfOffsets);
      auto references = integers(tables, handle, Component::SelfReferences);
      ASSERT_EQ(offsets.size(), 11u);
      for (int32_t target = 0; target != 10; ++target) {
        std::vector<int32_t> wanted;
        for (int32_t label = 0; label != labels; ++label)
          if (self[label] == target)
            wanted.push_back(label);
        EXPECT_EQ(std::vector(references.begin() + offsets[target],
                              references.begin() + offsets[target + 1]),
                  wanted);
      }
    }
  }
  // The program's labels have other numbers than the run's.
  StepInput input;
  input.stream = &stream;
  std::vector<int32_t> zero = {0};
  std::vector<float> value = {1};
  input.labelledRows = input.otherLabelledRows = input.labelledEvents = zero;
  input.labelValues = value;
  input.labelColumns = 1;
  input.queryNodes = zero;
  input.queryTimes = std::span(stream.time).first(1);
  tables.begin(input);
  tables.labels(1, 2, 3, 2);
  EXPECT_NE(tables.finish().message().find("labels of 2 numbers, which have 1"),
            std::string::npos);
}

} // namespace
