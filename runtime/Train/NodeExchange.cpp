//===- NodeExchange.cpp - Rows of nodes among processes -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/NodeExchange.h"

#include <algorithm>
#include <utility>

using namespace orcinus;

static std::span<const float> rowOf(std::span<const float> values, int64_t size,
                                    int64_t row) {
  return values.subspan(row * size, size);
}

/// Puts the rows of this process into the window.
void NodeExchange::copyOwn(NodeWindow &window) const {
  for (const NodeWindow::StateRows &each : window.states()) {
    std::span<const float> whole =
        std::as_const(nodeRows[each.number]).values();
    int64_t size = each.array->rowSize();
    float *next = each.array->replacedValues().data();
    for (int32_t node : window.nodes()) {
      if (nodes.owns(node))
        std::ranges::copy(rowOf(whole, size, nodes.row(node)), next);
      next += size;
    }
  }
}

namespace {
/// What a process asks another one for: so many nodes, of the arrays whose bits
/// are set.
struct Request {
  int64_t nodes = 0;
  uint64_t arrays = 0;
};
} // namespace

template <typename T>
static Status exchangeValues(Communicator &processes, int partner,
                             std::span<const T> sent, std::span<T> received) {
  return processes.exchange(partner, std::as_bytes(sent),
                            std::as_writable_bytes(received));
}

/// Gives one process the rows that it asks for, and takes from it those of the
/// window that it has.
Status NodeExchange::serve(int partner, NodeWindow *window) {
  wanted.clear();
  wantedNodes.clear();
  Request own, other;
  if (window) {
    std::span<const int32_t> all = window->nodes();
    for (size_t row = 0; row != all.size(); ++row)
      if (nodes.owner(all[row]) == partner) {
        wanted.push_back(static_cast<int32_t>(row));
        wantedNodes.push_back(all[row]);
      }
    for (const NodeWindow::StateRows &each : window->states())
      own.arrays |= uint64_t(1) << each.number;
  }
  own.nodes = std::ssize(wanted);
  Status status =
      exchangeValues(*processes, partner, std::span<const Request>(&own, 1),
                     std::span(&other, 1));
  if (!status.ok())
    return status;
  askedNodes.resize(other.nodes);
  status =
      exchangeValues(*processes, partner, std::span<const int32_t>(wantedNodes),
                     std::span(askedNodes));
  if (!status.ok())
    return status;

  answered.clear();
  for (size_t number = 0; number != nodeRows.size(); ++number) {
    if (!(other.arrays >> number & 1))
      continue;
    std::span<const float> whole = std::as_const(nodeRows[number]).values();
    int64_t size = nodeRows[number].rowSize();
    for (int32_t node : askedNodes)
      std::ranges::copy(rowOf(whole, size, nodes.row(node)),
                        std::back_inserter(answered));
  }
  int64_t width = 0;
  if (window)
    for (const NodeWindow::StateRows &each : window->states())
      width += each.array->rowSize();
  received.resize(own.nodes * width);
  status = exchangeValues(*processes, partner, std::span<const float>(answered),
                          std::span(received));
  if (!status.ok() || !window)
    return status;
  // Arrays come in order of their numbers, as the window has them.
  const float *next = received.data();
  for (const NodeWindow::StateRows &each : window->states()) {
    int64_t size = each.array->rowSize();
    float *values = each.array->values().data();
    for (int32_t row : wanted) {
      std::copy_n(next, size, values + row * size);
      next += size;
    }
  }
  return Status();
}

Status NodeExchange::fetch(NodeWindow *window) {
  if (window)
    copyOwn(*window);
  // In each round the processes pair up: a power of two of them.
  for (int round = 1; round < nodes.size; ++round)
    if (Status status = serve(nodes.rank ^ round, window); !status.ok())
      return status;
  if (window)
    earlier = std::exchange(latest, window);
  return Status();
}

void NodeExchange::writeBack(const NodeWindow &window) {
  for (const NodeWindow::StateRows &each : window.states()) {
    std::span<float> whole = nodeRows[each.number].values();
    std::span<const float> values = std::as_const(*each.array).values();
    int64_t size = each.array->rowSize();
    for (int64_t row = 0; int32_t node : window.nodes()) {
      if (nodes.owns(node))
        std::ranges::copy(rowOf(values, size, row),
                          whole.begin() + nodes.row(node) * size);
      ++row;
    }
  }
}

/// Puts the rows that both windows have from one into the other.
void NodeExchange::patch(const NodeWindow &from, NodeWindow &into) {
  for (const NodeWindow::StateRows &source : from.states())
    for (const NodeWindow::StateRows &target : into.states()) {
      if (source.number != target.number)
        continue;
      std::span<const float> values = std::as_const(*source.array).values();
      std::span<float> replaced = target.array->values();
      int64_t size = source.array->rowSize();
      for (int64_t row = 0; int32_t node : from.nodes()) {
        if (int32_t place = into.find(node); place >= 0)
          std::ranges::copy(rowOf(values, size, row),
                            replaced.begin() + place * size);
        ++row;
      }
    }
}

void NodeExchange::settle() {
  for (NodeWindow *window : {earlier, latest}) {
    if (!window || !window->isChanged)
      continue;
    writeBack(*window);
    if (window == earlier && latest != earlier)
      patch(*window, *latest);
    window->isChanged = false;
  }
}

Status NodeExchange::gather(std::span<const float> own, int64_t rowSize,
                            int32_t nodeCount, std::span<float> all) {
  bool isFirst = nodes.rank == 0;
  if (isFirst)
    for (int32_t row = 0; row != nodes.rows(nodeCount); ++row)
      std::ranges::copy(rowOf(own, rowSize, row),
                        all.begin() + nodes.node(row) * rowSize);
  // Pieces of some megabytes, so that no process needs twice its memory.
  const auto rowsAtOnce = static_cast<int32_t>(
      std::max<int64_t>(1, (int64_t(1) << 22) / std::max<int64_t>(rowSize, 1)));
  for (int other = 1; other < nodes.size; ++other) {
    if (!isFirst && other != nodes.rank)
      continue;
    int32_t rows = nodes.rows(nodeCount, other);
    for (int32_t begin = 0; begin < rows; begin += rowsAtOnce) {
      int32_t count = std::min(rowsAtOnce, rows - begin);
      std::span<const float> sent;
      if (isFirst)
        received.resize(count * rowSize);
      else
        sent = own.subspan(begin * rowSize, count * rowSize);
      Status status =
          exchangeValues(*processes, isFirst ? other : 0, sent,
                         isFirst ? std::span(received) : std::span<float>());
      if (!status.ok())
        return status;
      for (int32_t row = 0; isFirst && row != count; ++row)
        std::ranges::copy(rowOf(received, rowSize, row),
                          all.begin() +
                              ((int64_t(begin) + row) * nodes.size + other) *
                                  rowSize);
    }
  }
  return Status();
}
