//===- TestData.cpp - Where real event streams lie ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/TestData.h"

#include <cstdlib>

std::string orcinus::test::dataPath(const std::string &name) {
  const char *folder = std::getenv("ORCINUS_TEST_DATA");
  return std::string(folder ? folder : ORCINUS_TEST_DATA) + "/" + name;
}
