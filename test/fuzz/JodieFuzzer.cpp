//===- JodieFuzzer.cpp - JODIE event files --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is what stands behind the header.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"
#include "StreamChecks.h"

using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text = "user_id,item_id,timestamp,state_label,features\n";
  text += asText(data, size);
  MemoryFile file(text);
  loadAndCheck(file.path());
  return 0;
}
