//===- MemoryGuardTest.cpp - Exhausted memory as an error -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Support/MemoryGuard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace orcinus;

namespace {

TEST(MemoryGuardTest, BothExceptionsBecomeErrors) {
  Status allocation = guarded([]() -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(allocation.code(), StatusCode::OutOfMemory);
  StatusOr<int> length = guarded([]() -> StatusOr<int> {
    std::vector<int>().reserve(static_cast<size_t>(-1));
    return 1;
  });
  EXPECT_EQ(length.code(), StatusCode::OutOfMemory);
  EXPECT_EQ(length.message(), "out of memory");
  Status told =
      guarded([]() -> Status { throw std::length_error("too long"); },
              [] { return Status::error("the stream does not fit"); });
  EXPECT_EQ(told.message(), "the stream does not fit");
}

TEST(MemoryGuardTest, WhatIsReturnedPasses) {
  StatusOr<std::string> value =
      guarded([]() -> StatusOr<std::string> { return std::string("seven"); });
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, "seven");
  Status error =
      guarded([] { return Status::error("damaged", StatusCode::Damaged); });
  EXPECT_EQ(error.code(), StatusCode::Damaged);
}

} // namespace
