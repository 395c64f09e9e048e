//===- ObjectCacheTest.cpp - Damaged, foreign and good entries ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ObjectCache.h"

#include "gtest/gtest.h"

#include <chrono>
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

// Where there are too many, those go that were not used for the longest time,
// and what killed processes left.
TEST_F(ObjectCacheTest, KeepsWhatIsUsed) {
  namespace fs = std::filesystem;
  ASSERT_TRUE(cache().store("one", program).ok());
  uint64_t bytes = fs::file_size(cache().pathOf("one"));
  ASSERT_TRUE(cache().store("two", program).ok());
  ASSERT_TRUE(cache().store("six", program).ok());
  std::string left = cache().pathOf("one") + ".12345678";
  write(left, "begun");
  write((directory / "notes.txt").string(), std::string(10 * bytes, ' '));
  auto now = fs::file_time_type::clock::now();
  fs::last_write_time(left, now - std::chrono::hours(4));
  fs::last_write_time(cache().pathOf("one"), now - std::chrono::hours(3));
  fs::last_write_time(cache().pathOf("two"), now - std::chrono::hours(2));
  fs::last_write_time(cache().pathOf("six"), now - std::chrono::hours(1));
  EXPECT_TRUE(cache().find("one"));

  ObjectCache little(directory.string(), 3 * bytes);
  ASSERT_TRUE(little.store("ten", program).ok());
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(directory / "notes.txt"));
  EXPECT_TRUE(little.find("one"));
  EXPECT_FALSE(little.find("two"));
  EXPECT_TRUE(little.find("six"));
  EXPECT_TRUE(little.find("ten"));

  // One program is kept, however large.
  ObjectCache tiny(directory.string(), 1);
  ASSERT_TRUE(tiny.store("last", program).ok());
  EXPECT_TRUE(tiny.find("last"));
  EXPECT_FALSE(tiny.find("ten"));
}

TEST_F(ObjectCacheTest, SaysWhyItCannotStore) {
  write(directory.string(), "a file, not a folder");
  Status status = cache().store("key", program);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find(directory.string()), std::string::npos);
}

} // namespace
