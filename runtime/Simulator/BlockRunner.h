//===- BlockRunner.h - The threads of a block -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_BLOCKRUNNER_H
#define ORCINUS_RUNTIME_SIMULATOR_BLOCKRUNNER_H

#include "runtime/Simulator/AccessChecker.h"
#include "runtime/Simulator/Fiber.h"
#include "runtime/Simulator/LaunchShape.h"
#include "runtime/Simulator/Report.h"
#include "runtime/Simulator/SimulatedKernel.h"

#include <memory>
#include <vector>

namespace orcinus {

class BlockRunner;

/// Where a lane reads from: its number xor, minus or plus the offset, or the
/// offset itself.
enum class ShuffleMode : int32_t { Xor, Up, Down, Index };

/// What a thread brings to a shuffle.
struct ShuffleRequest {
  ShuffleMode mode;
  int32_t bits;
  int32_t offset;
  /// Lanes that take part together: a subgroup is divided into as many.
  int32_t width;
};

/// A thread with what the runner knows of it: two lines of the cache but for
/// what is needed to start and to check it.
struct alignas(64) BlockThread : SimulatorThread {
  enum class State : uint8_t { Ready, AtBarrier, AtShuffle, Ended, Stopped };

  BlockRunner *runner;
  int32_t number;
  State state;
  /// Where it waits, as `file:line:column`. A barrier or shuffle is told from
  /// another by the address of this text.
  const char *waitsAt;
  ShuffleRequest shuffle;
  int32_t shuffled;
  bool shuffledValid;
  Fiber fiber;
};

/// What is the same for all blocks of a launch.
struct BlockSetup {
  const SimulatedKernel *kernel;
  LaunchShape shape;
  void **params;
  char *workgroup;
  int64_t dynamicBytes;
  /// 0 runs threads by their numbers; else each seed is an order of its own.
  uint64_t seed;
  /// Null where accesses are not checked.
  AccessChecker *checker;
  ReportLog *log;
};

/// Runs blocks one after the other, each thread on a fiber. A thread runs until
/// it has to wait and then goes straight on to another one that has not; where
/// there is none, all that is complete (a barrier that all threads have
/// reached, a shuffle that its lanes have) lets its threads go.
class BlockRunner {
public:
  /// As many threads as a GPU gives a block.
  static constexpr int64_t maximumThreads = 1024;

  /// Gets ready for blocks of a launch, which must outlive the runs.
  Status prepare(const BlockSetup &setup);

  /// Runs block number `block`.
  void run(int64_t block);

  // What kernels call, on the fiber of `thread`.
  void barrier(BlockThread &thread, const char *location) {
    ++atBarrier;
    wait(thread, BlockThread::State::AtBarrier, location);
  }
  int32_t shuffle(BlockThread &thread, const ShuffleRequest &request,
                  bool &valid, const char *location) {
    checkWidth(thread, request.width, location);
    thread.shuffle = request;
    ++atShuffle;
    wait(thread, BlockThread::State::AtShuffle, location);
    valid = thread.shuffledValid;
    return thread.shuffled;
  }
  void access(BlockThread &thread, const void *address, int32_t bytes,
              AccessKind kind, const char *location) {
    // A thread's own stack is its private memory.
    if (setup.checker && !thread.fiber.owns(address))
      setup.checker->check({static_cast<const char *>(address), bytes, kind,
                            thread.number, interval, location});
  }
  [[noreturn]] void outOfBounds(BlockThread &thread, int64_t index,
                                int64_t extent, int32_t dimension,
                                const char *location);
  [[noreturn]] void misaligned(BlockThread &thread, int64_t rest,
                               int64_t alignment, const char *location);

private:
  static void runThread(void *thread);
  void wait(BlockThread &thread, BlockThread::State state,
            const char *location) {
    thread.state = state;
    thread.waitsAt = location;
    BlockThread *to = next();
    if (to != &thread)
      Fiber::switchTo(thread.fiber, to ? to->fiber : *caller);
  }
  void checkWidth(BlockThread &thread, int32_t width, const char *location) {
    if (width < 1 || width > setup.kernel->subgroupSize)
      refuseWidth(thread, width, location);
  }
  [[noreturn]] void refuseWidth(BlockThread &thread, int32_t width,
                                const char *location);
  [[noreturn]] void leave(BlockThread &thread, BlockThread::State state);
  BlockThread *takeReady();
  BlockThread *next();
  void makeReady(BlockThread &thread);
  bool releaseBarrier();
  bool releaseShuffles();
  /// Threads that shuffle together.
  struct Lanes {
    int32_t first;
    int32_t count;
  };
  Lanes lanesOf(const BlockThread &thread) const;
  int32_t releaseShuffle(const BlockThread &thread);
  void exchange(Lanes lanes);
  void reportStuck();
  void reportStuckShuffle(const BlockThread &thread);
  void reportStuckBarrier(const BlockThread &thread);
  std::string whereIs(const BlockThread &thread) const;
  static std::vector<std::string> placesOf(const BlockThread &thread,
                                           const BlockThread &missing);
  void report(SimulatorReport::Kind kind, const BlockThread &thread,
              const std::string &what, std::vector<std::string> locations);

  BlockSetup setup;
  int32_t threadCount = 0;
  std::unique_ptr<BlockThread[]> threads;
  int32_t threadCapacity = 0;
  FiberStacks stacks;
  /// The flow that called `run`.
  Fiber *caller = nullptr;
  /// Those that may run; the ones before `firstReady` have gone on.
  std::vector<BlockThread *> ready;
  size_t firstReady = 0;
  int32_t atBarrier = 0;
  int32_t atShuffle = 0;
  int32_t stopped = 0;
  int32_t interval = 0;
  uint64_t draws = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_BLOCKRUNNER_H
