//===- RowExchange.cpp - Rows that processes have for each other ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/RowExchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

using namespace orcinus;

RowExchange::RowExchange(std::vector<FloatArray> &nodeRows,
                         std::vector<FloatArray> &caches,
                         RowPartition partition)
    : nodeArrays(nodeRows.size()), owners(partition) {
  for (FloatArray &array : nodeRows)
    arrays.push_back(&array);
  // One process has all of them, where its programs find them.
  if (partition.size > 1)
    for (FloatArray &array : caches)
      arrays.push_back(&array);
}

Status RowExchange::check() const {
  // Requests have a bit for each.
  constexpr size_t mostArrays = 64;
  if (owners.size == 1 || arrays.size() <= mostArrays)
    return Status();
  return Status::error(
      fmt::format("the model has {} arrays of states, messages, mailboxes and "
                  "caches, but the processes can divide only {}: replicate the "
                  "states",
                  arrays.size(), mostArrays));
}

static std::span<const float> rowOf(std::span<const float> values, int64_t size,
                                    int64_t row) {
  return values.subspan(row * size, size);
}

static void copyRows(const FloatArray &from, FloatArray &to,
                     std::span<const std::pair<int32_t, int32_t>> rows) {
  std::span<const float> values = from.values();
  std::span<float> replaced = to.values();
  int64_t size = from.rowSize();
  for (auto [row, place] : rows)
    std::ranges::copy(rowOf(values, size, row),
                      replaced.begin() + place * size);
}

/// Whether the last window has all that this one has of a row.
bool RowExchange::knows(const RowWindow &window, size_t space) const {
  // Its steps may be running, which on a device leaves its arrays to them.
  if (!latest || latest == &window || latest->isMirrored())
    return false;
  return std::ranges::all_of(
      window.arrays(), [&](const RowWindow::Array &each) {
        return each.space != space || latest->find(each.number);
      });
}

/// Puts the rows that are here into the window, and lists the others.
void RowExchange::fillHere(RowWindow &window) {
  missing.resize(spaceCount());
  for (size_t space = 0; space != spaceCount(); ++space) {
    missing[space].clear();
    ownRows.clear();
    knownRows.clear();
    // Of models without states, rows of nodes are those of features alone.
    if (std::ranges::find(window.arrays(), space, &RowWindow::Array::space) ==
        window.arrays().end())
      continue;
    bool isKnown = knows(window, space);
    for (int32_t place = 0; int32_t row : window.rows(space)) {
      int32_t known = isKnown ? latest->find(space, row) : -1;
      if (owners.owns(row))
        ownRows.emplace_back(owners.place(row), place);
      else if (known < 0)
        missing[space].push_back(place);
      // What a step is yet to write to is put there once it has.
      else if (space != RowWindow::nodes || latest->isSettled ||
               !latest->isWritten(known))
        knownRows.emplace_back(known, place);
      ++place;
    }
    for (const RowWindow::Array &each : window.arrays()) {
      if (each.space != space)
        continue;
      copyRows(*arrays[each.number], *each.values, ownRows);
      if (!knownRows.empty())
        copyRows(*latest->find(each.number), *each.values, knownRows);
    }
  }
}

template <typename T>
static Status exchangeValues(Communicator &processes, int partner,
                             std::span<const T> sent, std::span<T> received) {
  return processes.exchange(partner, std::as_bytes(sent),
                            std::as_writable_bytes(received));
}

/// Lists the missing rows that the partner has.
void RowExchange::ask(int partner, const RowWindow &window) {
  for (size_t space = 0; space != spaceCount(); ++space) {
    std::span<const int32_t> rows = window.rows(space);
    size_t before = wanted.size();
    for (int32_t place : missing[space])
      if (owners.owner(rows[place]) == partner) {
        wanted.push_back(place);
        own.rows.push_back(rows[place]);
      }
    own.counts[space] = wanted.size() - before;
  }
  for (const RowWindow::Array &each : window.arrays())
    own.counts.back() |= uint64_t(1) << each.number;
}

/// Lists the values of what the partner asks for.
void RowExchange::answer() {
  answered.clear();
  for (size_t number = 0; number != arrays.size(); ++number) {
    if (!(other.counts.back() >> number & 1))
      continue;
    size_t first = 0, space = spaceOf(number);
    for (size_t before = 0; before != space; ++before)
      first += other.counts[before];
    std::span<const float> whole = std::as_const(*arrays[number]).values();
    int64_t size = arrays[number]->rowSize();
    for (int32_t row :
         std::span(other.rows).subspan(first, other.counts[space])) {
      std::span<const float> values = rowOf(whole, size, owners.place(row));
      answered.insert(answered.end(), values.begin(), values.end());
    }
  }
}

/// Puts what the partner has answered into the window: arrays come in order of
/// their numbers, as the window has them.
void RowExchange::takeAnswer(RowWindow &window) {
  const float *next = received.data();
  for (const RowWindow::Array &each : window.arrays()) {
    size_t first = 0;
    for (size_t before = 0; before != each.space; ++before)
      first += own.counts[before];
    int64_t size = each.values->rowSize();
    float *values = each.values->values().data();
    for (int32_t place :
         std::span(wanted).subspan(first, own.counts[each.space])) {
      std::copy_n(next, size, values + place * size);
      next += size;
    }
  }
}

