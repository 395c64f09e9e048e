//===- PlainTextFuzzer.cpp - Plain text event files -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"
#include "StreamChecks.h"

using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  MemoryFile file(asText(data, size));
  loadAndCheck(file.path());
  return 0;
}
