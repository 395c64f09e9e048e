//===- CommunicatorTest.cpp - Processes that train together ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <thread>

using namespace orcinus;

namespace {

/// Calls `work` for each member of a group, in a thread of its own.
void forAll(int size, const std::function<void(Communicator &)> &work) {
  auto group = makeLocalGroup(size);
  std::vector<std::thread> threads;
  for (std::shared_ptr<Communicator> &member : group)
    threads.emplace_back([&work, own = std::move(member)]() mutable {
      work(*own);
      own.reset();
    });
  group.clear();
  for (std::thread &thread : threads)
    thread.join();
}

/// The sum of `parts` in the tree that pairs neighbours.
std::vector<float> treeSum(std::vector<std::vector<float>> parts) {
  while (parts.size() > 1) {
    std::vector<std::vector<float>> pairs;
    for (size_t left = 0; left != parts.size(); left += 2) {
      for (size_t index = 0; index != parts[left].size(); ++index)
        parts[left][index] += parts[left + 1][index];
      pairs.push_back(parts[left]);
    }
    parts = std::move(pairs);
  }
  return parts.front();
}

TEST(Communicator, SumsInATreeOfPairs) {
  for (int size : {1, 2, 4, 8}) {
    std::mt19937 random(size);
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> parts(size, std::vector<float>(257));
    for (std::vector<float> &part : parts)
      for (float &value : part)
        value = normal(random);
    std::vector<std::vector<float>> results = parts;
    forAll(size, [&](Communicator &member) {
      EXPECT_EQ(member.size(), size);
      EXPECT_TRUE(member.sum(std::span(results[member.rank()])).ok());
    });
    for (const std::vector<float> &result : results)
      EXPECT_EQ(result, treeSum(parts)) << size << " members";
  }
}

/// Values and counts go in one message, which is counted whoever sends it.
TEST(Communicator, SumsValuesWithCounts) {
  for (int size : {1, 2, 8})
    forAll(size, [&](Communicator &member) {
      auto other = member.duplicate(Communicator::Waiting::Patient);
      ASSERT_TRUE(other.ok()) << other.message();
      std::vector<float> values{0.1f, static_cast<float>(member.rank()), 3};
      std::vector<double> counts{1e15, static_cast<double>(member.rank())};
      std::vector<std::vector<float>> parts;
      for (int each = 0; each != size; ++each)
        parts.push_back({0.1f, static_cast<float>(each), 3});
      ASSERT_TRUE((*other)->sum(std::span(values), std::span(counts)).ok());
      EXPECT_EQ(values, treeSum(parts));
      EXPECT_EQ(counts[0], size * 1e15);
      EXPECT_EQ(counts[1], size * (size - 1) / 2);
      int64_t levels = size == 8 ? 3 : size - 1;
      EXPECT_EQ(member.traffic().messages, levels);
      EXPECT_EQ(member.traffic().bytes, levels * (3 * 4 + 2 * 8));
      EXPECT_TRUE(member.meet().ok());
    });
}

/// Who leaves does not wait any more, on whatever thread.
TEST(Communicator, OneThatLeavesWaitsForNobody) {
  auto group = makeLocalGroup(2);
  std::vector<std::byte> bytes(4);
  std::thread waiting([&] {
    EXPECT_EQ(group[0]->exchange(1, bytes, bytes).code(),
              StatusCode::Unavailable);
  });
  group[0]->leave();
  waiting.join();
}

TEST(Communicator, BroadcastsFromTheFirst) {
  forAll(4, [](Communicator &member) {
    int32_t value = member.rank() + 7;
    std::span<int32_t> values(&value, 1);
    EXPECT_TRUE(member.broadcast(std::as_writable_bytes(values)).ok());
    EXPECT_EQ(value, 7);
  });
}

TEST(Communicator, SaysWhetherAllHaveTheSame) {
  for (int odd : {-1, 0, 1, 3})
    forAll(4, [&](Communicator &member) {
      std::string text = member.rank() == odd ? "other" : "the same text";
      auto same = member.agree(text);
      ASSERT_TRUE(same.ok());
      EXPECT_EQ(*same, odd < 0);
    });
  // One that is a part of the other.
  forAll(2, [](Communicator &member) {
    auto same = member.agree(member.rank() ? "text" : "");
    EXPECT_TRUE(same.ok() && !*same);
  });
}

TEST(Communicator, GathersWhatEachHas) {
  for (int size : {1, 2, 4, 8})
    forAll(size, [&](Communicator &member) {
      // Process r has r of the numbers, each r.
      std::vector<int32_t> own(member.rank(), member.rank());
      std::vector<std::byte> bytes;
      std::vector<size_t> offsets;
      Status status =
          member.gather(std::as_bytes(std::span(own)), bytes, offsets);
      ASSERT_TRUE(status.ok());
      std::span<const int32_t> all(
          reinterpret_cast<const int32_t *>(bytes.data()),
          bytes.size() / sizeof(int32_t));
      ASSERT_EQ(all.size(), size_t(size * (size - 1) / 2));
      size_t place = 0;
      for (int32_t process = 0; process != size; ++process) {
        EXPECT_EQ(offsets[process], place * sizeof(int32_t));
        for (int32_t each = 0; each != process; ++each)
          EXPECT_EQ(all[place++], process);
      }
      EXPECT_TRUE(member.meet().ok());
    });
}

std::string textOf(const std::vector<std::byte> &message) {
  return {reinterpret_cast<const char *>(message.data()), message.size()};
}

TEST(Communicator, MessagesComeInTheirOrderWheneverTheyAreFetched) {
  forAll(3, [](Communicator &member) {
    auto send = [&](int partner, std::string text) {
      EXPECT_TRUE(member.send(partner, std::as_bytes(std::span(text))).ok());
    };
    if (member.rank() != 0) {
      send(0, "from " + std::to_string(member.rank()));
      send(0, "");
      send(0, std::string(1 << 20, 'x'));
      // Messages and what all do together do not meet.
      EXPECT_EQ(textOf(*member.receive(0)), "done");
      return;
    }
    for (int partner : {2, 1}) {
      EXPECT_EQ(textOf(*member.receive(partner)),
                "from " + std::to_string(partner));
      EXPECT_EQ(textOf(*member.receive(partner)), "");
      EXPECT_EQ(textOf(*member.receive(partner)), std::string(1 << 20, 'x'));
      auto none = member.tryReceive(partner);
      EXPECT_TRUE(none.ok() && !*none);
      send(partner, "done");
    }
  });
}

TEST(Communicator, WhatWasSaidBeforeTheEndIsHeard) {
  auto group = makeLocalGroup(2);
  std::string text = "farewell";
  EXPECT_TRUE(group[1]->send(0, std::as_bytes(std::span(text))).ok());
  group[1].reset();
  EXPECT_EQ(textOf(*group[0]->receive(1)), text);
  EXPECT_EQ(group[0]->receive(1).code(), StatusCode::Unavailable);
  EXPECT_EQ(group[0]->send(1, {}).code(), StatusCode::Unavailable);
}

TEST(Communicator, OneThatEndsEndsTheOthers) {
  forAll(4, [](Communicator &member) {
    if (member.rank() == 2)
      return;
    std::vector<float> values(3);
    Status status = member.sum(std::span(values));
    if (status.ok())
      status = member.sum(std::span(values));
    EXPECT_EQ(status.code(), StatusCode::Unavailable);
  });
}

/// The variables of launchers, which are what they were once it is gone.
class Environment {
public:
  explicit Environment(const std::map<std::string, std::string> &values) {
    for (const char *name :
         {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
          "OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID",
          "SLURM_LOCALID", "SLURM_NTASKS", "PMI_SIZE", "PMI_RANK",
          "MPI_LOCALRANKID", "PMIX_RANK"}) {
      const char *before = getenv(name);
      if (before)
        kept[name] = before;
      unsetenv(name);
      cleared.push_back(name);
    }
    for (const auto &[name, value] : values)
      setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const std::string &name : cleared)
      unsetenv(name.c_str());
    for (const auto &[name, value] : kept)
      setenv(name.c_str(), value.c_str(), 1);
  }

private:
  std::vector<std::string> cleared;
  std::map<std::string, std::string> kept;
};

