//===- RowTraffic.h - What rows that processes share would send -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_ROWTRAFFIC_H
#define RUNTIME_TRAIN_ROWTRAFFIC_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// The rows that a part of a batch touches, by the spaces of RowWindow and in
/// any order; nothing at all of a part that is not computed.
using RowsBySpace = std::vector<std::vector<int32_t>>;

/// Counts what RowExchange sends among so many processes that train batches in
/// shards.
class RowTraffic {
public:
  /// `rowBytes` are those of a row of all arrays of a space, by space.
  /// `remembers` says that rows of the batch before are not asked for again,
  /// which is so where no device has them.
  RowTraffic(int64_t processes, std::vector<int64_t> rowBytes, bool remembers);

  /// Adds a batch: `shards` are divided among the processes, each of which
  /// takes `whole`, too.
  void add(std::span<const RowsBySpace> shards, const RowsBySpace &whole);

  int64_t processes() const { return static_cast<int64_t>(windows.size()); }
  /// That all processes together have sent.
  int64_t messages() const { return sentMessages; }
  int64_t bytes() const { return sentBytes; }

private:
  void ask(size_t process, size_t space, std::span<const int32_t> rows);
  size_t &asked(size_t process, size_t owner, size_t space) {
    return requests[(process * windows.size() + owner) * rowBytes.size() +
                    space];
  }

  std::vector<int64_t> rowBytes;
  bool remembers;
  /// Of each process, by space, the rows of its last window, ascending.
  std::vector<RowsBySpace> windows;
  /// The rows that a process asks another one for, by space.
  std::vector<size_t> requests;
  std::vector<int32_t> rows;
  int64_t sentMessages = 0;
  int64_t sentBytes = 0;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_ROWTRAFFIC_H
