//===- ChildProcess.cpp - A child that may die ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

using namespace orcinus;
using namespace orcinus::differential;

/// How many times its processor time a case may wait.
static constexpr int patience = 20;

void ChildProcess::Writer::write(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text += '\n';
  for (size_t done = 0; done < text.size();) {
    ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR)
      _exit(1);
    done += std::max<ssize_t>(count, 0);
  }
}

ChildProcess::ChildProcess(const std::function<void(Writer &)> &body) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    std::abort();
  process = fork();
  if (process < 0)
    std::abort();
  if (process == 0) {
    close(ends[0]);
    // Threads that wait do not spin: there may be more of them than
    // processors.
    setenv("KMP_BLOCKTIME", "0", /*overwrite=*/1);
    Writer writer(ends[1]);
    body(writer);
    _exit(0);
  }
  close(ends[1]);
  pipe = ends[0];
  fcntl(pipe, F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  close(pipe);
  if (process < 0)
    return;
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
}

std::optional<std::string> ChildProcess::readLine() {
  for (;;) {
    if (size_t end = pending.find('\n'); end != std::string::npos) {
      std::string line = pending.substr(0, end);
      pending.erase(0, end + 1);
      return line;
    }
    char buffer[4096];
    ssize_t count = read(pipe, buffer, sizeof(buffer));
    if (count > 0)
      pending.append(buffer, count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      ended = true;
      return std::nullopt;
    } else if (errno == EAGAIN) {
      return std::nullopt;
    }
  }
}

Outcome ChildProcess::death() {
  int status = 0;
  waitpid(process, &status, 0);
  process = -1;
  if (!WIFSIGNALED(status))
    return {Verdict::Crashed,
            "exits with status " + std::to_string(WEXITSTATUS(status))};
  int signal = WTERMSIG(status);
  if (signal == SIGPROF || signal == SIGALRM)
    return {Verdict::Hung, "does not end"};
  return {Verdict::Crashed, std::string("dies of '") + strsignal(signal) + "'"};
}

void differential::waitForInput(const std::vector<int> &descriptors) {
  std::vector<pollfd> polled;
  for (int descriptor : descriptors)
    polled.push_back({descriptor, POLLIN, 0});
  while (poll(polled.data(), polled.size(), -1) < 0 && errno == EINTR) {
  }
}

void differential::limitProcessorTime(int seconds) {
  // Both end the process where nothing else is said of their signals.
  itimerval limit = {{0, 0}, {seconds, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
  alarm(static_cast<unsigned>(seconds) * patience);
}
