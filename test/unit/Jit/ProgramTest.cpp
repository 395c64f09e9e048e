//===- ProgramTest.cpp - From IR to a loaded program, cold and warm -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"
#include "TestSource.h"

#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <pthread.h>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

constexpr const char *text = R"(
  func.func @f(%scale: f32, %count: i64, %x: memref<?xf32>) {
    %float = arith.sitofp %count : i64 to f32
    %factor = arith.mulf %scale, %float : f32
    linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
        iterator_types = ["parallel"]} outs(%x : memref<?xf32>) {
    ^bb0(%a: f32):
      %scaled = arith.mulf %a, %factor : f32
      linalg.yield %scaled : f32
    }
    return
  }
  func.func @raw(%step: !llvm.ptr) {
    func.call @orcinus_rt_note(%step) : (!llvm.ptr) -> ()
    return
  }
  func.func private @orcinus_rt_note(!llvm.ptr)
)";

void note(void *step) { ++*static_cast<int *>(step); }

class ProgramTest : public testing::Test {
protected:
  void SetUp() override {
    // ctest runs each test as a process of its own, several at a time.
    const char *test =
        testing::UnitTest::GetInstance()->current_test_info()->name();
    options.cacheDirectory = (std::filesystem::path(testing::TempDir()) /
                              ("orcinus-program-cache-" + std::string(test) +
                               "-" + std::to_string(getpid())))
                                 .string();
    std::filesystem::remove_all(options.cacheDirectory);
    options.symbols = testAllocator();
    options.symbols.emplace_back("orcinus_rt_note",
                                 reinterpret_cast<void *>(&note));
  }
  void TearDown() override {
    std::filesystem::remove_all(options.cacheDirectory);
  }

  void checkRuns(Executable &executable) {
    auto function = executable.packedFunction("f");
    ASSERT_TRUE(function.ok()) << function.message();
    float scale = 0.5f;
    int64_t count = 3;
    std::vector<float> x{2, 4, 6};
    MemRef memref(x.data(), {3});
    void *arguments[] = {&scale, &count, memref.descriptor()};
    (*function)(arguments);
    EXPECT_EQ(x, (std::vector<float>{3, 6, 9}));

    auto raw = executable.lookup("raw");
    ASSERT_TRUE(raw.ok()) << raw.message();
    int notes = 0;
    reinterpret_cast<void (*)(void *)>(*raw)(&notes);
    EXPECT_EQ(notes, 1);
    EXPECT_EQ(executable.manifest(), "manifest of the test");
    EXPECT_FALSE(executable.lookup("missing").ok());
  }

  JitOptions options;
};

TEST_F(ProgramTest, SecondTimeBuildsNothing) {
  JitReport report;
  auto cold = jitCompile("key", programOf(text, 2), options, &report);
  ASSERT_TRUE(cold.ok()) << cold.message();
  EXPECT_FALSE(report.cached);
  EXPECT_EQ(report.cacheWarning, "");
  checkRuns(**cold);

  auto never = [](mlir::MLIRContext &) -> StatusOr<LoweredProgram> {
    return Status::error("built again");
  };
  auto warm = jitCompile("key", never, options, &report);
  ASSERT_TRUE(warm.ok()) << warm.message();
  EXPECT_TRUE(report.cached);
  checkRuns(**warm);

  auto other = jitCompile("another key", never, options, &report);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.message(), "built again");
}

TEST_F(ProgramTest, DamagedEntryIsCompiledAgain) {
  JitReport report;
  ASSERT_TRUE(jitCompile("key", programOf(text, 1), options, &report).ok());
  for (auto &file : std::filesystem::directory_iterator(options.cacheDirectory))
    std::ofstream(file.path(), std::ios::binary) << "garbage";
  auto again = jitCompile("key", programOf(text, 1), options, &report);
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_FALSE(report.cached);
  checkRuns(**again);
}

TEST_F(ProgramTest, RunsWithoutAWritableCache) {
  std::ofstream(options.cacheDirectory) << "a file, not a folder";
  JitReport report;
  auto executable = jitCompile("key", programOf(text, 1), options, &report);
  ASSERT_TRUE(executable.ok()) << executable.message();
  EXPECT_NE(report.cacheWarning, "");
  checkRuns(**executable);
}

// Stacks of more than there are addresses.
TEST_F(ProgramTest, IsCompiledWhereNoThreadStarts) {
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_getattr_default_np(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, size_t(1) << 60), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  options.compileThreads = 2;
  auto executable = jitCompile("key", programOf(text, 1), options);
  pthread_setattr_default_np(&usual);
  pthread_attr_destroy(&huge);
  pthread_attr_destroy(&usual);
  ASSERT_TRUE(executable.ok()) << executable.message();
  checkRuns(**executable);
}

TEST_F(ProgramTest, SaysWhichSymbolIsMissing) {
  options.symbols = testAllocator();
  auto executable = jitCompile("key", programOf(text, 1), options);
  ASSERT_TRUE(executable.ok()) << executable.message();
  auto raw = (*executable)->lookup("raw");
  ASSERT_FALSE(raw.ok());
  EXPECT_EQ(raw.message(), "cannot find 'raw' in the program: it calls what is "
                           "not there: orcinus_rt_note");
}

TEST_F(ProgramTest, ReturnsScalarsByTheirAddress) {
  auto executable = jitCompile("key",
                               programOf(R"(
    func.func @f(%x: f32) -> (f32, index) {
      %seven = arith.constant 7 : index
      %twice = arith.addf %x, %x : f32
      return %twice, %seven : f32, index
    })",
                                         1),
                               options);
  ASSERT_TRUE(executable.ok()) << executable.message();
  auto function = (*executable)->packedFunction("f");
  ASSERT_TRUE(function.ok()) << function.message();
  float x = 1.5f, twice = 0;
  int64_t seven = 0;
  void *arguments[] = {&x, &twice, &seven};
  (*function)(arguments);
  EXPECT_EQ(twice, 3.0f);
  EXPECT_EQ(seven, 7);
}

TEST_F(ProgramTest, ReturnsNoMemrefs) {
  auto executable = jitCompile(
      "key",
      programOf("func.func @f(%x: memref<2xf32>) -> memref<2xf32> { return %x "
                ": memref<2xf32> }",
                1),
      options);
  ASSERT_FALSE(executable.ok());
  EXPECT_NE(executable.message().find("must return scalars alone"),
            std::string::npos);
}

} // namespace
