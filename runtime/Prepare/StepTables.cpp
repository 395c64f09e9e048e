//===- StepTables.cpp - The index work of one step ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <new>
#include <tuple>

using namespace orcinus;

/// Handles are small numbers that a compiler counts up.
static constexpr int32_t handleLimit = 4096;

int64_t StepInput::count(StepCount what) const {
  switch (what) {
  case StepCount::Events:
    return std::ssize(events);
  case StepCount::Negatives:
    return std::ssize(negatives);
  case StepCount::Pairs:
    return std::ssize(events) + std::ssize(negatives) + std::ssize(pairSources);
  case StepCount::Targets:
    return 2 * std::ssize(events) + std::ssize(negatives) +
           std::ssize(queryNodes);
  case StepCount::Labels:
    return std::ssize(labelledRows);
  }
  return 0;
}

std::pair<int32_t, int32_t> StepInput::rowsOfPair(int64_t pair) const {
  int64_t batch = std::ssize(events);
  int64_t ofBatch = batch + std::ssize(negatives);
  if (pair < ofBatch)
    return {static_cast<int32_t>(pair % batch),
            static_cast<int32_t>(batch + pair)};
  auto firstQuery = static_cast<int32_t>(batch + ofBatch);
  return {firstQuery + pairSources[pair - ofBatch],
          firstQuery + pairDestinations[pair - ofBatch]};
}

void StepTables::begin(const StepInput &stepInput) {
  input = stepInput;
  ++step;
  sampleSizes.clear();
  lookupHandles.clear();
  offerCount = 0;
  reuseCounts = ReuseCounts();
  failure = Status();
}

Status StepTables::finish() {
  if (!failure.ok())
    return failure;
  makeDerivedTables();
  for (Binding binding : bindings)
    if ((*sets[binding.handle])[binding.component].lastStep() != step)
      return Status::error(
          fmt::format("the program's prepare function did not make the table "
                      "{}.{} that its step function reads",
                      binding.handle, binding.component.name()),
          StatusCode::Internal);
  return Status();
}

const Table *StepTables::bind(int32_t handle, Component component) {
  if (!inRange(handle))
    return nullptr;
  bindings.push_back({handle, component});
  return &sets[handle]->at(component);
}

std::span<int32_t> StepTables::rows(int32_t handle, Component component) {
  const Table *table = find(handle, component);
  if (!table || table->elementType() != ElementType::I32)
    return {};
  return sets[handle]->at(component).changedValues<int32_t>();
}

const Table *StepTables::find(int32_t handle, Component component) const {
  if (handle < 0 || handle >= static_cast<int32_t>(sets.size()) ||
      !sets[handle])
    return nullptr;
  const Table &table = (*sets[handle])[component];
  return table.lastStep() == step ? &table : nullptr;
}

/// Makes room for the handle.
bool StepTables::inRange(int32_t handle) {
  if (handle < 0 || handle >= handleLimit)
    return false;
  if (handle >= static_cast<int32_t>(sets.size()))
    sets.resize(handle + 1);
  if (!sets[handle])
    sets[handle] = std::make_unique<TableSet>();
  return true;
}

void StepTables::fail(std::string message) {
  if (failure.ok())
    failure = Status::error("the program's prepare function is wrong: " +
                                std::move(message),
                            StatusCode::Internal);
}

void StepTables::failForWantOfMemory() {
  if (failure.ok())
    failure = Status::error("out of memory while preparing a batch",
                            StatusCode::OutOfMemory);
}

TableSet *StepTables::define(int32_t handle, TableKind kind) {
  if (!inRange(handle)) {
    fail(fmt::format("handle {} is out of range", handle));
    return nullptr;
  }
  TableSet *set = sets[handle].get();
  if (set->step == step) {
    fail(fmt::format("handle {} is defined twice", handle));
    return nullptr;
  }
  set->kind = kind;
  set->step = step;
  return set;
}

