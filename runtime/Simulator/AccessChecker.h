//===- AccessChecker.h - Races and reads of nothing -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each 4-byte word that a launch touches has a cell that remembers who wrote,
// read and atomically changed it last. Blocks run one after the other, so a
// cell has two halves: what the block that runs now has done since its last
// barrier, and what any block before it did.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_ACCESSCHECKER_H
#define ORCINUS_RUNTIME_SIMULATOR_ACCESSCHECKER_H

#include "runtime/Simulator/LaunchShape.h"
#include "runtime/Simulator/Report.h"

#include <memory>
#include <unordered_map>

namespace orcinus {

enum class AccessKind : int32_t { Read, Write, Atomic };

/// An access by a thread of the block that runs.
struct Access {
  const char *address;
  int32_t bytes;
  AccessKind kind;
  /// The thread's number in its block.
  int32_t thread;
  /// The barriers that its block has passed.
  int32_t interval;
  /// `file:line:column`.
  const char *location;
};

/// Finds races within a launch and reads of workgroup memory never written. A
/// race is two accesses that nothing orders, whether or not they met: of each
/// word that has any, one at least is found, in whatever order the threads run.
/// Of accesses to parts of a word some can be missed; none is reported that is
/// not one, except where a kernel orders its accesses by atomics.
class AccessChecker {
public:
  AccessChecker(std::string kernel, LaunchShape shape, const char *workgroup,
                int64_t workgroupBytes, ReportLog &log);

  /// From now on, block number `block` runs, whose workgroup memory is new.
  void startBlock(int64_t block);

  void check(const Access &access);

private:
  /// Who made an access; `bytes` has a bit for each byte of the word, none
  /// where there was no access.
  struct Record {
    const char *location;
    /// The thread's number in the launch, over all blocks.
    uint32_t thread;
    uint32_t interval : 28;
    uint32_t bytes : 4;
  };
  struct History {
    Record write;
    /// By different threads, so that one of them is not the next to write.
    Record reads[2];
    Record atomics[2];
  };
  struct Cell {
    /// The block that `now` is of, plus 1.
    uint32_t block;
    /// The bytes that this block has written.
    uint32_t written;
    History now;
    /// Of blocks before: any of them is unordered with this one.
    Record earlierWrite, earlierRead, earlierAtomic;
  };
  static constexpr uintptr_t cellsOfPage = 1024;
  struct Page {
    Cell cells[cellsOfPage];
  };

  Cell &cellOf(uintptr_t word, bool workgroup);
  void checkWord(Cell &cell, const Access &access, uint32_t bytes,
                 bool workgroup);
  void compare(const Record &other, AccessKind otherKind, const Record &mine,
               const Access &access, bool workgroup);
  void reportRace(const Record &other, AccessKind otherKind,
                  const Access &access, bool workgroup);
  void reportUninitialised(const Access &access);
  static void remember(Record &slot, const Record &mine);
  static void remember(Record (&slots)[2], const Record &mine);

  std::string kernel;
  LaunchShape shape;
  const char *workgroup;
  int64_t workgroupBytes;
  ReportLog &log;
  uint32_t block = 0;
  std::unordered_map<uintptr_t, std::unique_ptr<Page>> pages;
  uintptr_t lastPageNumber = 0;
  Page *lastPage = nullptr;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_ACCESSCHECKER_H
