//===- main.cpp - Train and query T-GNNs ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/orcinus/Commands.h"
#include "tools/orcinus/ImportCommand.h"
#include "tools/orcinus/RunCommand.h"
#include "tools/orcinus/TuneCommand.h"

int main(int argumentCount, char **arguments) {
  return orcinus::runTool(argumentCount, arguments,
                          {orcinus::addTuneCommand, orcinus::addImportCommand,
                           orcinus::addRunCommand});
}
