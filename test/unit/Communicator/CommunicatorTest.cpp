//===- CommunicatorTest.cpp - Processes that train together ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <gtest/gtest.h>

#include <functional>
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

TEST(Communicator, AProcessByItselfIsNotLaunched) {
  unsetenv("OMPI_COMM_WORLD_SIZE");
  EXPECT_FALSE(isLaunchedByMpi());
  setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  EXPECT_FALSE(isLaunchedByMpi());
  setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  EXPECT_TRUE(isLaunchedByMpi());
  unsetenv("OMPI_COMM_WORLD_SIZE");
}

} // namespace
