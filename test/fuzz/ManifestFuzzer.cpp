//===- ManifestFuzzer.cpp - Manifests of programs -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "runtime/Train/Manifest.h"

using namespace orcinus;
using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StatusOr<Manifest> manifest = parseManifest(std::string(asText(data, size)));
  if (!manifest.ok()) {
    check(manifest.message().find('\n') == std::string::npos,
          "a message is one line");
    return 0;
  }
  for (const FunctionSpecification &function : manifest->functions)
    check(manifest->function(function.name) != nullptr,
          "functions are found by their names");
  return 0;
}
