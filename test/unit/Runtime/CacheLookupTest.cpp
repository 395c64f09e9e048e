//===- CacheLookupTest.cpp - Reuse decisions against a slow oracle --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReusePlanner.h"
#include "runtime/Prepare/StepTables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <vector>

using namespace orcinus;

namespace {

constexpr int32_t nodeCount = 40;
constexpr int32_t k = 4;
constexpr int32_t eventCount = 300;
constexpr int32_t batchSize = 12;

template <typename T>
std::span<T> column(const StepTables &tables, int32_t handle,
                    Component component) {
  const Table *table = tables.find(handle, component);
  EXPECT_NE(table, nullptr) << component.name();
  if (!table)
    return {};
  auto values = table->values<std::remove_const_t<T>>();
  return {const_cast<T *>(values.data()), values.size()};
}

/// With many events at one time, unless `distinct`.
EventStream randomStream(std::mt19937 &random, bool distinct = false) {
  EventStream stream;
  stream.nodeCount = nodeCount;
  double time = 0;
  for (int32_t event = 0; event != eventCount; ++event) {
    time += distinct ? 1 : random() % 2;
    stream.time.push_back(TimeScale().at(time));
    stream.source.push_back(random() % nodeCount);
    stream.destination.push_back(random() % nodeCount);
  }
  return stream;
}

enum class Keeper { All, Ring, Online, Planned };

struct Setting {
  NeighbourTime key;
  bool recomputes;
  RowSharing sharing;
  Keeper keeper;
  int32_t capacity;
  int32_t maxAge;
};

void PrintTo(const Setting &setting, std::ostream *stream) {
  *stream << (setting.key == NeighbourTime::Event ? "events" : "nodes")
          << (setting.recomputes ? ", recompute" : ", zeros") << ", sharing "
          << static_cast<int>(setting.sharing) << ", keeper "
          << static_cast<int>(setting.keeper) << " of " << setting.capacity
          << ", age limit " << setting.maxAge;
}

/// The embedding of (node, time), named instead of computed.
using Embedding = std::pair<int32_t, Timestamp>;

/// Drives lookups as a compiled program does, with a store of named embeddings,
/// and checks what every neighbour reads.
class Driver {
public:
  Driver(const Setting &setting, unsigned seed, bool distinctTimes = false)
      : setting(setting), random(seed),
        stream(randomStream(random, distinctTimes)),
        graph(TemporalGraph::build(stream)) {
    for (int32_t event = 0; event != eventCount; ++event)
      events.push_back(event);
    caches.push_back(std::make_unique<CacheIndex>(
        setting.key, setting.recomputes, keyCount(stream, setting.key),
        createReplacer()));
    store.resize(caches[0]->rowCount());
  }

  void run() {
    for (int32_t first = 0; first + batchSize <= eventCount;
         first += batchSize) {
      prepare(first);
      std::vector<Embedding> fresh = freshRows();
      checkReads(fresh);
      push(fresh);
      ++batch;
      counts += tables.reuse();
      if (testing::Test::HasFailure())
        return;
    }
  }

  ReuseCounts counts, expected;

private:
  std::unique_ptr<CacheReplacer> createReplacer() {
    PolicyOptions policy{PolicyKind::LeastRecentlyUsed, setting.capacity,
                         setting.maxAge, 0};
    switch (setting.keeper) {
    case Keeper::All:
      return createUnboundedReplacer(keyCount(stream, setting.key));
    case Keeper::Ring:
      return createRingReplacer(stream, graph, k);
    case Keeper::Online:
      return createOnlineReplacer(policy);
    case Keeper::Planned:
      break;
    }
    policy.kind = PolicyKind::MinimumReuseDistance;
    ReusePlanOptions options;
    options.policy = policy;
    options.batchSize = batchSize;
    options.neighbours = k;
    options.recomputesMisses = setting.recomputes;
    options.neighbourTime = setting.key;
    options.separate = isSeparate();
    auto plan = planReuse(stream, graph, events, options);
    EXPECT_TRUE(plan.ok()) << plan.message();
    return createPlannedReplacer(plan->traces[0], plan->caches[0],
                                 setting.capacity);
  }

  void prepare(int32_t first) {
    negatives.resize(batchSize);
    for (int32_t &negative : negatives)
      negative = random() % nodeCount;
    StepInput input;
    input.stream = &stream;
    input.graph = &graph;
    input.caches = caches;
    input.events = std::span(events).subspan(first, batchSize);
    input.negatives = negatives;
    batchEvents = input.events;
    tables.begin(input);
    tables.targets(0);
    tables.sample(0, 1, k, 0);
    tables.cacheCandidates(0, 1, 2, 1, static_cast<int32_t>(setting.sharing));
    lookUp();
    tables.cacheResolve(0, 1, 2, 1);
    ASSERT_TRUE(tables.finish().ok()) << tables.finish().message();
  }

