//===- EventLog.h - Events that outlive the process -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_EVENTLOG_H
#define TOOLS_ORCINUS_EVENTLOG_H

#include "orcinus/Support/Status.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace orcinus {

/// A file of lines, each durable before the next thing happens. Its first line,
/// the header, says what it belongs to. One process writes it at a time.
class EventLog {
public:
  using Consumer = std::function<Status(std::string_view)>;

  /// Opens `path`, which is made with the header `header` where it is missing
  /// or empty. Gives the header that is there to `check`, and each later line
  /// to `apply`, in order. A last line without an end, which a process that was
  /// killed has left, is cut off. Errors: those of `check` and `apply`, a
  /// process that has it open, those of the file system.
  static StatusOr<EventLog> open(const std::string &path,
                                 const std::string &header,
                                 const Consumer &check, const Consumer &apply);
  EventLog(EventLog &&other) noexcept
      : path(std::move(other.path)),
        descriptor(std::exchange(other.descriptor, -1)) {}
  EventLog &operator=(EventLog &&) = delete;
  ~EventLog();

  /// Writes `line`, which has no end of line, and makes it durable. After an
  /// error nobody knows whether it is.
  Status append(std::string_view line);

  /// Puts a log of `header` alone in its place, at once or not at all. After an
  /// error nobody knows which one is there.
  Status restart(std::string_view header);

private:
  explicit EventLog(std::string path) : path(std::move(path)) {}
  StatusOr<int> openLocked(const std::string &name, int flags) const;
  Status replay(const std::string &header, const Consumer &check,
                const Consumer &apply);
  Status fail(const char *action) const;

  std::string path;
  int descriptor = -1;
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_EVENTLOG_H
