//===- MpiCommunicatorTest.cpp - What is called of MPI --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include "FakeMpi.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using namespace orcinus;

namespace {

/// Processes that the fake of MPI connects.
class MpiCommunicatorTest : public testing::Test {
protected:
  /// Opened by its path, it is found by the name that it has in common with
  /// Open MPI's library.
  MpiCommunicatorTest() : handle(dlopen(ORCINUS_FAKE_MPI, RTLD_NOW)) {
    // The tests' own launcher, if any, says nothing of these processes.
    for (const char *name :
         {"OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "PMI_SIZE"})
      unsetenv(name);
  }

  template <typename Function>
  Function *find(Function *, const char *name) const {
    return reinterpret_cast<Function *>(dlsym(handle, name));
  }
  void join(int rank) const { find(&fakeMpiJoin, "fakeMpiJoin")(rank); }
  int liveGroups() const {
    return find(&fakeMpiLiveGroups, "fakeMpiLiveGroups")();
  }

  /// Calls `work` for each of so many processes, in a thread of its own.
  void forAll(int size,
              const std::function<void(Communicator &processes)> &work) {
    ASSERT_TRUE(handle) << dlerror();
    find(&fakeMpiStart, "fakeMpiStart")(size);
    std::vector<std::thread> threads;
    for (int rank = 0; rank != size; ++rank)
      threads.emplace_back([&, rank] {
        join(rank);
        auto processes = openMpi();
        ASSERT_TRUE(processes.ok()) << processes.message();
        EXPECT_EQ((*processes)->rank(), rank);
        EXPECT_EQ((*processes)->size(), size);
        work(**processes);
      });
    for (std::thread &thread : threads)
      thread.join();
  }

  /// How many duplicates there are when all processes are here.
  int liveGroupsOfAll(Communicator &processes) const {
    EXPECT_TRUE(processes.meet().ok());
    int live = liveGroups();
    EXPECT_TRUE(processes.meet().ok());
    return live;
  }

  static std::shared_ptr<Communicator> duplicate(Communicator &processes) {
    auto made = processes.duplicate(Communicator::Waiting::Patient);
    EXPECT_TRUE(made.ok()) << made.message();
    return made.ok() ? std::move(*made) : nullptr;
  }

  void *handle;
};

TEST_F(MpiCommunicatorTest, DuplicatesDoNotMeet) {
  forAll(4, [&](Communicator &processes) {
    auto first = duplicate(processes), second = duplicate(processes);
    double one = 1, rank = processes.rank();
    auto sumOnes = [&] { EXPECT_TRUE(first->sum(std::span(&one, 1)).ok()); };
    auto sumRanks = [&] { EXPECT_TRUE(second->sum(std::span(&rank, 1)).ok()); };
    // Whose message was sent first is not the same in all.
    bool isOdd = processes.rank() % 2 != 0;
    std::thread other([&, number = processes.rank()] {
      join(number);
      isOdd ? sumRanks() : sumOnes();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    isOdd ? sumOnes() : sumRanks();
    other.join();
    EXPECT_EQ(one, 4);
    EXPECT_EQ(rank, 0 + 1 + 2 + 3);
  });
}

/// Freeing is done by all at once, but each process is done with a duplicate
/// when it is.
TEST_F(MpiCommunicatorTest, FreesDuplicatesWithWhichAllAreDone) {
  for (int size : {1, 2, 4})
    forAll(size, [&](Communicator &processes) {
      bool isFirst = processes.rank() == 0;
      auto kept = duplicate(processes), given = duplicate(processes);
      EXPECT_EQ(liveGroupsOfAll(processes), 2);
      // The first process keeps one for longer.
      std::shared_ptr<Communicator> longer = isFirst ? kept : nullptr;
      kept.reset();
      given.reset();
      EXPECT_EQ(liveGroupsOfAll(processes), 2);
      auto next = duplicate(processes);
      EXPECT_EQ(liveGroupsOfAll(processes), 2);
      longer.reset();
      auto last = duplicate(processes);
      EXPECT_EQ(liveGroupsOfAll(processes), 2);
      double one = 1;
      EXPECT_TRUE(last->sum(std::span(&one, 1)).ok());
      EXPECT_EQ(one, processes.size());
      // However many trainers a script makes.
      next.reset();
      last.reset();
      for (int trainer = 0; trainer != 10; ++trainer)
        next = duplicate(processes);
      EXPECT_EQ(liveGroupsOfAll(processes), 2);
    });
}

/// Its last message may still come.
TEST_F(MpiCommunicatorTest, KeepsWhatWasLeftOnTheWay) {
  forAll(2, [&](Communicator &processes) {
    auto other = duplicate(processes);
    if (processes.rank() == 0) {
      std::thread waiting([&] {
        join(0);
        double one = 1;
        EXPECT_FALSE(other->sum(std::span(&one, 1)).ok());
      });
      other->leave();
      waiting.join();
    }
    other.reset();
    for (int trainer = 0; trainer != 3; ++trainer)
      other = duplicate(processes);
    EXPECT_EQ(liveGroupsOfAll(processes), 3);
  });
}

} // namespace
