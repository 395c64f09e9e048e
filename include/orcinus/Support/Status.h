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

/// Success, or an error with a one-line message.
class [[nodiscard]] Status {
public:
  /// Success.
  Status() = default;

  /// An error; `message` must not be empty.
  static Status error(std::string message) {
    assert(!message.empty() && "an error needs a message");
    Status status;
    status.text = std::move(message);
    return status;
  }

  bool ok() const { return text.empty(); }

  /// The error's message; empty on success.
  const std::string &message() const { return text; }

private:
  std::string text;
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
