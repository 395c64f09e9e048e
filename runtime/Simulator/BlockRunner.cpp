//===- BlockRunner.cpp - The threads of a block ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/BlockRunner.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace orcinus;

using State = BlockThread::State;

static constexpr uint64_t orderStream = randomStream("simulator: threads");

Status BlockRunner::prepare(const BlockSetup &newSetup) {
  setup = newSetup;
  threadCount = static_cast<int32_t>(volumeOf(setup.shape.block));
  if (Status status = stacks.reserve(threadCount); !status.ok())
    return status;
  if (threadCapacity < threadCount) {
    threads = std::make_unique<BlockThread[]>(threadCount);
    threadCapacity = threadCount;
  }
  for (int32_t number = 0; number < threadCount; ++number) {
    BlockThread &thread = threads[number];
    auto position = positionOf(number, setup.shape.block);
    std::copy_n(position.data(), 3, thread.threadId);
    std::copy_n(setup.shape.block.data(), 3, thread.blockDim);
    std::copy_n(setup.shape.grid.data(), 3, thread.gridDim);
    thread.workgroup = setup.workgroup;
    thread.dynamicBytes = setup.dynamicBytes;
    thread.runner = this;
    thread.number = number;
  }
  ready.reserve(threadCount);
  draws = 0;
  return Status();
}

void BlockRunner::run(int64_t block) {
  auto position = positionOf(block, setup.shape.grid);
  atBarrier = atShuffle = stopped = interval = 0;
  ready.clear();
  firstReady = 0;
  if (setup.checker)
    setup.checker->startBlock(block);
  for (int32_t number = 0; number < threadCount; ++number) {
    BlockThread &thread = threads[number];
    std::copy_n(position.data(), 3, thread.blockId);
    thread.fiber.start(stacks.end(number), FiberStacks::stackBytes, &runThread,
                       &thread);
    makeReady(thread);
  }
  Fiber here;
  caller = &here;
  Fiber::switchTo(here, takeReady()->fiber);
}

void BlockRunner::runThread(void *argument) {
  BlockThread &thread = *static_cast<BlockThread *>(argument);
  BlockRunner &runner = *thread.runner;
  runner.setup.kernel->entry(runner.setup.params, &thread);
  runner.leave(thread, State::Ended);
}

void BlockRunner::refuseWidth(BlockThread &thread, int32_t width,
                              const char *location) {
  report(SimulatorReport::Kind::ShuffleDivergence, thread,
         "shuffle at " + std::string(location) + " among " +
             std::to_string(width) + " lanes of subgroups of " +
             std::to_string(setup.kernel->subgroupSize),
         {location});
  leave(thread, State::Stopped);
}

void BlockRunner::outOfBounds(BlockThread &thread, int64_t index,
                              int64_t extent, int32_t dimension,
                              const char *location) {
  report(SimulatorReport::Kind::OutOfBounds, thread,
         "index " + std::to_string(index) + " is out of bounds of dimension " +
             std::to_string(dimension) + ", which has extent " +
             std::to_string(extent) + ", at " + location,
         {location});
  leave(thread, State::Stopped);
}

void BlockRunner::misaligned(BlockThread &thread, int64_t rest,
                             int64_t alignment, const char *location) {
  report(SimulatorReport::Kind::Misaligned, thread,
         "an address is " + std::to_string(rest) +
             " bytes beyond a multiple of " + std::to_string(alignment) +
             ", at " + location,
         {location});
  leave(thread, State::Stopped);
}

void BlockRunner::leave(BlockThread &thread, State state) {
  thread.state = state;
  if (state == State::Stopped)
    ++stopped;
  BlockThread *to = next();
  Fiber::switchTo(thread.fiber, to ? to->fiber : *caller, /*last=*/true);
  std::abort();
}

void BlockRunner::makeReady(BlockThread &thread) {
  thread.state = State::Ready;
  ready.push_back(&thread);
}