/// Gives one process the rows that it asks for, and takes from it those of the
/// window that it has.
Status RowExchange::serve(int partner, RowWindow *window) {
  wanted.clear();
  own.rows.clear();
  own.counts.assign(spaceCount() + 1, 0);
  other.counts.resize(spaceCount() + 1);
  if (window)
    ask(partner, *window);
  Status status =
      exchangeValues(*processes, partner, std::span<const uint64_t>(own.counts),
                     std::span(other.counts));
  if (!status.ok())
    return status;
  size_t asked = 0;
  for (size_t space = 0; space != spaceCount(); ++space)
    asked += other.counts[space];
  other.rows.resize(asked);
  if (wanted.empty() && asked == 0)
    return Status();
  status =
      exchangeValues(*processes, partner, std::span<const int32_t>(own.rows),
                     std::span(other.rows));
  if (!status.ok())
    return status;
  answer();
  size_t expected = 0;
  if (window)
    for (const RowWindow::Array &each : window->arrays())
      expected += own.counts[each.space] * each.values->rowSize();
  received.resize(expected);
  status = exchangeValues(*processes, partner, std::span<const float>(answered),
                          std::span(received));
  if (status.ok() && window)
    takeAnswer(*window);
  return status;
}

Status RowExchange::fetch(RowWindow *window) {
  if (window)
    fillHere(*window);
  // In each round the processes pair up: a power of two of them.
  for (int round = 1; round < owners.size; ++round)
    if (Status status = serve(owners.rank ^ round, window); !status.ok())
      return status;
  if (window)
    earlier = std::exchange(latest, window);
  return Status();
}

void RowExchange::writeBack(const RowWindow &window) {
  std::span<const int32_t> rows = window.rows(RowWindow::nodes);
  for (const RowWindow::Array &each : window.arrays()) {
    if (each.space != RowWindow::nodes)
      continue;
    std::span<float> whole = arrays[each.number]->values();
    std::span<const float> values = std::as_const(*each.values).values();
    int64_t size = each.values->rowSize();
    for (int32_t row : window.writtenRows())
      if (owners.owns(rows[row]))
        std::ranges::copy(rowOf(values, size, row),
                          whole.begin() + owners.place(rows[row]) * size);
  }
}

/// Puts the rows of nodes that a step has written to in one window into the
/// other, where it has them.
void RowExchange::patch(const RowWindow &from, RowWindow &into) {
  std::span<const int32_t> rows = from.rows(RowWindow::nodes);
  changedRows.clear();
  for (int32_t row : from.writtenRows())
    if (int32_t place = into.find(RowWindow::nodes, rows[row]); place >= 0)
      changedRows.emplace_back(row, place);
  for (const RowWindow::Array &each : into.arrays())
    if (const FloatArray *source = from.find(each.number);
        source && each.space == RowWindow::nodes)
      copyRows(*source, *each.values, changedRows);
}

void RowExchange::writeToCache(const CacheWrite &write) {
  size_t number = arrayOfCache(write.cache);
  auto put = [&](FloatArray &array, int32_t row) {
    std::ranges::copy(write.values,
                      array.values().begin() + row * array.rowSize());
  };
  if (owners.owns(write.slot))
    put(*arrays[number], owners.place(write.slot));
  if (!latest)
    return;
  int32_t place = latest->find(RowWindow::ofCache(write.cache), write.slot);
  for (const RowWindow::Array &each : latest->arrays())
    if (place >= 0 && each.number == number)
      put(*each.values, place);
}

void RowExchange::settle() {
  for (RowWindow *window : {earlier, latest}) {
    if (!window || !window->isChanged)
      continue;
    writeBack(*window);
    if (window == earlier && latest != earlier)
      patch(*window, *latest);
    window->isChanged = false;
    window->isSettled = true;
  }
  for (const CacheWrite &write : writes)
    writeToCache(write);
  writes.clear();
}

Status RowExchange::gather(std::span<const float> own, int64_t rowSize,
                           int64_t count, std::span<float> all) {
  bool isFirst = owners.rank == 0;
  auto put = [&](int32_t process, int64_t place, std::span<const float> row) {
    std::ranges::copy(row,
                      all.begin() + (place * owners.size + process) * rowSize);
  };
  if (isFirst)
    for (int64_t place = 0; place != owners.count(count); ++place)
      put(0, place, rowOf(own, rowSize, place));
  // Pieces of some megabytes, so that no process needs twice its memory.
  const int64_t rowsAtOnce =
      std::max<int64_t>(1, (int64_t(1) << 22) / std::max<int64_t>(rowSize, 1));
  for (int process = 1; process < owners.size; ++process) {
    if (!isFirst && process != owners.rank)
      continue;
    int64_t rows = owners.count(count, process);
    for (int64_t begin = 0; begin < rows; begin += rowsAtOnce) {
      int64_t piece = std::min(rowsAtOnce, rows - begin);
      std::span<const float> sent;
      if (isFirst)
        received.resize(piece * rowSize);
      else
        sent = own.subspan(begin * rowSize, piece * rowSize);
      Status status =
          exchangeValues(*processes, isFirst ? process : 0, sent,
                         isFirst ? std::span(received) : std::span<float>());
      if (!status.ok())
        return status;
      for (int64_t place = 0; isFirst && place != piece; ++place)
        put(process, begin + place, rowOf(received, rowSize, place));
    }
  }
  return Status();
}