TableSet *StepTables::use(int32_t handle, TableKind kind, const char *caller) {
  TableSet *set = inRange(handle) ? sets[handle].get() : nullptr;
  bool fits = set && set->step == step &&
              (set->kind == kind ||
               (kind == TableKind::Query && set->kind == TableKind::Frontier));
  if (fits)
    return set;
  fail(fmt::format("handle {} is not what {} takes", handle, caller));
  return nullptr;
}

void StepTables::targets(int32_t query) {
  TableSet *set = define(query, TableKind::Query);
  if (!set)
    return;
  size_t batch = input.events.size(), negatives = input.negatives.size();
  size_t ofEvents = 2 * batch + negatives;
  size_t rows = input.count(StepCount::Targets);
  std::span<int32_t> nodes = set->resize<int32_t>(Component::Nodes, rows);
  std::span<Timestamp> times = set->resize<Timestamp>(Component::Times, rows);
  std::span<int32_t> roles = set->resize<int32_t>(Component::Roles, rows);
  std::fill(roles.begin(), roles.end(), 0);
  std::fill_n(roles.begin() + batch, batch + negatives, 1);
  std::fill_n(roles.end() - input.destinationQueries, input.destinationQueries,
              1);
  const EventStream &stream = *input.stream;
  for (size_t index = 0; index != batch; ++index) {
    int32_t event = input.events[index];
    nodes[index] = stream.source[event];
    nodes[batch + index] = stream.destination[event];
    times[index] = times[batch + index] = stream.time[event];
  }
  for (size_t index = 0; index != negatives; ++index) {
    nodes[2 * batch + index] = input.negatives[index];
    times[2 * batch + index] = times[index];
  }
  std::copy(input.queryNodes.begin(), input.queryNodes.end(),
            nodes.begin() + ofEvents);
  std::copy(input.queryTimes.begin(), input.queryTimes.end(),
            times.begin() + ofEvents);
}

void StepTables::pairs(int32_t pairs) {
  TableSet *set = define(pairs, TableKind::Result);
  if (!set)
    return;
  int64_t count = input.count(StepCount::Pairs);
  auto sources = set->resize<int32_t>(Component::Sources, count);
  auto destinations = set->resize<int32_t>(Component::Destinations, count);
  for (int64_t pair = 0; pair != count; ++pair)
    std::tie(sources[pair], destinations[pair]) = input.rowsOfPair(pair);
  // Of those that are asked for, nobody knows.
  if (!input.pairSources.empty())
    return;
  auto labels = set->resize<int32_t>(Component::Labels, count);
  std::ranges::fill(labels, 0);
  std::ranges::fill(labels.first(input.events.size()), 1);
}

/// As many of `threads` as have enough to do: others would be woken beside a
/// step that computes meanwhile.
static int samplingThreads(int64_t queries, int threads) {
  constexpr int64_t queriesPerThread = 4096;
  return static_cast<int>(
      std::clamp<int64_t>(queries / queriesPerThread, 1, std::max(threads, 1)));
}

std::optional<StepTables::Sampling>
StepTables::beginSampling(int32_t query, int32_t neighbourhood, int32_t k,
                          const char *caller) {
  if (!use(query, TableKind::Query, caller))
    return std::nullopt;
  Queries asked = *queries(query);
  auto rows = static_cast<int64_t>(asked.nodes.size());
  std::optional<NeighbourhoodView> view =
      makeNeighbourhood(neighbourhood, rows, k);
  if (!view)
    return std::nullopt;
  return Sampling{asked, *view, seed(neighbourhood),
                  samplingThreads(rows, input.threads)};
}

void StepTables::sample(int32_t query, int32_t neighbourhood, int32_t k,
                        int32_t policy) {
  if (policy < 0 || policy > 2)
    return fail(fmt::format("sample with policy {}", policy));
  if (auto begun = beginSampling(query, neighbourhood, k, "sample"))
    sampleNeighbours(*input.graph, begun->asked.nodes, begun->asked.times, k,
                     static_cast<SamplingPolicy>(policy), begun->seed,
                     begun->threads, begun->view);
}

