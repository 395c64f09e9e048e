//===- Follow.h - Answering lines of JSON -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_FOLLOW_H
#define TOOLS_ORCINUS_FOLLOW_H

#include "SessionOptions.h"

#include <cstdint>
#include <string>

namespace orcinus {

/// What a server keeps.
struct FollowFiles {
  /// The log of events; empty for none.
  std::string log;
  /// The snapshot of the session; empty for none.
  std::string snapshot;
  /// Events after which the snapshot is written again; 0 to go by time alone.
  int64_t snapshotEvents = 0;
};

/// Answers each line of the standard input, a JSON object, by a line of the
/// standard output, as docs/use.md says. Errors: the session or a file cannot
/// be opened or written; a line that asks nothing sensible is answered by an
/// error.
Status follow(const SessionCommandOptions &options, const FollowFiles &files);

} // namespace orcinus

#endif // TOOLS_ORCINUS_FOLLOW_H
