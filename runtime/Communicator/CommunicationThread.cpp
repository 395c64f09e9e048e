//===- CommunicationThread.cpp - Messages beside a computation ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/CommunicationThread.h"

#include "lib/Support/MemoryGuard.h"

#include <exception>
#include <string>
#include <system_error>
#include <utility>

using namespace orcinus;

/// No exception leaves a thread.
static Status perform(const CommunicationThread::Work &work) {
  try {
    return guarded(work);
  } catch (const std::exception &failure) {
    return Status::error(failure.what(), StatusCode::Internal);
  }
}

Status CommunicationThread::start() {
  try {
    thread = std::thread([this] { run(); });
  } catch (const std::system_error &failure) {
    return Status::error(std::string("cannot start a thread: ") +
                         failure.what());
  }
  return Status();
}

CommunicationThread::~CommunicationThread() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard lock(mutex);
    isStopping = true;
  }
  changed.notify_all();
  thread.join();
}

void CommunicationThread::run() {
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [&] { return isStopping || next != queue.size(); });
    if (next == queue.size())
      return;
    Work work = std::move(queue[next++]);
    if (next == queue.size()) {
      queue.clear();
      next = 0;
    }
    Status status;
    if (error.ok()) {
      lock.unlock();
      status = perform(work);
      lock.lock();
    }
    if (error.ok())
      error = std::move(status);
    ++done;
    changed.notify_all();
  }
}

int64_t CommunicationThread::submit(Work work) {
  if (!thread.joinable()) {
    if (error.ok())
      error = perform(work);
    return done = ++given;
  }
  {
    std::lock_guard lock(mutex);
    queue.push_back(std::move(work));
  }
  changed.notify_all();
  return ++given;
}

Status CommunicationThread::wait(int64_t count) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done >= count; });
  return error;
}

void CommunicationThread::restart() {
  (void)wait(given);
  std::lock_guard lock(mutex);
  error = Status();
}

bool CommunicationThread::forget() {
  std::lock_guard lock(mutex);
  done += static_cast<int64_t>(queue.size() - next);
  queue.clear();
  next = 0;
  changed.notify_all();
  return done != given;
}
