//===- StepTables.cpp - The index work of one step ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace orcinus;

/// Handles are small numbers that a compiler counts up.
static constexpr int32_t handleLimit = 4096;

void StepTables::begin(const StepInput &stepInput) {
  input = stepInput;
  ++step;
  sampleSizes.clear();
  lookupHandles.clear();
  reuseCounts = ReuseCounts();
  failure = Status();
}

Status StepTables::finish() {
  if (!failure.ok())
    return failure;
  for (Binding binding : bindings)
    if ((*sets[binding.handle])[binding.component].lastStep() != step)
      return Status::error(
          fmt::format("the program's prepare function did not make the table "
                      "{}.{} that its step function reads",
                      binding.handle, binding.component.name()));
  return Status();
}

const Table *StepTables::bind(int32_t handle, Component component) {
  if (!inRange(handle))
    return nullptr;
  bindings.push_back({handle, component});
  Table &table = sets[handle]->at(component);
  table.bind();
  return &table;
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
                            std::move(message));
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
  size_t batch = input.events.size();
  size_t rows = 3 * batch + input.queryNodes.size();
  std::span<int32_t> nodes = set->resize<int32_t>(Component::Nodes, rows);
  std::span<Timestamp> times = set->resize<Timestamp>(Component::Times, rows);
  std::span<int32_t> roles = set->resize<int32_t>(Component::Roles, rows);
  std::fill(roles.begin(), roles.end(), 0);
  std::fill_n(roles.begin() + batch, 2 * batch, 1);
  const EventStream &stream = *input.stream;
  for (size_t index = 0; index != batch; ++index) {
    int32_t event = input.events[index];
    nodes[index] = stream.source[event];
    nodes[batch + index] = stream.destination[event];
    nodes[2 * batch + index] = input.negatives[index];
    for (size_t part = 0; part != 3; ++part)
      times[part * batch + index] = stream.time[event];
  }
  std::copy(input.queryNodes.begin(), input.queryNodes.end(),
            nodes.begin() + 3 * batch);
  std::copy(input.queryTimes.begin(), input.queryTimes.end(),
            times.begin() + 3 * batch);
}

/// As many of `threads` as have enough to do: others would be woken beside a
/// step that computes meanwhile.
static int samplingThreads(int64_t queries, int threads) {
  constexpr int64_t queriesPerThread = 4096;
  return static_cast<int>(
      std::clamp<int64_t>(queries / queriesPerThread, 1, std::max(threads, 1)));
}

void StepTables::sample(int32_t query, int32_t neighbourhood, int32_t k,
                        int32_t policy) {
  const TableSet *queries = use(query, TableKind::Query, "sample");
  TableSet *set = define(neighbourhood, TableKind::Neighbourhood);
  if (!queries || !set)
    return;
  auto nodes = queries->values<int32_t>(Component::Nodes);
  int64_t rows = nodes.size();
  if (k <= 0 || policy < 0 || policy > 2 ||
      rows > std::numeric_limits<int32_t>::max() / k)
    return fail(fmt::format("sample with k = {}, policy {} of {} queries", k,
                            policy, rows));
  set->neighboursPerQuery = k;
  NeighbourhoodView view;
  view.nodes = set->resize<int32_t>(Component::Nodes, rows, k);
  view.events = set->resize<int32_t>(Component::Events, rows, k);
  view.times = set->eventTimes.reserve<Timestamp>(rows * k);
  view.timeDeltas = set->resize<float>(Component::TimeDeltas, rows, k);
  view.counts = set->resize<int32_t>(Component::Counts, rows);
  // Each neighbourhood of a step draws numbers of its own.
  uint64_t seed = input.samplingSeed + 0x9e3779b97f4a7c15 * neighbourhood;
  sampleNeighbours(*input.graph, nodes,
                   queries->values<Timestamp>(Component::Times), k,
                   static_cast<SamplingPolicy>(policy), seed,
                   samplingThreads(rows, input.threads), view);
  sampleSizes.push_back(rows);
  if (!set->at(Component::LogTimeDeltas).isBound())
    return;
  auto logarithms = set->resize<float>(Component::LogTimeDeltas, rows, k);
  for (int64_t flat = 0; flat != rows * k; ++flat)
    logarithms[flat] = std::log1p(view.timeDeltas[flat]);
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
  size_t batch = input.events.size();
  if (nodes.size() != 3 * batch)
    return fail(fmt::format("pair_ends of {} queries", nodes.size()));
  for (size_t end : {0, 1}) {
    auto endNodes = sets[end]->resize<int32_t>(Component::Nodes, 2 * batch);
    auto endTimes = sets[end]->resize<Timestamp>(Component::Times, 2 * batch);
    // Sources twice, or destinations and then negatives.
    for (size_t pair = 0; pair != 2 * batch; ++pair) {
      size_t row = end == 0 ? pair % batch : batch + pair;
      endNodes[pair] = nodes[row];
      endTimes[pair] = times[row];
    }
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

/// Fills `latest` with one key for each distinct endpoint of the batch,
/// ascending: the node, and below it the place of its latest event.
static void latestEvents(const StepInput &input,
                         std::vector<uint64_t> &latest) {
  latest.clear();
  for (size_t place = 0; place != input.events.size(); ++place)
    for (int32_t node : {input.stream->source[input.events[place]],
                         input.stream->destination[input.events[place]]})
      latest.push_back(uint64_t(node) << 32 | place);
  std::sort(latest.begin(), latest.end(), std::greater<>());
  auto sameNode = [](uint64_t left, uint64_t right) {
    return left >> 32 == right >> 32;
  };
  latest.erase(std::unique(latest.begin(), latest.end(), sameNode),
               latest.end());
  std::reverse(latest.begin(), latest.end());
}

void StepTables::commit(int32_t frontier, int32_t commit) {
  const TableSet *rows = use(frontier, TableKind::Frontier, "commit");
  TableSet *set = define(commit, TableKind::Result);
  if (!rows || !set)
    return;
  if (rows->key != FrontierKey::Node)
    return fail("commit of a frontier that is not keyed by node");
  latestEvents(input, endpoints);
  int64_t count = endpoints.size();
  auto nodes = set->resize<int32_t>(Component::Nodes, count);
  auto selfRows = set->resize<int32_t>(Component::SelfRows, count);
  auto otherRows = set->resize<int32_t>(Component::OtherRows, count);
  const EventStream &stream = *input.stream;
  auto frontierNodes = rows->values<int32_t>(Component::Nodes);
  for (int64_t index = 0; index != count; ++index) {
    auto node = static_cast<int32_t>(endpoints[index] >> 32);
    int32_t event = input.events[static_cast<uint32_t>(endpoints[index])];
    int32_t other = stream.source[event] == node ? stream.destination[event]
                                                 : stream.source[event];
    nodes[index] = node;
    selfRows[index] = rows->index.find(node, frontierNodes.data());
    otherRows[index] = rows->index.find(other, frontierNodes.data());
    if (selfRows[index] < 0 || otherRows[index] < 0)
      return fail(fmt::format("node {} of the batch is not in the frontier "
                              "that is committed",
                              selfRows[index] < 0 ? node : other));
    input.state->post(node, event, stream.time);
  }
}
