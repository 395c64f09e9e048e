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
#include <span>
#include <thread>

namespace orcinus {

/// What a process prepares of a batch: all of it, or a part.
struct PreparedPart {
  /// Null where there is nothing to prepare.
  Invocation *invocation = nullptr;
  StepInput input;
  /// What its index work took.
  double seconds = 0;
};

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

  /// Where processes have rows for each other, each wait() and settle() settles
  /// what steps have changed.
  void serve(RowExchange *rows) { exchange = rows; }

  /// Begins to prepare the parts of a batch in their order, whose rows are then
  /// brought at once; not before the wait() for the batch before. The parts
  /// stay where they are until they were waited for. Even where this process
  /// has nothing to prepare, others may need rows of it.
  void start(std::span<PreparedPart> parts);

  /// Waits for the batch that was started, and says how it went.
  Status wait();

  /// Settles what steps have changed while nothing is prepared.
  void settle();

  /// Whether a RunScope is open.
  bool isRunning() const { return isInRun; }

private:
  friend class RunScope;

  const Status &waitForWork();
  void run();
  Status prepare();
  Status prepareParts();

  RowExchange *exchange = nullptr;
  std::mutex mutex;
  std::condition_variable changed;
  bool isWorking = false;
  std::span<PreparedPart> work;
  Status result;
  bool stopping = false;
  std::thread thread;
  bool isInRun = false;
};

/// While batches are run. Leaves nothing in preparation, however that ends;
/// what steps have changed is settled before, where they ended well.
class RunScope {
public:
  explicit RunScope(PrepareWorker &worker) : worker(worker) {
    worker.isInRun = true;
  }
  ~RunScope() {
    (void)worker.waitForWork();
    worker.isInRun = false;
  }
  RunScope(const RunScope &) = delete;
  RunScope &operator=(const RunScope &) = delete;

private:
  PrepareWorker &worker;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_PREPAREWORKER_H
