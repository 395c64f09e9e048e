//===- AtomicFileTest.cpp - Files that appear whole or not at all ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/AtomicFile.h"

#include "TemporaryFolder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

size_t filesIn(const TemporaryFolder &folder) {
  size_t count = 0;
  for (const auto &each : std::filesystem::directory_iterator(folder.path("")))
    count += each.exists();
  return count;
}

TEST(AtomicFile, TakesItsPlaceWhole) {
  TemporaryFolder folder;
  std::string path = folder.write("file", "old");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  AtomicFile file(path);
  ASSERT_TRUE(file.open().ok());
  ASSERT_TRUE(file.write("new, ").ok());
  ASSERT_TRUE(file.write("and longer").ok());
  EXPECT_EQ(folder.read("file"), "old");
  Status status = file.commit();
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(folder.read("file"), "new, and longer");
  struct stat information;
  ASSERT_EQ(stat(path.c_str(), &information), 0);
  EXPECT_EQ(information.st_mode & 07777, 0640u);
  EXPECT_EQ(filesIn(folder), 1u);
}

TEST(AtomicFile, LeavesNothingWithoutACommit) {
  TemporaryFolder folder;
  {
    AtomicFile file(folder.path("file"));
    ASSERT_TRUE(file.open().ok());
    ASSERT_TRUE(file.write("half").ok());
  }
  EXPECT_EQ(filesIn(folder), 0u);
}

TEST(AtomicFile, LeavesNothingWhereTheProcessIsKilled) {
  TemporaryFolder folder;
  int unnamed =
      open(folder.path("").c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
  if (unnamed < 0)
    GTEST_SKIP() << "the file system has no files without a name";
  close(unnamed);
  pid_t child = fork();
  if (child == 0) {
    AtomicFile file(folder.path("file"));
    bool isWritten = file.open().ok() && file.write("half").ok();
    raise(isWritten ? SIGKILL : SIGTERM);
  }
  int how = 0;
  ASSERT_EQ(waitpid(child, &how, 0), child);
  EXPECT_EQ(WTERMSIG(how), SIGKILL);
  EXPECT_EQ(filesIn(folder), 0u);
}

} // namespace
