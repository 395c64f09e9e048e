//===- EventLog.cpp - Events that outlive the process ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventLog.h"

#include "lib/Graph/AtomicFile.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace orcinus;

Status EventLog::fail(const char *action) const {
  return Status::error(
      fmt::format("cannot {} '{}': {}", action, path, std::strerror(errno)),
      StatusCode::InputOutput);
}

EventLog::~EventLog() {
  if (descriptor >= 0)
    close(descriptor);
}

/// Opens the file `name` for this process alone.
StatusOr<int> EventLog::openLocked(const std::string &name, int flags) const {
  int opened = ::open(name.c_str(),
                      O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0666);
  if (opened < 0)
    return fail("open");
  // Another process may have put a new log in the place of the one that was
  // opened, before that was locked.
  struct stat own, there;
  if (flock(opened, LOCK_EX | LOCK_NB) == 0 && fstat(opened, &own) == 0 &&
      stat(name.c_str(), &there) == 0 && own.st_ino == there.st_ino)
    return opened;
  close(opened);
  return Status::error(
      fmt::format("'{}' is being written by another process", path),
      StatusCode::InputOutput);
}

Status EventLog::replay(const std::string &header, const Consumer &check,
                        const Consumer &apply) {
  std::string pending;
  int64_t number = 0, whole = 0;
  auto take = [&](std::string_view line) {
    return ++number == 1 ? check(line) : apply(line);
  };
  char block[1 << 16];
  for (;;) {
    ssize_t count = read(descriptor, block, sizeof(block));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("read");
    if (count == 0)
      break;
    pending.append(block, static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end; (end = pending.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      if (Status status =
              take(std::string_view(pending).substr(begin, end - begin));
          !status.ok())
        return status.within(fmt::format("{}:{}", path, number));
      whole += static_cast<int64_t>(end + 1 - begin);
    }
    pending.erase(0, begin);
  }
  if (!pending.empty() && ftruncate(descriptor, whole) != 0)
    return fail("shorten");
  return number ? Status() : append(header);
}

StatusOr<EventLog> EventLog::open(const std::string &path,
                                  const std::string &header,
                                  const Consumer &check,
                                  const Consumer &apply) {
  EventLog log(path);
  StatusOr<int> opened = log.openLocked(path, 0);
  if (!opened.ok())
    return opened.status();
  log.descriptor = *opened;
  syncFolderOf(path);
  if (Status status = log.replay(header, check, apply); !status.ok())
    return status;
  return log;
}

Status EventLog::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (size_t written = 0; written != text.size();) {
    ssize_t count =
        write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("write");
    written += static_cast<size_t>(count);
  }
  return fdatasync(descriptor) == 0 ? Status() : fail("write");
}

Status EventLog::restart(std::string_view header) {
  // Both are locked until the new one is in its place, so that no other process
  // gets one of them.
  std::string next = path + ".next";
  StatusOr<int> opened = openLocked(next, O_TRUNC);
  if (!opened.ok())
    return opened.status();
  int before = std::exchange(descriptor, *opened);
  Status status = append(header);
  if (status.ok() && rename(next.c_str(), path.c_str()) != 0)
    status = fail("replace");
  if (status.ok())
    syncFolderOf(path);
  close(before);
  return status;
}
