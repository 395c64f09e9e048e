//===- TuneCommand.h - orcinus tune -----------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_TUNECOMMAND_H
#define TOOLS_ORCINUS_TUNECOMMAND_H

#include "Commands.h"

namespace orcinus {

/// Adds `orcinus tune`, and the hidden command that its child processes are. It
/// is apart from the other commands for it compiles operators.
void addTuneCommand(CLI::App &app, Command &chosen);

} // namespace orcinus

#endif // TOOLS_ORCINUS_TUNECOMMAND_H
