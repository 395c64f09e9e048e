//===- DyglibFuzzer.cpp - DyGLib event files with their features ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is what stands behind the csv's header, and behind lines of `===`
// the files of edge and node features, where there are any.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"
#include "StreamChecks.h"

using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr std::string_view separator = "===\n";
  std::string_view rest = asText(data, size);
  MemoryFolder folder;
  std::string csv = ",u,i,ts,label,idx\n";
  csv += takePart(rest, separator);
  folder.write("ml_x.csv", csv);
  if (!rest.empty())
    folder.write("ml_x.npy", takePart(rest, separator));
  if (!rest.empty())
    folder.write("ml_x_node.npy", rest);
  loadAndCheck(folder.path() + "/ml_x.csv");
  return 0;
}
