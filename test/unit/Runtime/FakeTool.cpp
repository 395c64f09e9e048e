//===- FakeTool.cpp - The tool without a compiler -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/orcinus/Commands.h"

int main(int argumentCount, char **arguments) {
  return orcinus::runTool(argumentCount, arguments, {});
}
