//===- CallResult.h - What calls of the C API have in common ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_CAPI_CALLRESULT_H
#define RUNTIME_CAPI_CALLRESULT_H

#include "lib/Support/MemoryGuard.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Runtime/NamedOptions.h"
#include "orcinus/Support/CheckedArithmetic.h"
#include "orcinus/Support/Status.h"
#include "orcinus/c/Orcinus.h"

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

struct orcinus_options {
  orcinus::NamedOptions options;
  /// Null where none were set.
  std::shared_ptr<const orcinus::LabelSet> labels;
};

namespace orcinus {

/// What the calling thread's last call came to.
StatusCode &lastCallCode();

/// Runs `body`, which returns a Status or a StatusOr, and hands its error over.
template <typename Body>
auto run(char **error, Body body) -> decltype(body()) {
  auto handOver = [&](auto result) {
    lastCallCode() = result.code();
    if (error)
      *error = result.ok() ? nullptr : strdup(result.message().c_str());
    return result;
  };
  try {
    return handOver(guarded(body));
  } catch (const std::exception &) {
    return handOver(Status::error("an exception that nothing handles",
                                  StatusCode::Internal));
  }
}

/// Of a StatusOr of a pointer that the caller owns.
template <typename Body>
auto make(char **error, Body body) -> decltype(body()->release()) {
  auto result = run(error, body);
  return result.ok() ? result->release() : nullptr;
}

/// Of a Status.
template <typename Body>
int perform(char **error, Body body) {
  return run(error, body).ok() ? 0 : -1;
}

/// What `body` returns, or `otherwise` where memory does not suffice: of a
/// function that hands no error over.
template <typename T, typename Body>
T orElse(T otherwise, Body body) {
  StatusOr<T> result = guarded([&]() -> StatusOr<T> { return body(); });
  return result.ok() ? *result : otherwise;
}

inline const char *textOrEmpty(const char *text) { return text ? text : ""; }

/// Gives `copy` a copy that orcinus_string_free() frees.
inline Status copyInto(char *&copy, const std::string &text) {
  copy = strdup(text.c_str());
  return copy ? Status() : outOfMemory();
}

/// An array of the caller's. Errors: a negative count, a null pointer to what
/// there is; `what` names the elements.
template <typename T>
StatusOr<std::span<T>> spanOf(T *values, int64_t count, const char *what) {
  if (count < 0)
    return Status::error("a negative number of " + std::string(what) + ": " +
                         std::to_string(count));
  if (count > 0 && !values)
    return Status::error("the " + std::string(what) +
                         " are null, but there are " + std::to_string(count) +
                         " of them");
  return std::span<T>(values, static_cast<size_t>(count));
}

/// The same of `rows` rows of `columns` elements.
template <typename T>
StatusOr<std::span<T>> spanOfRows(T *values, int64_t rows, int64_t columns,
                                  const char *what) {
  std::optional<int64_t> count = checkedProduct(rows, columns);
  if (!count)
    return Status::error(std::to_string(rows) + " rows of " +
                         std::to_string(columns) + " " + what +
                         " are more than there can be");
  return spanOf(values, *count, what);
}

/// The first error of all.
template <typename... T>
Status firstError(const StatusOr<T> &...all) {
  Status first;
  ((first = first.ok() ? all.status() : first), ...);
  return first;
}

/// The defaults where none are given.
inline NamedOptions given(const orcinus_options *options) {
  return options ? options->options : NamedOptions();
}

} // namespace orcinus

#endif // RUNTIME_CAPI_CALLRESULT_H
