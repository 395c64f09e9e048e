//===- PrepareWorker.cpp - Prepares a batch beside another's step ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/PrepareWorker.h"

#include "runtime/Train/NodeExchange.h"

#include <chrono>
#include <new>
#include <system_error>

using namespace orcinus;

/// An exception must not leave a thread.
Status PrepareWorker::prepare() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  try {
    Status status;
    if (work)
      status = work->prepare(workInput);
    else if (exchange)
      status = exchange->fetch(nullptr);
    lastSeconds = std::chrono::duration<double>(Clock::now() - start).count();
    return status;
  } catch (const std::bad_alloc &) {
    return Status::error("out of memory while preparing a batch",
                         StatusCode::OutOfMemory);
  }
}

Status PrepareWorker::startThread() {
  try {
    thread = std::thread([this] { run(); });
    return Status();
  } catch (const std::system_error &error) {
    return Status::error("cannot start the thread that prepares batches (" +
                             error.code().message() +
                             "): allow more processes or memory",
                         StatusCode::Unavailable);
  }
}

PrepareWorker::~PrepareWorker() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  changed.notify_all();
  thread.join();
}

void PrepareWorker::start(Invocation *invocation, const StepInput &input) {
  // Nothing is done at once.
  bool isHandedOver = thread.joinable() && (invocation || exchange);
  {
    std::lock_guard<std::mutex> lock(mutex);
    work = invocation;
    workInput = input;
    isWorking = isHandedOver;
  }
  if (isHandedOver)
    changed.notify_all();
  else
    result = prepare();
}

Status PrepareWorker::wait() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [this] { return !isWorking; });
  if (exchange)
    exchange->settle();
  return result;
}

void PrepareWorker::run() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return isWorking || stopping; });
    // What was started is finished, for its owner may still wait for it.
    if (!isWorking)
      return;
    lock.unlock();
    Status status = prepare();
    lock.lock();
    result = std::move(status);
    isWorking = false;
    changed.notify_all();
  }
}
