//===- TestData.h - Where real event streams lie ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_TESTDATA_H
#define ORCINUS_TEST_UNIT_TESTDATA_H

#include <filesystem>
#include <string>

namespace orcinus::test {

/// The path of the real data set `name`; the environment variable
/// ORCINUS_TEST_DATA names another folder than the one configured.
std::string dataPath(const std::string &name);

/// Skips the running test, and says so, where a real data set is not there.
#define ORCINUS_REQUIRE_DATA(name)                                             \
  if (!std::filesystem::exists(orcinus::test::dataPath(name)))                 \
  GTEST_SKIP() << "no " << orcinus::test::dataPath(name)                       \
               << "; set ORCINUS_TEST_DATA to the folder that holds it"

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_TESTDATA_H
