//===- ToolProcessTest.cpp - Programs of others ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ToolProcess.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

class ToolProcessTest : public testing::Test {
protected:
  /// What a shell script comes to.
  std::string run(const std::string &script, unsigned mostSeconds = 60) {
    auto folder = WorkFolder::make();
    EXPECT_TRUE(folder.ok()) << folder.message();
    return runTool(*folder, "/bin/sh", {"-c", script}, mostSeconds).message();
  }
};

TEST_F(ToolProcessTest, SaysWhatWentWrong) {
  EXPECT_EQ(run("exit 0"), "");
  EXPECT_EQ(run("exit 3"), "sh: it ended with 3");
  EXPECT_EQ(run("echo one; echo 'x: error: two' >&2; echo three; exit 1"),
            "sh: x: error: two");
  EXPECT_EQ(run("echo one; echo two; exit 1"), "sh: two");
}

TEST_F(ToolProcessTest, DoesNotWaitForever) {
  EXPECT_EQ(run("echo one; exec sleep 100", 1),
            "sh: it was stopped after 1 s, in which it did not end");
}

} // namespace
