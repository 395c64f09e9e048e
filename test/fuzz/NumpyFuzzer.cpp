//===- NumpyFuzzer.cpp - Matrices in NumPy's format -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "lib/Graph/NumpyFile.h"

#include <vector>

using namespace orcinus;
using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  MemoryFile file(asText(data, size));
  StatusOr<NumpyFile> array = NumpyFile::read(file.path());
  if (!array.ok() || array->rows() == 0)
    return 0;
  std::vector<int64_t> rows = {0, array->rows() - 1, 0};
  StatusOr<FeatureMatrix> features = array->gather(rows);
  if (!features.ok())
    return 0;
  check(features->rows == 3 && features->columns == array->columns(),
        "what was asked for comes out");
  check(features->values.size() == static_cast<size_t>(3 * array->columns()),
        "features are a matrix");
  return 0;
}