TEST(Communicator, AProcessByItselfIsNotLaunched) {
  EXPECT_FALSE((Environment({}), launchedProcess()));
  Environment one({{"OMPI_COMM_WORLD_SIZE", "1"}});
  EXPECT_FALSE(launchedProcess());
  // A script of Slurm's runs once, however many tasks the job may have.
  Environment script({{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}});
  EXPECT_FALSE(launchedProcess());
  Environment broken({{"PMI_SIZE", "many"}});
  EXPECT_FALSE(launchedProcess());
}

TEST(Communicator, KnowsLaunchers) {
  using Launcher = LaunchedProcess::Launcher;
  {
    Environment both({{"OMPI_COMM_WORLD_SIZE", "4"},
                      {"OMPI_COMM_WORLD_RANK", "3"},
                      {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                      {"SLURM_STEP_NUM_TASKS", "2"}});
    std::optional<LaunchedProcess> found = launchedProcess();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->launcher, Launcher::OpenMpi);
    EXPECT_EQ(found->size, 4);
    EXPECT_EQ(found->rank, 3);
    EXPECT_EQ(found->localRank, 1);
  }
  {
    Environment slurm({{"SLURM_STEP_NUM_TASKS", "8"},
                       {"SLURM_PROCID", "5"},
                       {"SLURM_LOCALID", "1"}});
    std::optional<LaunchedProcess> found = launchedProcess();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->launcher, Launcher::Slurm);
    EXPECT_EQ(found->rank, 5);
    EXPECT_EQ(found->localRank, 1);
    auto opened = openMpi();
    EXPECT_NE(opened.message().find("8 processes were started by srun without "
                                    "MPI"),
              std::string::npos);
  }
  Environment pmi({{"PMI_SIZE", "2"}, {"PMI_RANK", "1"}});
  std::optional<LaunchedProcess> found = launchedProcess();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->launcher, Launcher::Pmi);
  EXPECT_EQ(found->rank, 1);
  auto opened = openMpi();
  EXPECT_NE(opened.message().find("2 processes were started by a launcher of "
                                  "MPICH"),
            std::string::npos);
}

} // namespace
