//===- TimedProcess.cpp - Work timed in a process of its own --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TimedProcess.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::bench;

//===----------------------------------------------------------------------===//
// The child
//===----------------------------------------------------------------------===//

/// What each line of the child's begins with.
static constexpr std::string_view done = "done ", failed = "failed ";

/// One thread is timed by its processor time, which does not count what else
/// the machine does meanwhile; several by the clock.
static double secondsNow(int threads) {
  timespec now;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

/// The first call, which finds its threads asleep and its operands elsewhere,
/// is not counted.
static double timeCalls(const std::function<void()> &call, int calls,
                        int threads) {
  call();
  double begin = secondsNow(threads);
  for (int turn = 0; turn < calls; ++turn)
    call();
  return (secondsNow(threads) - begin) / calls;
}

static void answer(int channel, std::string_view kind, std::string_view text) {
  std::string line = fmt::format("{}{}\n", kind, text);
  send(channel, line.data(), line.size(), MSG_NOSIGNAL);
}

/// Answers each byte from `channel` with a round's time.
static void serve(const TimedProcess::Prepare &prepare, int threads,
                  int channel) {
  constexpr double roundSeconds = 4e-3;
  constexpr int mostCalls = 20000;
  StatusOr<TimedWork> work = prepare();
  if (!work.ok())
    return answer(channel, failed, work.message());
  int calls = 0;
  if (work->run) {
    double once = std::max(timeCalls(work->run, 1, threads), 1e-7);
    calls = std::clamp(static_cast<int>(roundSeconds / once), 1, mostCalls);
  }
  answer(channel, done, work->name);
  for (char turn; recv(channel, &turn, 1, 0) == 1;)
    answer(channel, done,
           fmt::format("{}", timeCalls(work->run, calls, threads)));
}

//===----------------------------------------------------------------------===//
// The parent
//===----------------------------------------------------------------------===//

StatusOr<TimedProcess> TimedProcess::start(const Prepare &prepare,
                                           int threads) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Status::error("cannot make a socket for a child");
  // What is buffered would be printed by the child as well.
  std::fflush(nullptr);
  pid_t child = fork();
  if (child < 0)
    return Status::error("cannot start a child");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    serve(prepare, threads, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  TimedProcess process(child, ends[0]);
  StatusOr<std::string> name = process.receive();
  if (!name.ok())
    return name.status();
  process.workName = std::move(*name);
  return process;
}

TimedProcess::TimedProcess(pid_t child, int channel)
    : child(child), channel(fdopen(channel, "r")) {}

TimedProcess::TimedProcess(TimedProcess &&other) noexcept
    : child(std::exchange(other.child, -1)),
      channel(std::exchange(other.channel, nullptr)),
      workName(std::move(other.workName)) {}

TimedProcess::~TimedProcess() {
  if (child < 0)
    return;
  std::fclose(channel);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

StatusOr<std::string> TimedProcess::receive() {
  char *line = nullptr;
  size_t capacity = 0;
  ssize_t length = getline(&line, &capacity, channel);
  std::string text(line, std::max<ssize_t>(length, 0));
  std::free(line);
  kill(child, SIGSTOP);
  if (text.empty())
    return Status::error("the child that is timed died");
  text.pop_back();
  if (text.starts_with(failed))
    return Status::error(text.substr(failed.size()));
  return text.substr(done.size());
}

StatusOr<double> TimedProcess::secondsPerCall() {
  kill(child, SIGCONT);
  send(fileno(channel), "\n", 1, MSG_NOSIGNAL);
  StatusOr<std::string> seconds = receive();
  if (!seconds.ok())
    return seconds.status();
  return std::strtod(seconds->c_str(), nullptr);
}
