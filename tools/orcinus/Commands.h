//===- Commands.h - The commands of the tool --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_COMMANDS_H
#define TOOLS_ORCINUS_COMMANDS_H

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Support/Status.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <variant>

namespace orcinus {

/// Work that one process does by itself.
using OwnWork = std::function<Status()>;
/// Work that the processes which a launcher has started do together; one that
/// none has started gets null.
using SharedWork = std::function<Status(std::shared_ptr<Communicator>)>;
/// Work of a process that another one of this program has started, whoever has
/// started that.
struct ChildWork {
  OwnWork work;
};
/// What the command line asks for, to be run after parsing.
using Command = std::variant<OwnWork, SharedWork, ChildWork>;

// Each adds one command to `app` and sets `chosen` when it was asked for.
void addConvertCommand(CLI::App &app, Command &chosen);
void addGenCommand(CLI::App &app, Command &chosen);
void addInfoCommand(CLI::App &app, Command &chosen);
void addTrainCommand(CLI::App &app, Command &chosen);
void addEvalCommand(CLI::App &app, Command &chosen);
void addPredictCommand(CLI::App &app, Command &chosen);
void addEmbedCommand(CLI::App &app, Command &chosen);
void addCompileCommand(CLI::App &app, Command &chosen);
void addPlanCommand(CLI::App &app, Command &chosen);

/// Adds one command, as those above do.
using AddCommand = void (*)(CLI::App &app, Command &chosen);

/// The tool, with `more` commands: parses the command line, runs the command,
/// prints one line on an error. Returns the exit status: 0, 1 on an error, 2 on
/// a wrong usage.
int runTool(int argumentCount, char **arguments,
            std::initializer_list<AddCommand> more = {});

} // namespace orcinus

#endif // TOOLS_ORCINUS_COMMANDS_H
