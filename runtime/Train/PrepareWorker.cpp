//===- PrepareWorker.cpp - Prepares a batch beside another's step ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/PrepareWorker.h"

#include "lib/Support/Clock.h"
#include "lib/Support/MemoryGuard.h"
#include "runtime/Train/RowExchange.h"

#include <algorithm>
#include <system_error>

using namespace orcinus;

Status PrepareWorker::prepareParts() {
  // Parts of one batch have one window.
  RowWindow *window = nullptr;
  for (PreparedPart &part : work) {
    if (!part.invocation)
      continue;
    if (RowWindow *own = part.invocation->rowWindow(); own != window) {
      window = own;
      window->clear();
    }
    Clock::time_point start = Clock::now();
    if (Status status = part.invocation->prepareTables(part.input);
        !status.ok())
      return status;
    part.seconds = secondsSince(start);
  }
  if (!exchange)
    return Status();
  if (window)
    window->close();
  return exchange->fetch(window);
}

/// An exception must not leave a thread.
Status PrepareWorker::prepare() {
  return guarded([&] { return prepareParts(); },
                 [] {
                   return Status::error("out of memory while preparing a batch",
                                        StatusCode::OutOfMemory);
                 });
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

void PrepareWorker::start(std::span<PreparedPart> parts) {
  // Nothing is done at once.
  bool isSomething =
      exchange || std::ranges::any_of(parts, &PreparedPart::invocation);
  bool isHandedOver = thread.joinable() && isSomething;
  {
    std::lock_guard<std::mutex> lock(mutex);
    work = parts;
    isWorking = isHandedOver;
  }
  if (isHandedOver)
    changed.notify_all();
  else
    result = prepare();
}

const Status &PrepareWorker::waitForWork() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [this] { return !isWorking; });
  return result;
}

void PrepareWorker::settle() {
  if (exchange)
    exchange->settle();
}

Status PrepareWorker::wait() {
  const Status &prepared = waitForWork();
  settle();
  return prepared;
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