BlockThread *BlockRunner::takeReady() {
  if (setup.seed != 0)
    std::swap(ready[firstReady],
              ready[firstReady + randomBelow(setup.seed, orderStream, draws++,
                                             ready.size() - firstReady)]);
  return ready[firstReady++];
}

/// The thread to go on with; null where the block is over, be it that all
/// threads have ended or that those which have not wait for ever.
BlockThread *BlockRunner::next() {
  if (firstReady < ready.size())
    return takeReady();
  ready.clear();
  firstReady = 0;
  if (releaseBarrier() || releaseShuffles())
    return takeReady();
  if (atBarrier + atShuffle > 0)
    reportStuck();
  return nullptr;
}

bool BlockRunner::releaseBarrier() {
  if (atBarrier == 0 || atBarrier + stopped < threadCount)
    return false;
  const char *location = nullptr;
  for (int32_t number = 0; number < threadCount; ++number) {
    const BlockThread &thread = threads[number];
    if (thread.state == State::Stopped)
      continue;
    if (location && thread.waitsAt != location)
      return false;
    location = thread.waitsAt;
  }
  for (int32_t number = 0; number < threadCount; ++number)
    if (threads[number].state == State::AtBarrier)
      makeReady(threads[number]);
  atBarrier = 0;
  ++interval;
  return true;
}

bool BlockRunner::releaseShuffles() {
  for (int32_t number = 0, left = atShuffle; left > 0; ++number)
    if (threads[number].state == State::AtShuffle)
      left -= std::max(releaseShuffle(threads[number]), 1);
  return !ready.empty();
}

/// The threads from `first` on that take part in the shuffle of `thread`.
BlockRunner::Lanes BlockRunner::lanesOf(const BlockThread &thread) const {
  int32_t lane = thread.number % setup.kernel->subgroupSize;
  int32_t first = lane / thread.shuffle.width * thread.shuffle.width;
  int32_t count =
      std::min(thread.shuffle.width, setup.kernel->subgroupSize - first);
  first += thread.number - lane;
  return {first, std::min(count, threadCount - first)};
}

/// Whether both wait at the same shuffle.
static bool shuffleTogether(const BlockThread &one, const BlockThread &other) {
  return one.state == State::AtShuffle && other.state == State::AtShuffle &&
         one.waitsAt == other.waitsAt &&
         one.shuffle.width == other.shuffle.width;
}

/// Completes the shuffle that `thread` waits at, if all its lanes do; returns
/// how many threads go on.
int32_t BlockRunner::releaseShuffle(const BlockThread &thread) {
  Lanes lanes = lanesOf(thread);
  for (int32_t lane = 0; lane < lanes.count; ++lane) {
    const BlockThread &other = threads[lanes.first + lane];
    if (other.state != State::Stopped && !shuffleTogether(thread, other))
      return 0;
  }
  exchange(lanes);
  int32_t released = 0;
  for (int32_t lane = 0; lane < lanes.count; ++lane)
    if (threads[lanes.first + lane].state == State::AtShuffle) {
      makeReady(threads[lanes.first + lane]);
      ++released;
    }
  atShuffle -= released;
  return released;
}

static int64_t sourceLane(const ShuffleRequest &request, int64_t lane) {
  switch (request.mode) {
  case ShuffleMode::Xor:
    return lane ^ request.offset;
  case ShuffleMode::Up:
    return lane - request.offset;
  case ShuffleMode::Down:
    return lane + request.offset;
  case ShuffleMode::Index:
    return request.offset;
  }
  return -1;
}

