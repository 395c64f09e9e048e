//===- WorkerProcess.cpp - A process that may die -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkerProcess.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace orcinus;

WorkerProcess::WorkerProcess(WorkerProcess &&other) noexcept
    : command(std::move(other.command)), memoryBytes(other.memoryBytes),
      child(std::exchange(other.child, -1)),
      channel(std::exchange(other.channel, -1)) {}

/// What the loader of programs exits with, as shells do, where a program or one
/// of its libraries cannot be loaded.
static constexpr int loaderExitStatus = 127;

/// What a sanitizer maps before a program begins counts as data: its shadow of
/// terabytes and more. In a worker it is about as much as in this process,
/// which is of the same build; nothing in other builds.
static int64_t sanitizerBytes() {
  int64_t pages = 0;
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  constexpr int dataField = 6;
  std::ifstream sizes("/proc/self/statm");
  for (int field = 1; field <= dataField; ++field)
    sizes >> pages;
#endif
#endif
  return pages * sysconf(_SC_PAGESIZE);
}

/// What the child does between fork and exec: nothing but system calls, for
/// another thread of the parent may have held any lock.
[[noreturn]] static void becomeWorker(int channel, pid_t parent,
                                      int64_t dataBytes, char **arguments) {
  rlimit data = {static_cast<rlim_t>(dataBytes),
                 static_cast<rlim_t>(dataBytes)};
  rlimit core = {0, 0};
  setrlimit(RLIMIT_DATA, &data);
  setrlimit(RLIMIT_CORE, &core);
  // A group of its own, with which it can be ended together with the tools
  // that it has started.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died before it could be watched.
  if (getppid() != parent)
    _exit(1);
  // What a dying compiler or program prints is of no use to anyone.
  int nowhere = open("/dev/null", O_WRONLY);
  dup2(channel, STDIN_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(loaderExitStatus);
}

Status WorkerProcess::start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Status::error(fmt::format("cannot make a socket for a worker: {}",
                                     std::strerror(errno)),
                         StatusCode::Unavailable);
  std::vector<char *> arguments;
  for (std::string &word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t parent = getpid();
  int64_t dataBytes = memoryBytes + sanitizerBytes();
  child = fork();
  if (child == 0)
    becomeWorker(ends[1], parent, dataBytes, arguments.data());
  close(ends[1]);
  channel = ends[0];
  if (child > 0) {
    // As the child does: whoever comes first, it is done when this returns.
    setpgid(child, child);
    return Status();
  }
  close(std::exchange(channel, -1));
  return Status::error(
      fmt::format("cannot start a worker: {}", std::strerror(errno)),
      StatusCode::Unavailable);
}

void WorkerProcess::stop() {
  if (!running())
    return;
  kill(-child, SIGKILL);
  reap();
}

/// Waits for the end of `child`, but not for long; the number of the process
/// and of its group stays taken. False where it lives on.
static bool hasEnded(pid_t child) {
  constexpr int mostMilliseconds = 1000;
  for (int waited = 0; waited < mostMilliseconds; ++waited) {
    siginfo_t ended = {};
    waitid(P_PID, child, &ended, WEXITED | WNOHANG | WNOWAIT);
    if (ended.si_pid == child)
      return true;
    usleep(1000);
  }
  return false;
}

Measurement WorkerProcess::reap() {
  bool ended = hasEnded(child);
  // A child that closed its socket and lives on is stopped, and so is what it
  // has started.
  kill(-child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  child = -1;
  close(std::exchange(channel, -1));
  Measurement failure;
  failure.status = MeasureStatus::Crash;
  if (WIFSIGNALED(status)) {
    // So the kernel kills where the whole machine is out of memory.
    if (WTERMSIG(status) == SIGKILL && ended)
      failure.status = MeasureStatus::Memory;
    failure.message = strsignal(WTERMSIG(status));
  } else if (WEXITSTATUS(status) == memoryExitStatus) {
    failure.status = MeasureStatus::Memory;
    failure.message = "out of memory";
  } else if (WEXITSTATUS(status) == loaderExitStatus) {
    failure.message = "the program could not be loaded";
  } else {
    failure.message =
        fmt::format("the process ended with status {}", WEXITSTATUS(status));
  }
  return failure;
}

Status WorkerProcess::send(const WorkerRequest &request) {
  if (!running())
    if (Status status = start(); !status.ok())
      return status;
  sendRequest(channel, request);
  return Status();
}

WorkerReply WorkerProcess::receive(WorkerDeadline deadline) {
  WorkerReply reply;
  switch (receiveReply(channel, reply, deadline)) {
  case ReceiveResult::Message:
    // It could say so, but its device is of no more use to it.
    if (reply.measurement.status == MeasureStatus::Crash)
      stop();
    break;
  case ReceiveResult::Closed:
    reply = {};
    reply.measurement = reap();
    break;
  case ReceiveResult::TimedOut:
    stop();
    reply = {};
    reply.measurement.status = MeasureStatus::Timeout;
    reply.measurement.message = "no answer within the time limit";
    break;
  }
  return reply;
}
