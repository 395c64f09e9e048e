//===- RunCommand.h - orcinus run -------------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_RUNCOMMAND_H
#define TOOLS_ORCINUS_RUNCOMMAND_H

#include "Commands.h"

namespace orcinus {

/// Adds `run`, which calls a function of a module.
void addRunCommand(CLI::App &app, Command &chosen);

} // namespace orcinus

#endif // TOOLS_ORCINUS_RUNCOMMAND_H
