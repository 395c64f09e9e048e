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
#include "orcinus/Support/Status.h"
#include "orcinus/c/Orcinus.h"

#include <cstring>
#include <exception>
#include <memory>
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

inline std::string textOrEmpty(const char *text) { return text ? text : ""; }

/// The defaults where none are given.
inline NamedOptions given(const orcinus_options *options) {
  return options ? options->options : NamedOptions();
}

} // namespace orcinus

#endif // RUNTIME_CAPI_CALLRESULT_H