void StepTables::sampleByInterval(int32_t query, int32_t neighbourhood,
                                  int32_t k, int32_t scale) {
  auto perSecond = std::bit_cast<float>(scale);
  if (!(perSecond >= 0) || std::isinf(perSecond))
    return fail(fmt::format("sample_by_interval with scale {}", perSecond));
  if (auto begun = beginSampling(query, neighbourhood, k, "sample_by_interval"))
    sampleNeighboursByInterval(*input.graph, begun->asked.nodes,
                               begun->asked.times, k, perSecond, begun->seed,
                               begun->threads, begun->view);
}

int StepTables::threads() const { return std::max(input.threads, 1); }

/// Each neighbourhood of a step draws numbers of its own.
uint64_t StepTables::seed(int32_t handle) const {
  return input.samplingSeed + 0x9e3779b97f4a7c15 * handle;
}

std::optional<IndexWork::Queries> StepTables::queries(int32_t handle) {
  const TableSet *set = use(handle, TableKind::Query, "index work");
  if (!set)
    return std::nullopt;
  return Queries{set->values<int32_t>(Component::Nodes),
                 set->values<Timestamp>(Component::Times)};
}

// Memory that a function of a plugin asks for by these two may be missing; an
// exception must not pass its frames and those of compiled code.

std::optional<NeighbourhoodView>
StepTables::makeNeighbourhood(int32_t handle, int64_t queries, int32_t k) try {
  TableSet *set = define(handle, TableKind::Neighbourhood);
  if (!set)
    return std::nullopt;
  if (k <= 0 || queries < 0 ||
      queries > std::numeric_limits<int32_t>::max() / k) {
    fail(fmt::format("{} neighbours of {} queries", k, queries));
    return std::nullopt;
  }
  set->neighboursPerQuery = k;
  sampleSizes.push_back(queries);
  return NeighbourhoodView{
      set->resize<int32_t>(Component::Nodes, queries, k),
      set->resize<int32_t>(Component::Events, queries, k),
      set->eventTimes.reserve<Timestamp>(queries * k),
      set->resize<float>(Component::TimeDeltas, queries, k),
      set->resize<int32_t>(Component::Counts, queries)};
} catch (const std::bad_alloc &) {
  failForWantOfMemory();
  return std::nullopt;
}

void *StepTables::makeTable(int32_t handle, std::string_view name,
                            Element element, int64_t rows,
                            std::optional<int64_t> columns) try {
  std::optional<Component> component = Component::declare(name);
  bool isMade = inRange(handle) && sets[handle]->step == step;
  TableSet *set =
      isMade ? sets[handle].get() : define(handle, TableKind::Result);
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (!set)
    return nullptr;
  if (!component || set->kind != TableKind::Result || rows < 0 || rows > most ||
      columns.value_or(1) < 0 || rows * columns.value_or(1) > most ||
      set->at(*component).lastStep() == step) {
    fail(fmt::format("table '{}' of handle {} with {} rows", name, handle,
                     rows));
    return nullptr;
  }
  auto make = [&]<typename T>(T) -> void * {
    return columns ? set->resize<T>(*component, rows, *columns).data()
                   : set->resize<T>(*component, rows).data();
  };
  switch (element) {
  case Element::I32:
    return make(int32_t());
  case Element::I64:
    return make(int64_t());
  case Element::F32:
    return make(float());
  }
  return nullptr;
} catch (const std::bad_alloc &) {
  failForWantOfMemory();
  return nullptr;
}

bool StepTables::isRead(int32_t handle, Component component) const {
  return std::ranges::any_of(bindings, [&](Binding binding) {
    return binding.handle == handle && binding.component == component;
  });
}