  std::span<int32_t> part(int32_t number) {
    const MemrefDescriptor &buffer = tables.cacheBuffer(1, number);
    return {static_cast<int32_t *>(buffer.aligned),
            static_cast<size_t>(buffer.sizesAndStrides[0])};
  }

  /// As the function @m1_look_up of compiled programs.
  void lookUp() {
    auto keys = column<const int32_t>(tables, 2, Component::CandidateKeys);
    auto slots = column<int32_t>(tables, 2, Component::CandidateSlots);
    for (size_t at = 0; at != keys.size(); ++at) {
      int32_t slot = part(0)[keys[at]];
      bool isYoung =
          slot >= 0 && tables.cacheBatch(1) - part(1)[slot] <= setting.maxAge;
      slots[at] = isYoung ? slot : -1;
    }
  }

  std::vector<Embedding> freshRows() {
    auto nodes = column<const int32_t>(tables, 2, Component::Nodes);
    auto times = column<const Timestamp>(tables, 2, Component::Times);
    std::vector<Embedding> rows;
    for (size_t row = 0; row != nodes.size(); ++row)
      rows.push_back({nodes[row], times[row]});
    // Two events at one time may have one node's embedding under two keys.
    if (setting.key == NeighbourTime::Query && !isSeparate())
      EXPECT_EQ(std::set<Embedding>(rows.begin(), rows.end()).size(),
                rows.size());
    return rows;
  }

  /// What a neighbour among the batch's queries reads.
  std::optional<Embedding> sharedWith(int32_t node, Timestamp eventTime,
                                      Timestamp time) {
    auto nodes = column<const int32_t>(tables, 0, Component::Nodes);
    auto times = column<const Timestamp>(tables, 0, Component::Times);
    std::optional<Embedding> result;
    if (isSeparate())
      return result;
    for (size_t row = 0; row != nodes.size(); ++row) {
      bool fits = setting.key == NeighbourTime::Event ? times[row] == eventTime
                  : isCausal()                        ? times[row] <= time
                                                      : true;
      if (nodes[row] == node && fits &&
          (!result || times[row] > result->second))
        result = {node, times[row]};
    }
    return result;
  }

  int32_t keyOf(int32_t node, int32_t event) {
    return setting.key == NeighbourTime::Event ? eventKey(stream, event, node)
                                               : node;
  }

  void checkReads(const std::vector<Embedding> &fresh) {
    auto queryNodes = column<const int32_t>(tables, 0, Component::Nodes);
    auto queryTimes = column<const Timestamp>(tables, 0, Component::Times);
    auto neighbours = column<const int32_t>(tables, 1, Component::Nodes);
    auto sampled = column<const int32_t>(tables, 1, Component::Events);
    auto valid = column<const int32_t>(tables, 1, Component::Counts);
    auto self = column<const int32_t>(tables, 2, Component::Self);
    auto rows = column<const int32_t>(tables, 2, Component::Neighbours);
    auto cached = column<const int32_t>(tables, 2, Component::CachedRows);
    auto offsets =
        column<const int32_t>(tables, 2, Component::ReferenceOffsets);
    ASSERT_EQ(offsets.size(), fresh.size() + cached.size() + 1);
    std::set<int32_t> missed, hit;
    recomputedTimes.clear();
    for (size_t query = 0; query != queryNodes.size(); ++query) {
      EXPECT_EQ(fresh[self[query]],
                Embedding(queryNodes[query], queryTimes[query]));
      for (int32_t place = 0; place != valid[query]; ++place) {
        size_t flat = query * k + place;
        int32_t node = neighbours[flat], event = sampled[flat];
        int32_t row = rows[flat], key = keyOf(node, event);
        bool isFresh = row < static_cast<int32_t>(fresh.size());
        ++expected.reads;
        if (auto shared =
                sharedWith(node, stream.time[event], queryTimes[query])) {
          ++expected.inBatchReads;
          ASSERT_TRUE(isFresh);
          EXPECT_EQ(fresh[row], *shared);
          continue;
        }
        ++expected.outOfBatchReads;
        auto entry = mirror.find(key);
        bool isCached = entry != mirror.end() &&
                        batch - entry->second.batch <= setting.maxAge;
        if (isCached) {
          ASSERT_FALSE(isFresh);
          EXPECT_EQ(store[cached[row - fresh.size()]], entry->second.embedding);
          ++expected.hits;
          hit.insert(key);
          int64_t age = batch - entry->second.batch;
          expected.ageSum += age;
          expected.maxAge = std::max(expected.maxAge, age);
          continue;
        }
        missed.insert(key);
        if (!setting.recomputes) {
          ASSERT_FALSE(isFresh);
          EXPECT_EQ(cached[row - fresh.size()], caches[0]->zeroRow());
          continue;
        }
        ASSERT_TRUE(isFresh);
        EXPECT_EQ(fresh[row].first, node);
        Timestamp wanted = setting.key == NeighbourTime::Event
                               ? stream.time[event]
                               : queryTimes[query];
        Timestamp &time =
            recomputedTimes.try_emplace(key, wanted).first->second;
        time = isCausal() ? std::min(time, wanted) : std::max(time, wanted);
        rowOfRecomputed[key] = row;
      }
    }
    for (auto [key, time] : recomputedTimes)
      EXPECT_EQ(fresh[rowOfRecomputed[key]].second, time);
    expected.uniqueOutOfBatchReads += missed.size() + hit.size();
    expected.uniqueHits += hit.size();
    expected.recomputed += setting.recomputes ? missed.size() : 0;
    for (int32_t key : missed)
      expected.cold += !everCached.contains(key);
  }

