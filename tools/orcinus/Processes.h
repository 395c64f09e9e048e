//===- Processes.h - Commands of several processes --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PROCESSES_H
#define TOOLS_ORCINUS_PROCESSES_H

#include "Commands.h"

#include <string_view>

namespace orcinus {

/// Runs `command`, whose name is `name`. Shared work is done with the processes
/// that a launcher has started together with this one, or alone: the first one
/// prints what there is to be said, and an error says whose it is; what is the
/// same in all is said once. Errors: those of the work; several processes were
/// started for the work of one, which each would do for itself.
Status runAmongProcesses(std::string_view name, const Command &command);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PROCESSES_H