/// Gives each of the lanes what it reads.
void BlockRunner::exchange(Lanes lanes) {
  for (int32_t lane = 0; lane < lanes.count; ++lane) {
    BlockThread &thread = threads[lanes.first + lane];
    if (thread.state != State::AtShuffle)
      continue;
    thread.shuffled = thread.shuffle.bits;
    int64_t source = sourceLane(thread.shuffle, lane);
    thread.shuffledValid = source >= 0 && source < thread.shuffle.width;
    if (!thread.shuffledValid)
      continue;
    const BlockThread *other =
        source < lanes.count ? &threads[lanes.first + source] : nullptr;
    if (other && other->state == State::AtShuffle) {
      thread.shuffled = other->shuffle.bits;
      continue;
    }
    thread.shuffledValid = false;
    // A lane that was stopped has its report.
    if (!other)
      report(SimulatorReport::Kind::ShuffleDivergence, thread,
             "shuffle at " + std::string(thread.waitsAt) + " reads lane " +
                 std::to_string(source) + " of a subgroup that has " +
                 std::to_string(lanes.count),
             {thread.waitsAt});
  }
}

/// Says why the threads that are left will wait for ever.
void BlockRunner::reportStuck() {
  for (int32_t number = 0; number < threadCount && atShuffle > 0; ++number)
    if (threads[number].state == State::AtShuffle)
      reportStuckShuffle(threads[number]);
  if (atShuffle > 0)
    return;
  for (int32_t number = 0; number < threadCount; ++number)
    if (threads[number].state == State::AtBarrier)
      return reportStuckBarrier(threads[number]);
}

/// Names a lane that does not come to the shuffle of `thread`.
void BlockRunner::reportStuckShuffle(const BlockThread &thread) {
  Lanes lanes = lanesOf(thread);
  for (int32_t lane = 0; lane < lanes.count; ++lane) {
    const BlockThread &missing = threads[lanes.first + lane];
    if (shuffleTogether(thread, missing) || missing.state == State::Stopped)
      continue;
    return report(SimulatorReport::Kind::ShuffleDivergence, thread,
                  "shuffle at " + std::string(thread.waitsAt) +
                      " is not reached by all its lanes: " + whereIs(missing),
                  placesOf(thread, missing));
  }
}

/// Where `thread` waits and, if it does, `missing`.
std::vector<std::string> BlockRunner::placesOf(const BlockThread &thread,
                                               const BlockThread &missing) {
  std::vector<std::string> places{thread.waitsAt};
  if (missing.state != State::Ended)
    places.push_back(missing.waitsAt);
  return places;
}

/// Names a thread that does not come to the barrier of `thread`.
void BlockRunner::reportStuckBarrier(const BlockThread &thread) {
  for (int32_t other = 0; other < threadCount; ++other) {
    const BlockThread &missing = threads[other];
    bool together =
        missing.state == State::AtBarrier && missing.waitsAt == thread.waitsAt;
    if (together || missing.state == State::Stopped)
      continue;
    return report(SimulatorReport::Kind::BarrierDivergence, thread,
                  "barrier at " + std::string(thread.waitsAt) +
                      " is not reached by all threads: " + whereIs(missing),
                  placesOf(thread, missing));
  }
}

std::string BlockRunner::whereIs(const BlockThread &thread) const {
  std::string who =
      "thread " + tripleText(positionOf(thread.number, setup.shape.block));
  if (thread.state == State::Ended)
    return who + " has ended";
  const char *what =
      thread.state == State::AtBarrier ? "a barrier" : "a shuffle";
  return who + " waits for " + what + " at " + thread.waitsAt;
}

void BlockRunner::report(SimulatorReport::Kind kind, const BlockThread &thread,
                         const std::string &what,
                         std::vector<std::string> locations) {
  std::array<int32_t, 3> block, position;
  std::copy_n(thread.blockId, 3, block.begin());
  std::copy_n(thread.threadId, 3, position.begin());
  std::string kernel = setup.kernel->name;
  std::string message = "kernel '" + kernel + "': " + what + ", by thread " +
                        tripleText(position) + " of block " + tripleText(block);
  setup.log->add({kind, std::move(message), std::move(locations),
                  std::move(kernel), block, position});
}
