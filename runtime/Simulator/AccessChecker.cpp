//===- AccessChecker.cpp - Races and reads of nothing ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/AccessChecker.h"

using namespace orcinus;

static constexpr uintptr_t wordBytes = 4;

AccessChecker::AccessChecker(std::string kernel, LaunchShape shape,
                             const char *workgroup, int64_t workgroupBytes,
                             ReportLog &log)
    : kernel(std::move(kernel)), shape(shape), workgroup(workgroup),
      workgroupBytes(workgroupBytes), log(log) {}

void AccessChecker::startBlock(int64_t number) {
  block = static_cast<uint32_t>(number);
}

void AccessChecker::check(const Access &access) {
  bool ofWorkgroup = access.address >= workgroup &&
                     access.address < workgroup + workgroupBytes;
  uintptr_t begin = reinterpret_cast<uintptr_t>(access.address);
  uintptr_t end = begin + access.bytes;
  for (uintptr_t word = begin / wordBytes; word * wordBytes < end; ++word) {
    uint32_t bytes = 0;
    for (uintptr_t byte = 0; byte < wordBytes; ++byte)
      if (word * wordBytes + byte >= begin && word * wordBytes + byte < end)
        bytes |= 1u << byte;
    checkWord(cellOf(word, ofWorkgroup), access, bytes, ofWorkgroup);
  }
}

AccessChecker::Cell &AccessChecker::cellOf(uintptr_t word, bool ofWorkgroup) {
  uintptr_t number = word / cellsOfPage;
  if (!lastPage || number != lastPageNumber) {
    std::unique_ptr<Page> &page = pages[number];
    if (!page)
      page = std::make_unique<Page>();
    lastPage = page.get();
    lastPageNumber = number;
  }
  Cell &cell = lastPage->cells[word % cellsOfPage];
  if (cell.block == block + 1)
    return cell;
  if (ofWorkgroup) {
    cell = Cell();
  } else {
    const History &past = cell.now;
    if (past.write.bytes)
      cell.earlierWrite = past.write;
    if (past.reads[0].bytes)
      cell.earlierRead = past.reads[0];
    if (past.atomics[0].bytes)
      cell.earlierAtomic = past.atomics[0];
    cell.now = History();
  }
  cell.block = block + 1;
  return cell;
}

void AccessChecker::checkWord(Cell &cell, const Access &access, uint32_t bytes,
                              bool ofWorkgroup) {
  Record mine{
      access.location,
      static_cast<uint32_t>(block * volumeOf(shape.block) + access.thread),
      static_cast<uint32_t>(access.interval), bytes};
  History &now = cell.now;
  auto compareNow = [&](const Record &other, AccessKind kind) {
    if (other.interval == mine.interval)
      compare(other, kind, mine, access, ofWorkgroup);
  };
  auto compareEarlier = [&](const Record &other, AccessKind kind) {
    compare(other, kind, mine, access, ofWorkgroup);
  };
  compareNow(now.write, AccessKind::Write);
  compareEarlier(cell.earlierWrite, AccessKind::Write);
  if (access.kind != AccessKind::Atomic) {
    for (const Record &other : now.atomics)
      compareNow(other, AccessKind::Atomic);
    compareEarlier(cell.earlierAtomic, AccessKind::Atomic);
  }
  if (access.kind != AccessKind::Read) {
    for (const Record &other : now.reads)
      compareNow(other, AccessKind::Read);
    compareEarlier(cell.earlierRead, AccessKind::Read);
  }

  if (ofWorkgroup && access.kind != AccessKind::Write &&
      (cell.written & bytes) != bytes)
    reportUninitialised(access);
  if (access.kind != AccessKind::Read)
    cell.written |= bytes;
  if (access.kind == AccessKind::Write)
    remember(now.write, mine);
  else
    remember(access.kind == AccessKind::Read ? now.reads : now.atomics, mine);
}

void AccessChecker::compare(const Record &other, AccessKind otherKind,
                            const Record &mine, const Access &access,
                            bool ofWorkgroup) {
  if ((other.bytes & mine.bytes) && other.thread != mine.thread)
    reportRace(other, otherKind, access, ofWorkgroup);
}

static const char *textOf(AccessKind kind) {
  switch (kind) {
  case AccessKind::Read:
    return "read";
  case AccessKind::Write:
    return "write";
  case AccessKind::Atomic:
    return "atomic";
  }
  return "access";
}

void AccessChecker::reportRace(const Record &other, AccessKind otherKind,
                               const Access &access, bool ofWorkgroup) {
  int64_t threads = volumeOf(shape.block);
  auto myThread = positionOf(access.thread, shape.block);
  auto myBlock = positionOf(block, shape.grid);
  auto otherThread = positionOf(other.thread % threads, shape.block);
  auto otherBlock = positionOf(other.thread / threads, shape.grid);
  std::string message = "kernel '" + kernel + "': race on " +
                        (ofWorkgroup ? "workgroup" : "global") +
                        " memory: " + textOf(access.kind) + " at " +
                        access.location + " by thread " + tripleText(myThread) +
                        " of block " + tripleText(myBlock) + ", " +
                        textOf(otherKind) + " at " + other.location +
                        " by thread " + tripleText(otherThread) + " of block " +
                        tripleText(otherBlock);
  log.add({ofWorkgroup ? SimulatorReport::Kind::WorkgroupRace
                       : SimulatorReport::Kind::GlobalRace,
           std::move(message),
           {access.location, other.location},
           kernel,
           myBlock,
           myThread});
}

void AccessChecker::reportUninitialised(const Access &access) {
  auto thread = positionOf(access.thread, shape.block);
  auto position = positionOf(block, shape.grid);
  std::string message = "kernel '" + kernel +
                        "': workgroup memory is read before it is written "
                        "at " +
                        access.location + " by thread " + tripleText(thread) +
                        " of block " + tripleText(position);
  log.add({SimulatorReport::Kind::UninitialisedRead,
           std::move(message),
           {access.location},
           kernel,
           position,
           thread});
}

void AccessChecker::remember(Record &slot, const Record &mine) {
  uint32_t before = slot.thread == mine.thread && slot.interval == mine.interval
                        ? slot.bytes
                        : 0;
  slot = mine;
  slot.bytes |= before;
}

void AccessChecker::remember(Record (&slots)[2], const Record &mine) {
  // The thread's own slot, else one of a past interval, else the second.
  for (Record &slot : slots)
    if (slot.bytes && slot.thread == mine.thread)
      return remember(slot, mine);
  for (Record &slot : slots)
    if (!slot.bytes || slot.interval != mine.interval)
      return remember(slot, mine);
  remember(slots[1], mine);
}
