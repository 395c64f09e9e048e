//===- FakeMpi.cpp - MPI between threads, for tests -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of Open MPI that are used, with its binary interface, between
// threads of one process: MPI was started by somebody else, whom all threads
// may call. What MPI lets all processes do together alone waits for all here:
// duplicating, freeing, reducing. What is sent is copied at once.
//
//===----------------------------------------------------------------------===//

#include "FakeMpi.h"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <tuple>
#include <vector>

namespace {

constexpr int success = 0, failure = 1;

struct Group {
  /// What waits for all: how many have come, how often all have.
  int here = 0;
  long meetings = 0;
  std::vector<int> least;
  /// Whether processes have called what they must call alike otherwise.
  bool isBroken = false;
  std::shared_ptr<Group> duplicate;
  /// By who sent them, to whom, and their tag.
  std::map<std::tuple<int, int, int>, std::deque<std::vector<char>>> messages;
};

struct Request {
  /// Null for what is sent, which is done.
  Group *group = nullptr;
  std::tuple<int, int, int> route;
  /// Null where no byte is received, perhaps.
  char *into = nullptr;
  size_t bytes = 0;
  bool isCancelled = false;
};

struct Library {
  std::mutex mutex;
  std::condition_variable changed;
  int processes = 1;
  /// Those that were duplicated.
  std::vector<std::shared_ptr<Group>> live;
};

Library &library() {
  static Library values;
  return values;
}

thread_local int ownRank = 0;

/// Waits until all are here; the last one does `work` before any goes on.
template <typename Work>
void meet(std::unique_lock<std::mutex> &lock, Group &group, Work work) {
  Library &all = library();
  long meeting = group.meetings;
  if (++group.here == all.processes) {
    work();
    group.here = 0;
    ++group.meetings;
    all.changed.notify_all();
    return;
  }
  all.changed.wait(lock,
                   [&] { return group.meetings != meeting || group.isBroken; });
}

/// Takes what has come for a request; whether it is done.
bool complete(Request &request) {
  if (!request.group || request.isCancelled)
    return true;
  auto &waiting = request.group->messages[request.route];
  if (waiting.empty())
    return false;
  std::copy_n(waiting.front().begin(),
              std::min(request.bytes, waiting.front().size()), request.into);
  waiting.pop_front();
  return true;
}

void post(Group &group, const void *data, int bytes, int partner, int tag) {
  const char *from = static_cast<const char *>(data);
  group.messages[{ownRank, partner, tag}].emplace_back(from, from + bytes);
  library().changed.notify_all();
}

} // namespace

extern "C" {

Group ompi_mpi_comm_world;
char ompi_mpi_byte, ompi_mpi_int, ompi_mpi_op_min;

void fakeMpiStart(int processes) {
  std::lock_guard lock(library().mutex);
  library().processes = processes;
  library().live.clear();
  ompi_mpi_comm_world = Group();
}

void fakeMpiJoin(int rank) { ownRank = rank; }

int fakeMpiLiveGroups() {
  std::lock_guard lock(library().mutex);
  return static_cast<int>(library().live.size());
}

int MPI_Initialized(int *flag) {
  *flag = 1;
  return success;
}

int MPI_Init_thread(int *, char ***, int, int *) { return failure; }

int MPI_Query_thread(int *provided) {
  constexpr int multiple = 3;
  *provided = multiple;
  return success;
}

int MPI_Finalize() { return failure; }

int MPI_Comm_rank(Group *, int *rank) {
  *rank = ownRank;
  return success;
}

int MPI_Comm_size(Group *, int *size) {
  *size = library().processes;
  return success;
}

int MPI_Comm_dup(Group *group, Group **duplicate) {
  std::unique_lock lock(library().mutex);
  meet(lock, *group, [&] {
    group->duplicate = std::make_shared<Group>();
    library().live.push_back(group->duplicate);
  });
  *duplicate = group->duplicate.get();
  // Nobody makes the next one before all have this one.
  meet(lock, *group, [] {});
  return success;
}

int MPI_Comm_free(Group **group) {
  std::unique_lock lock(library().mutex);
  auto found = std::find_if(
      library().live.begin(), library().live.end(),
      [&](const std::shared_ptr<Group> &each) { return each.get() == *group; });
  if (found == library().live.end())
    return failure;
  std::shared_ptr<Group> freed = *found;
  meet(lock, *freed, [&] { std::erase(library().live, freed); });
  *group = nullptr;
  return success;
}

int MPI_Allreduce(const void *own, void *all, int count, void *, void *,
                  Group *group) {
  std::unique_lock lock(library().mutex);
  std::span<const int> values(static_cast<const int *>(own), count);
  if (group->here == 0)
    group->least.assign(values.begin(), values.end());
  if (group->least.size() != values.size()) {
    group->isBroken = true;
    library().changed.notify_all();
    return failure;
  }
  for (int place = 0; place != count; ++place)
    group->least[place] = std::min(group->least[place], values[place]);
  meet(lock, *group, [] {});
  std::copy_n(group->least.begin(), count, static_cast<int *>(all));
  meet(lock, *group, [] {});
  return group->isBroken ? failure : success;
}

int MPI_Sendrecv(const void *sent, int sentBytes, void *, int partner, int tag,
                 void *received, int receivedBytes, void *, int, int,
                 Group *group, void *) {
  std::unique_lock lock(library().mutex);
  post(*group, sent, sentBytes, partner, tag);
  Request request{group,
                  {partner, ownRank, tag},
                  static_cast<char *>(received),
                  static_cast<size_t>(receivedBytes)};
  library().changed.wait(lock, [&] { return complete(request); });
  return success;
}

int MPI_Isend(const void *data, int bytes, void *, int partner, int tag,
              Group *group, Request **request) {
  std::lock_guard lock(library().mutex);
  post(*group, data, bytes, partner, tag);
  *request = new Request();
  return success;
}

int MPI_Irecv(void *data, int bytes, void *, int partner, int tag, Group *group,
              Request **request) {
  *request = new Request{group,
                         {partner, ownRank, tag},
                         static_cast<char *>(data),
                         static_cast<size_t>(bytes)};
  return success;
}

int MPI_Cancel(Request **request) {
  std::lock_guard lock(library().mutex);
  (*request)->isCancelled = true;
  return success;
}

int MPI_Testall(int count, Request **requests, int *passed, void *) {
  std::lock_guard lock(library().mutex);
  *passed = 1;
  for (int place = 0; place != count; ++place) {
    if (!requests[place])
      continue;
    if (complete(*requests[place])) {
      delete requests[place];
      requests[place] = nullptr;
    } else {
      *passed = 0;
    }
  }
  return success;
}

// Of messages and broadcasts no test makes use.
int MPI_Bcast(void *, int, void *, int, Group *) { return failure; }
int MPI_Improbe(int, int, Group *, int *, void **, void *) { return failure; }
int MPI_Get_count(const void *, void *, int *) { return failure; }
int MPI_Mrecv(void *, int, void *, void **, void *) { return failure; }

} // extern "C"
