//===- ObjectCacheTest.cpp - Damaged, foreign and good entries ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ObjectCache.h"

#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

using namespace orcinus;

namespace {

class ObjectCacheTest : public testing::Test {
protected:
  void SetUp() override {
    directory =
        std::filesystem::path(testing::TempDir()) /
        ("orcinus-cache-" +
         std::string(
             testing::UnitTest::GetInstance()->current_test_info()->name()) +
         "-" + std::to_string(getpid()));
    std::filesystem::remove_all(directory);
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  ObjectCache cache() { return ObjectCache(directory.string()); }

  static std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static void write(const std::string &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  std::filesystem::path directory;
  CompiledProgram program{{std::string("one\0two", 7), ""}, "the manifest"};
};

TEST_F(ObjectCacheTest, FindsWhatWasStored) {
  EXPECT_FALSE(cache().find("key"));
  ASSERT_TRUE(cache().store("key", program).ok());
  auto found = cache().find("key");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->objects, program.objects);
  EXPECT_EQ(found->manifest, program.manifest);
  EXPECT_FALSE(cache().find("another key"));
}

TEST_F(ObjectCacheTest, IgnoresEveryDamage) {
  ASSERT_TRUE(cache().store("key", program).ok());
  std::string path = cache().pathOf("key"), good = read(path);
  for (size_t length = 0; length < good.size(); ++length) {
    write(path, good.substr(0, length));
    EXPECT_FALSE(cache().find("key")) << "cut to " << length;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] ^= 0x10;
    write(path, damaged);
    EXPECT_FALSE(cache().find("key")) << "damaged at " << at;
  }
}

TEST_F(ObjectCacheTest, IgnoresAnotherKeysFile) {
  ASSERT_TRUE(cache().store("key", program).ok());
  std::filesystem::copy_file(cache().pathOf("key"), cache().pathOf("other"));
  EXPECT_FALSE(cache().find("other"));
}

TEST_F(ObjectCacheTest, ReplacesAndLeavesNoOtherFile) {
  ASSERT_TRUE(cache().store("key", program).ok());
  write(cache().pathOf("key"), "garbage");
  ASSERT_TRUE(cache().store("key", program).ok());
  EXPECT_TRUE(cache().find("key"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}),
            1);
}

TEST_F(ObjectCacheTest, SaysWhyItCannotStore) {
  write(directory.string(), "a file, not a folder");
  Status status = cache().store("key", program);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find(directory.string()), std::string::npos);
}

} // namespace
