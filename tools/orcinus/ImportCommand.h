//===- ImportCommand.h - orcinus import -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_IMPORTCOMMAND_H
#define TOOLS_ORCINUS_IMPORTCOMMAND_H

#include "Commands.h"

namespace orcinus {

/// Adds `import`, which makes a module of another framework's network.
void addImportCommand(CLI::App &app, Command &chosen);

} // namespace orcinus

#endif // TOOLS_ORCINUS_IMPORTCOMMAND_H