  /// As the function @m1_replace and the step's write of rows.
  void push(const std::vector<Embedding> &fresh) {
    for (int32_t key :
         column<const int32_t>(tables, 2, Component::EvictedKeys)) {
      part(0)[key] = -1;
      mirror.erase(key);
    }
    auto rows = column<const int32_t>(tables, 2, Component::PushedRows);
    auto keys = column<const int32_t>(tables, 2, Component::PushedKeys);
    auto slots = column<const int32_t>(tables, 2, Component::PushedSlots);
    EXPECT_EQ(std::set<int32_t>(slots.begin(), slots.end()).size(),
              slots.size());
    for (size_t at = 0; at != rows.size(); ++at) {
      part(0)[keys[at]] = slots[at];
      part(1)[slots[at]] = batch;
      store[slots[at]] = fresh[rows[at]];
      mirror[keys[at]] = {fresh[rows[at]], batch};
      everCached.insert(keys[at]);
      checkPushed(keys[at], fresh, fresh[rows[at]]);
    }
    if (setting.capacity)
      EXPECT_LE(mirror.size(), static_cast<size_t>(setting.capacity));
  }

  void checkPushed(int32_t key, const std::vector<Embedding> &fresh,
                   const Embedding &pushed) {
    if (setting.key == NeighbourTime::Event) {
      EXPECT_EQ(pushed,
                Embedding(keyNode(stream, key), stream.time[keyEvent(key)]));
      return;
    }
    if (isSeparate()) {
      EXPECT_EQ(pushed, Embedding(key, recomputedTimes.at(key)));
      return;
    }
    for (const Embedding &row : fresh)
      if (row.first == key)
        EXPECT_LE(row.second, pushed.second);
  }

  bool isCausal() const { return setting.sharing == RowSharing::Causal; }
  /// Embeddings keyed by event are those of targets, whatever is asked for.
  bool isSeparate() const {
    return setting.sharing == RowSharing::Separate &&
           setting.key == NeighbourTime::Query;
  }

  struct Entry {
    Embedding embedding;
    int64_t batch;
  };