/// ln(1 + Δt) of a neighbourhood, whoever made it.
static void makeLogarithms(TableSet &set) {
  auto deltas = set.values<float>(Component::TimeDeltas);
  int64_t k = set.neighboursPerQuery;
  auto logarithms = set.resize<float>(
      Component::LogTimeDeltas, static_cast<int64_t>(deltas.size()) / k, k);
  std::ranges::transform(deltas, logarithms.begin(),
                         [](float delta) { return std::log1p(delta); });
}

/// The lengths of the sequences of a query's own node and its neighbours.
static void makeSequenceCounts(TableSet &set) {
  auto counts = set.values<int32_t>(Component::Counts);
  auto lengths = set.resize<int32_t>(Component::SequenceCounts,
                                     static_cast<int64_t>(counts.size()));
  std::ranges::transform(counts, lengths.begin(),
                         [](int32_t count) { return count + 1; });
}

/// What follows from a neighbourhood's other tables, where a step function
/// reads it.
void StepTables::makeDerivedTables() {
  for (Binding binding : bindings) {
    TableSet &set = *sets[binding.handle];
    if (set.step != step || set.kind != TableKind::Neighbourhood)
      continue;
    if (binding.component == Component::LogTimeDeltas)
      makeLogarithms(set);
    else if (binding.component == Component::SequenceCounts)
      makeSequenceCounts(set);
  }
}

void StepTables::pairEnds(int32_t query, int32_t sources,
                          int32_t destinations) {
  const TableSet *queries = use(query, TableKind::Query, "pair_ends");
  TableSet *sets[] = {define(sources, TableKind::Query),
                      define(destinations, TableKind::Query)};
  if (!queries || !sets[0] || !sets[1])
    return;
  auto nodes = queries->values<int32_t>(Component::Nodes);
  auto times = queries->values<Timestamp>(Component::Times);
  if (std::ssize(nodes) != input.count(StepCount::Targets))
    return fail(fmt::format("pair_ends of {} queries", nodes.size()));
  int64_t pairs = input.count(StepCount::Pairs);
  std::span<int32_t> endNodes[2];
  std::span<Timestamp> endTimes[2];
  for (size_t end : {0, 1}) {
    endNodes[end] = sets[end]->resize<int32_t>(Component::Nodes, pairs);
    endTimes[end] = sets[end]->resize<Timestamp>(Component::Times, pairs);
  }
  for (int64_t pair = 0; pair != pairs; ++pair) {
    auto [source, destination] = input.rowsOfPair(pair);
    endNodes[0][pair] = nodes[source];
    endTimes[0][pair] = times[source];
    endNodes[1][pair] = nodes[destination];
    endTimes[1][pair] = times[destination];
  }
}

void StepTables::elapsed(int32_t query, int32_t elapsed) {
  const TableSet *queries = use(query, TableKind::Query, "elapsed");
  TableSet *set = define(elapsed, TableKind::Result);
  if (!queries || !set)
    return;
  auto nodes = queries->values<int32_t>(Component::Nodes);
  auto times = queries->values<Timestamp>(Component::Times);
  auto deltas = set->resize<float>(Component::TimeDeltas, nodes.size());
  const IndexState &state = *input.state;
  const EventStream &stream = *input.stream;
  for (size_t row = 0; row != nodes.size(); ++row) {
    Timestamp last = state.hasPending(nodes[row])
                         ? stream.time[state.pendingEvent(nodes[row])]
                         : state.lastUpdate(nodes[row]);
    deltas[row] =
        static_cast<float>(stream.timeScale.difference(times[row], last));
  }
}

