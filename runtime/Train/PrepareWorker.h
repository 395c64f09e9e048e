//===- PrepareWorker.h - Prepares a batch beside another's step -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_PREPAREWORKER_H
#define RUNTIME_TRAIN_PREPAREWORKER_H

#include "orcinus/Support/Status.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/Invocation.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace orcinus {

/// Prepares one batch at a time, on the calling thread or, once it was started,
/// on a thread that lives as long as its owner.
class PrepareWorker {
public:
  PrepareWorker() = default;
  ~PrepareWorker();
  PrepareWorker(const PrepareWorker &) = delete;
  PrepareWorker &operator=(const PrepareWorker &) = delete;

  /// Errors: the system starts no thread.
  Status startThread();

  /// Where processes have rows of nodes for each other, each wait() settles
  /// what steps have changed.
  void serve(NodeExchange *rows) { exchange = rows; }

  /// Begins to prepare `invocation` over `input`; not before the wait() for
  /// the batch before. Null where this process has nothing to prepare: others
  /// may still need rows of it.
  void start(Invocation *invocation, const StepInput &input);

  /// Waits for the batch that was started, and says how it went.
  Status wait();

  /// What the last one took, once it was waited for.
  double seconds() const { return lastSeconds; }

private:
  void run();
  Status prepare();

  NodeExchange *exchange = nullptr;
  std::mutex mutex;
  std::condition_variable changed;
  bool isWorking = false;
  Invocation *work = nullptr;
  StepInput workInput;
  Status result;
  double lastSeconds = 0;
  bool stopping = false;
  std::thread thread;
};

/// Leaves nothing in preparation, however a run ends.
struct WaitAtEnd {
  PrepareWorker &worker;
  ~WaitAtEnd() { (void)worker.wait(); }
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_PREPAREWORKER_H
