//===- Follow.h - Answering lines of JSON -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_FOLLOW_H
#define TOOLS_ORCINUS_FOLLOW_H

#include "SessionOptions.h"

#include <string>

namespace orcinus {

/// Answers each line of the standard input, a JSON object, by a line of the
/// standard output, as docs/use.md says. `log` is the path of the log of
/// events, or empty. Errors: the session or the log cannot be opened or
/// written; a line that asks nothing sensible is answered by an error.
Status follow(const SessionCommandOptions &options, const std::string &log);

} // namespace orcinus

#endif // TOOLS_ORCINUS_FOLLOW_H