  Setting setting;
  std::mt19937 random;
  EventStream stream;
  TemporalGraph graph;
  std::vector<int32_t> events, negatives;
  std::span<const int32_t> batchEvents;
  std::vector<std::unique_ptr<CacheIndex>> caches;
  std::vector<Embedding> store;
  StepTables tables;
  int64_t batch = 0;
  std::map<int32_t, Entry> mirror;
  std::map<int32_t, Timestamp> recomputedTimes;
  std::map<int32_t, int32_t> rowOfRecomputed;
  std::set<int32_t> everCached;
};

class CacheLookupTest : public testing::TestWithParam<Setting> {};

TEST_P(CacheLookupTest, MatchesOracle) {
  for (unsigned seed = 0; seed != 10; ++seed) {
    Driver driver(GetParam(), seed);
    driver.run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    EXPECT_EQ(driver.counts, driver.expected);
    EXPECT_GT(driver.counts.hits, 0);
    bool isSeparate = GetParam().sharing == RowSharing::Separate &&
                      GetParam().key == NeighbourTime::Query;
    EXPECT_EQ(driver.counts.inBatchReads == 0, isSeparate);
  }
}

constexpr auto nodes = NeighbourTime::Query;
constexpr auto byEvent = NeighbourTime::Event;
constexpr auto paper = RowSharing::Paper;
constexpr auto causal = RowSharing::Causal;
constexpr auto separate = RowSharing::Separate;

INSTANTIATE_TEST_SUITE_P(
    Settings, CacheLookupTest,
    testing::Values(
        Setting{nodes, false, paper, Keeper::All, 0, unlimitedAge},
        Setting{nodes, false, causal, Keeper::All, 0, unlimitedAge},
        Setting{nodes, false, paper, Keeper::All, 0, 2},
        Setting{nodes, false, causal, Keeper::Online, 12, 3},
        Setting{nodes, true, paper, Keeper::All, 0, unlimitedAge},
        Setting{nodes, true, causal, Keeper::All, 0, 2},
        Setting{nodes, true, paper, Keeper::Online, 10, unlimitedAge},
        Setting{nodes, true, causal, Keeper::Online, 10, 2},
        Setting{nodes, true, paper, Keeper::Planned, 10, unlimitedAge},
        Setting{nodes, true, causal, Keeper::Planned, 10, 3},
        Setting{nodes, false, paper, Keeper::Planned, 10, unlimitedAge},
        Setting{nodes, true, separate, Keeper::All, 0, unlimitedAge},
        Setting{nodes, true, separate, Keeper::All, 0, 2},
        Setting{nodes, true, separate, Keeper::Online, 10, 3},
        Setting{nodes, true, separate, Keeper::Planned, 10, unlimitedAge},
        Setting{byEvent, true, separate, Keeper::Planned, 30, unlimitedAge},
        Setting{byEvent, false, paper, Keeper::Ring, 0, unlimitedAge},
        Setting{byEvent, true, causal, Keeper::Ring, 0, 2},
        Setting{byEvent, true, paper, Keeper::Online, 60, unlimitedAge},
        Setting{byEvent, true, paper, Keeper::Planned, 30, unlimitedAge},
        Setting{byEvent, true, paper, Keeper::Planned, 60, 4}));

/// A ring has every embedding that a recent neighbour reads: only events at one
/// time in two batches make a reader look further back.
TEST(RingReplacerTest, NothingIsEverMissed) {
  for (unsigned seed = 0; seed != 10; ++seed) {
    Driver driver({byEvent, true, paper, Keeper::Ring, 0, unlimitedAge}, seed,
                  /*distinctTimes=*/true);
    driver.run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    EXPECT_GT(driver.counts.hits, 0);
    EXPECT_EQ(driver.counts.recomputed, 0);
  }
}

class CacheErrorTest : public testing::Test {
protected:
  CacheErrorTest() : stream(randomStream(random)) {
    caches.push_back(std::make_unique<CacheIndex>(
        nodes, true, nodeCount, createUnboundedReplacer(nodeCount)));
    StepInput input;
    input.stream = &stream;
    input.graph = &graph;
    input.caches = caches;
    input.events = events;
    input.negatives = negatives;
    tables.begin(input);
    tables.targets(0);
    tables.sample(0, 1, k, 0);
  }

  std::string message() {
    std::string text = tables.finish().message();
    std::string prefix = "the program's prepare function is wrong: ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }

  std::mt19937 random{0};
  EventStream stream;
  TemporalGraph graph = TemporalGraph::build(stream);
  std::vector<std::unique_ptr<CacheIndex>> caches;
  std::vector<int32_t> events{10}, negatives{3};
  StepTables tables;
};

TEST_F(CacheErrorTest, UnknownCache) {
  tables.cacheCandidates(0, 1, 2, 2, 0);
  EXPECT_EQ(message(), "cache_candidates of cache 2");
}

TEST_F(CacheErrorTest, UnknownSharing) {
  tables.cacheCandidates(0, 1, 2, 1, 7);
  EXPECT_EQ(message(), "cache_candidates with sharing 7");
}

TEST_F(CacheErrorTest, ResolutionWithoutCandidates) {
  tables.frontier(0, 1, 2, 0);
  tables.cacheResolve(0, 1, 2, 1);
  EXPECT_EQ(message(), "cache_resolve of a lookup without candidates");
}

TEST_F(CacheErrorTest, BuffersThatAreNotThere) {
  tables.cacheCandidates(0, 1, 2, 1, 0);
  EXPECT_EQ(tables.lookupBuffer(2, 3).sizesAndStrides[0], 0);
  EXPECT_EQ(message(),
            "lookup_buffer of table 3, which handle 2 does not have");
  EXPECT_EQ(tables.cacheBuffer(1, 2).sizesAndStrides[0], 0);
  EXPECT_EQ(tables.cacheBatch(3), 0);
}

} // namespace
