//===- GzipFuzzer.cpp - Gzipped event files -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"
#include "StreamChecks.h"

#include "lib/Graph/GzipFile.h"

using namespace orcinus;
using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes = asText(data, size);
  StatusOr<ByteBuffer> text = decompressGzip(bytes, "input");
  check(text.ok() || !text.message().empty(), "an error has a message");
  MemoryFile file(bytes);
  loadAndCheck(file.path());
  return 0;
}
