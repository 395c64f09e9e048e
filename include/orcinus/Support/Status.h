//===- Status.h - Errors without exceptions ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library reports bad input by value: no exception crosses the API and no
// input aborts the process. A message says what is wrong, where, and what to
// do about it, in one line without a trailing full stop.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_STATUS_H
#define ORCINUS_SUPPORT_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace orcinus {

/// What kind of error it is: what a program does about it depends on that, what
/// a person does, on the message.
enum class StatusCode {
  Ok,
  /// An input, an option or a call is wrong: correct it.
  InvalidArgument,
  /// A file of ours is not what was written: restore it or make it again.
  Damaged,
  /// A file, a database or a stream cannot be opened, read or written.
  InputOutput,
  /// There is not enough memory, of the host or of a device.
  OutOfMemory,
  /// What this machine lacks, or refuses: a device, a driver, a library or
  /// tool, a process or a thread.
  Unavailable,
  /// An error before this one left the object unusable: open it again.
  Unusable,
  /// A mistake of Orcinus or of a plugin, or a program that is not its own.
  Internal,
  /// Somebody asked for an end before the work was done.
  Interrupted,
};

/// Success, or an error with its kind and a one-line message.
class [[nodiscard]] Status {
public:
  /// Success.
  Status() = default;

  /// An error; `message` must not be empty, and `code` is not Ok.
  static Status error(std::string message,
                      StatusCode code = StatusCode::InvalidArgument) {
    assert(!message.empty() && "an error needs a message");
    assert(code != StatusCode::Ok && "an error needs a kind");
    Status status;
    status.text = std::move(message);
    status.kind = code;
    return status;
  }

  bool ok() const { return kind == StatusCode::Ok; }
  StatusCode code() const { return kind; }

  /// The error's message; empty on success.
  const std::string &message() const { return text; }

  /// The same error, of which `context` says where it arose: "context:
  /// message".
  Status within(const std::string &context) const {
    return error(context + ": " + text, kind);
  }

private:
  std::string text;
  StatusCode kind = StatusCode::Ok;
};

/// A value of type T, or the error that prevented it.
template <typename T>
class [[nodiscard]] StatusOr {
public:
  StatusOr(T value) : stored(std::move(value)) {}
  StatusOr(Status error) : failure(std::move(error)) {
    assert(!failure.ok() && "a StatusOr without a value needs an error");
  }

  bool ok() const { return stored.has_value(); }
  const Status &status() const { return failure; }
  const std::string &message() const { return failure.message(); }
  StatusCode code() const { return failure.code(); }

  T &operator*() {
    assert(ok() && "no value: check ok() first");
    return *stored;
  }
  const T &operator*() const {
    assert(ok() && "no value: check ok() first");
    return *stored;
  }
  T *operator->() { return &**this; }
  const T *operator->() const { return &**this; }

private:
  std::optional<T> stored;
  Status failure;
};

} // namespace orcinus

#endif // ORCINUS_SUPPORT_STATUS_H