void StepTables::pending(int32_t frontier, int32_t pending) {
  const TableSet *rows = use(frontier, TableKind::Query, "pending");
  TableSet *set = define(pending, TableKind::Result);
  if (!rows || !set)
    return;
  auto nodes = rows->values<int32_t>(Component::Nodes);
  const IndexState &state = *input.state;
  int64_t count = std::count_if(nodes.begin(), nodes.end(), [&](int32_t node) {
    return state.hasPending(node);
  });
  auto pendingRows = set->resize<int32_t>(Component::Rows, count);
  auto pendingNodes = set->resize<int32_t>(Component::Nodes, count);
  auto events = set->resize<int32_t>(Component::Events, count);
  auto deltas = set->resize<float>(Component::TimeDeltas, count);
  int64_t next = 0;
  for (size_t row = 0; row != nodes.size(); ++row) {
    int32_t node = nodes[row];
    if (!state.hasPending(node))
      continue;
    pendingRows[next] = static_cast<int32_t>(row);
    pendingNodes[next] = node;
    events[next] = state.pendingEvent(node);
    deltas[next] = static_cast<float>(input.stream->timeScale.difference(
        input.stream->time[events[next]], state.lastUpdate(node)));
    ++next;
  }
}

/// Above the places of a batch's events.
static constexpr uint64_t asDestination = uint64_t(1) << 31;

/// Fills `latest` with one key for each distinct endpoint of the batch,
/// ascending: the node in the upper half, and below it the place of its latest
/// event, with `destinationLast` of those in which it is the destination, if
/// any: these have the bit `asDestination` and are thereby last of all.
static void latestEvents(const StepInput &input, bool destinationLast,
                         std::vector<uint64_t> &latest) {
  latest.clear();
  uint64_t destinationBit = destinationLast ? asDestination : 0;
  for (size_t place = 0; place != input.events.size(); ++place) {
    int32_t event = input.events[place];
    latest.push_back(uint64_t(input.stream->source[event]) << 32 | place);
    latest.push_back(uint64_t(input.stream->destination[event]) << 32 |
                     destinationBit | place);
  }
  std::sort(latest.begin(), latest.end(), std::greater<>());
  auto sameNode = [](uint64_t left, uint64_t right) {
    return left >> 32 == right >> 32;
  };
  latest.erase(std::unique(latest.begin(), latest.end(), sameNode),
               latest.end());
  std::reverse(latest.begin(), latest.end());
}

void StepTables::commit(int32_t frontier, int32_t commit, int32_t messages) {
  const TableSet *rows = use(frontier, TableKind::Frontier, "commit");
  TableSet *set = define(commit, TableKind::Result);
  if (!rows || !set)
    return;
  if (rows->key != FrontierKey::Node)
    return fail("commit of a frontier that is not keyed by node");
  if (messages != 0 && messages != 1)
    return fail(fmt::format("commit with the message choice {}", messages));
  latestEvents(input, messages == 1, endpoints);
  int64_t count = endpoints.size();
  auto nodes = set->resize<int32_t>(Component::Nodes, count);
  auto selfRows = set->resize<int32_t>(Component::SelfRows, count);
  auto otherRows = set->resize<int32_t>(Component::OtherRows, count);
  auto otherQueries = set->resize<int32_t>(Component::OtherQueries, count);
  const EventStream &stream = *input.stream;
  auto frontierNodes = rows->values<int32_t>(Component::Nodes);
  for (int64_t index = 0; index != count; ++index) {
    auto node = static_cast<int32_t>(endpoints[index] >> 32);
    auto place = static_cast<int32_t>(endpoints[index] & (asDestination - 1));
    int32_t event = input.events[place];
    bool isSource = stream.source[event] == node;
    int32_t other = isSource ? stream.destination[event] : stream.source[event];
    nodes[index] = node;
    selfRows[index] = rows->index.find(node, frontierNodes.data());
    otherRows[index] = rows->index.find(other, frontierNodes.data());
    // The batch's queries are its sources, then its destinations.
    otherQueries[index] =
        place + (isSource ? static_cast<int32_t>(input.events.size()) : 0);
    if (selfRows[index] < 0 || otherRows[index] < 0)
      return fail(fmt::format("node {} of the batch is not in the frontier "
                              "that is committed",
                              selfRows[index] < 0 ? node : other));
    input.state->post(node, event, stream.time);
  }
}
