//===- RowTraffic.cpp - What rows that processes share would send ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/RowTraffic.h"

#include <algorithm>
#include <utility>

using namespace orcinus;

RowTraffic::RowTraffic(int64_t processes, std::vector<int64_t> ofRows,
                       bool remembers)
    : rowBytes(std::move(ofRows)), remembers(remembers), windows(processes) {
  for (RowsBySpace &window : windows)
    window.resize(rowBytes.size());
}

/// Counts what a process asks for of a space, of which its window has `rows`.
void RowTraffic::ask(size_t process, size_t space,
                     std::span<const int32_t> rows) {
  std::span<const int32_t> known = windows[process][space];
  auto next = known.begin();
  for (int32_t row : rows) {
    size_t owner = static_cast<size_t>(row) % windows.size();
    next = std::lower_bound(next, known.end(), row);
    bool isKnown = remembers && next != known.end() && *next == row;
    if (owner != process && !isKnown)
      ++asked(process, owner, space);
  }
}

void RowTraffic::add(std::span<const RowsBySpace> shards,
                     const RowsBySpace &whole) {
  size_t count = windows.size(), own = shards.size() / count;
  requests.assign(count * count * rowBytes.size(), 0);
  for (size_t process = 0; process != count; ++process) {
    auto ofProcess = shards.subspan(process * own, own);
    bool isNone = whole.empty() &&
                  std::ranges::all_of(ofProcess, [](const RowsBySpace &part) {
                    return part.empty();
                  });
    for (size_t space = 0; !isNone && space != rowBytes.size(); ++space) {
      // What no array has is not asked for.
      if (rowBytes[space] == 0)
        continue;
      rows.clear();
      auto take = [&](const RowsBySpace &part) {
        if (space < part.size())
          rows.insert(rows.end(), part[space].begin(), part[space].end());
      };
      std::ranges::for_each(ofProcess, take);
      take(whole);
      std::ranges::sort(rows);
      auto repeated = std::ranges::unique(rows);
      rows.erase(repeated.begin(), repeated.end());
      ask(process, space, rows);
      std::swap(windows[process][space], rows);
    }
  }
  // In each pair both say how many rows of each space they want, and of which
  // arrays; then, if any, which, and get them.
  for (size_t process = 0; process != count; ++process)
    for (size_t other = 0; other != count; ++other) {
      if (other == process)
        continue;
      size_t keys = 0, answers = 0;
      int64_t values = 0;
      for (size_t space = 0; space != rowBytes.size(); ++space) {
        size_t wanted = asked(other, process, space);
        keys += asked(process, other, space);
        answers += wanted;
        values += static_cast<int64_t>(wanted) * rowBytes[space];
      }
      sentMessages += keys + answers == 0 ? 1 : 3;
      sentBytes +=
          static_cast<int64_t>((rowBytes.size() + 1) * sizeof(uint64_t) +
                               keys * sizeof(int32_t)) +
          values;
    }
}
