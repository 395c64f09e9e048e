//===- CommunicationThreadTest.cpp - Messages beside a computation --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/CommunicationThread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <vector>

using namespace orcinus;

namespace {

TEST(CommunicationThread, DoesWorkInOrder) {
  for (bool isThreaded : {false, true}) {
    CommunicationThread thread;
    if (isThreaded) {
      ASSERT_TRUE(thread.start().ok());
    }
    std::vector<int> done;
    int64_t last = 0;
    for (int number = 0; number != 100; ++number)
      last = thread.submit([&done, number] {
        done.push_back(number);
        return Status();
      });
    EXPECT_EQ(last, 100);
    EXPECT_TRUE(thread.wait(last).ok());
    ASSERT_EQ(done.size(), 100u);
    for (int number = 0; number != 100; ++number)
      EXPECT_EQ(done[number], number);
  }
}

/// The giver goes on while work is done, which it would wait for in vain
/// otherwise.
TEST(CommunicationThread, WorksBesideItsGiver) {
  CommunicationThread thread;
  ASSERT_TRUE(thread.start().ok());
  std::promise<void> computed;
  int64_t work = thread.submit([&] {
    computed.get_future().wait();
    return Status();
  });
  computed.set_value();
  EXPECT_TRUE(thread.wait(work).ok());
}

TEST(CommunicationThread, DoesNothingAfterAnError) {
  for (bool isThreaded : {false, true}) {
    CommunicationThread thread;
    if (isThreaded) {
      ASSERT_TRUE(thread.start().ok());
    }
    std::atomic<int> done = 0;
    auto count = [&] {
      ++done;
      return Status();
    };
    int64_t before = thread.submit(count);
    EXPECT_TRUE(thread.wait(before).ok());
    thread.submit([] { return Status::error("gone"); });
    thread.submit([]() -> Status { throw std::bad_alloc(); });
    int64_t last = thread.submit(count);
    EXPECT_EQ(thread.wait(last).message(), "gone");
    EXPECT_EQ(done, 1);
    // It is forgotten on demand.
    thread.restart();
    EXPECT_TRUE(thread.wait(thread.submit(count)).ok());
    EXPECT_EQ(done, 2);
  }
}

TEST(CommunicationThread, AnExceptionIsAnError) {
  CommunicationThread thread;
  ASSERT_TRUE(thread.start().ok());
  thread.submit([]() -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(thread.wait(1).code(), StatusCode::OutOfMemory);
  thread.restart();
  thread.submit([]() -> Status { throw std::runtime_error("lost"); });
  EXPECT_EQ(thread.wait(2).message(), "lost");
}

TEST(CommunicationThread, ForgetsWhatWasNotBegun) {
  std::promise<void> begun, end;
  bool isDone = false;
  CommunicationThread thread;
  ASSERT_TRUE(thread.start().ok());
  thread.submit([&] {
    begun.set_value();
    end.get_future().wait();
    return Status();
  });
  thread.submit([&] {
    isDone = true;
    return Status();
  });
  begun.get_future().wait();
  EXPECT_TRUE(thread.forget());
  end.set_value();
  EXPECT_TRUE(thread.wait(2).ok());
  EXPECT_FALSE(thread.forget());
  EXPECT_FALSE(isDone);
}

} // namespace
