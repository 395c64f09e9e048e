//===- FakeNccl.cpp - NCCL between threads, for tests ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of NCCL that are used, over host memory: the processes are
// threads of one. As of NCCL, who joins waits for all, what is sent is matched
// in order, and a group is done as a whole. Streams are not looked at: what is
// sent must be there.
//
//===----------------------------------------------------------------------===//

#include "FakeNccl.h"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace {

constexpr int success = 0, invalidArgument = 4, invalidUsage = 5,
              remoteError = 6;

struct UniqueId {
  char bytes[128];
};

/// The members of a group, and what lies between them.
struct Meeting {
  int size = 0;
  int joined = 0;
  std::set<int> gone;
  std::map<std::pair<int, int>, std::deque<std::vector<char>>> messages;
};

struct Library {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<int, std::shared_ptr<Meeting>> meetings;
  int lastId = 0;
  fake::NcclControl control;
};

Library &library() {
  static Library values;
  return values;
}

struct Member {
  std::shared_ptr<Meeting> meeting;
  int rank = 0;
};

/// What a thread's group has so far.
struct Transfer {
  Member *member;
  int partner;
  bool isSent;
  /// Null where no byte is sent or received, perhaps.
  const char *sent;
  char *received;
  size_t bytes;
};
thread_local std::vector<Transfer> group;
thread_local bool isInGroup = false;

int transfer(const std::vector<Transfer> &transfers) {
  Library &all = library();
  std::unique_lock lock(all.mutex);
  if (all.control.failsToExchange)
    return remoteError;
  for (const Transfer &each : transfers)
    if (each.isSent) {
      each.member->meeting->messages[{each.member->rank, each.partner}]
          .emplace_back(each.sent, each.sent + each.bytes);
      ++all.control.messages;
    }
  all.changed.notify_all();
  for (const Transfer &each : transfers) {
    if (each.isSent)
      continue;
    Meeting &meeting = *each.member->meeting;
    auto &waiting = meeting.messages[{each.partner, each.member->rank}];
    all.changed.wait(lock, [&] {
      return !waiting.empty() || meeting.gone.contains(each.partner);
    });
    if (waiting.empty())
      return remoteError;
    if (waiting.front().size() != each.bytes)
      return invalidArgument;
    std::ranges::copy(waiting.front(), each.received);
    waiting.pop_front();
  }
  return success;
}

int add(const Transfer &transfer) {
  if (!isInGroup)
    return invalidUsage;
  group.push_back(transfer);
  return success;
}

int leave(Member *member) {
  {
    std::lock_guard lock(library().mutex);
    member->meeting->gone.insert(member->rank);
    --library().control.liveMembers;
  }
  library().changed.notify_all();
  delete member;
  return success;
}

} // namespace

extern "C" {

fake::NcclControl *fakeNcclControl() { return &library().control; }

const char *ncclGetErrorString(int code) {
  return code == remoteError ? "remote process exited or there was a network "
                               "error"
         : code == invalidUsage ? "invalid usage"
                                : "unhandled error";
}

int ncclGetUniqueId(UniqueId *id) {
  std::lock_guard lock(library().mutex);
  int number = ++library().lastId;
  std::memset(id->bytes, 0x5a, sizeof(id->bytes));
  std::memcpy(id->bytes, &number, sizeof(number));
  return success;
}

int ncclCommInitRank(Member **member, int size, UniqueId id, int rank) {
  Library &all = library();
  int number = 0;
  std::memcpy(&number, id.bytes, sizeof(number));
  // All of the id must have arrived.
  for (size_t byte = sizeof(number); byte != sizeof(id.bytes); ++byte)
    if (id.bytes[byte] != 0x5a)
      return invalidArgument;
  std::unique_lock lock(all.mutex);
  if (number < 1 || number > all.lastId || rank < 0 || rank >= size)
    return invalidArgument;
  if (rank == all.control.refusedRank)
    return invalidUsage;
  std::shared_ptr<Meeting> &meeting = all.meetings[number];
  if (!meeting)
    meeting = std::make_shared<Meeting>();
  meeting->size = size;
  ++meeting->joined;
  all.changed.notify_all();
  bool isRefused = all.control.refusedRank >= 0;
  all.changed.wait(lock, [&] { return isRefused || meeting->joined == size; });
  *member = new Member{meeting, rank};
  ++all.control.liveMembers;
  return success;
}

int ncclCommDestroy(Member *member) { return leave(member); }
int ncclCommAbort(Member *member) { return leave(member); }

int ncclGroupStart() {
  isInGroup = true;
  group.clear();
  return success;
}

int ncclGroupEnd() {
  isInGroup = false;
  return transfer(std::exchange(group, {}));
}

int ncclSend(const void *data, size_t count, int type, int partner,
             Member *member, void *) {
  return type == 0 ? add({member, partner, true,
                          static_cast<const char *>(data), nullptr, count})
                   : invalidArgument;
}

int ncclRecv(void *data, size_t count, int type, int partner, Member *member,
             void *) {
  return type == 0 ? add({member, partner, false, nullptr,
                          static_cast<char *>(data), count})
                   : invalidArgument;
}

} // extern "C"
