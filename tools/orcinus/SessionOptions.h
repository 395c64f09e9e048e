//===- SessionOptions.h - Opening sessions from the command line *- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_SESSIONOPTIONS_H
#define TOOLS_ORCINUS_SESSIONOPTIONS_H

#include "Options.h"
#include "orcinus/Runtime/Session.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What the commands that use a trained model have in common.
struct SessionCommandOptions {
  std::string checkpoint;
  DataOptions data;
  std::vector<std::string> newFiles;
  SessionOptions session;
  /// The cache and the threads alone.
  CheckpointDescription run;
};

/// Adds --checkpoint, --data, --new, --block-size, --late-events, --threads and
/// the cache's.
void addSessionOptions(CLI::App &command, SessionCommandOptions &options);

/// Opens the session and appends the new files. What was loaded is printed to
/// `messages`; a history that is not the checkpoint's is warned of.
StatusOr<Session> openSession(const SessionCommandOptions &options,
                              std::FILE *messages);

/// The node that `text` names, `unknownNode` where there is none of that name.
/// Errors: no node could have it (checkNodeName).
StatusOr<int32_t> findNode(const Session &session, std::string_view text);

/// The point in time that `text` names, in the unit of the session's data;
/// "end" is right after the newest event.
StatusOr<Timestamp> parseMoment(const Session &session,
                                const SessionCommandOptions &options,
                                std::string_view text);

} // namespace orcinus

#endif // TOOLS_ORCINUS_SESSIONOPTIONS_H
