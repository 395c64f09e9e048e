//===- ThreadSanitizerTest.cpp - Loops that do not wait for each other ----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In builds with ThreadSanitizer alone: it must report what compiled programs
// do wrong, and nothing where they wait as they should.
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Jit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

/// How the first loop writes the block of 16 floats at %p and how the second
/// reads %q.
struct Access {
  const char *name;
  const char *write, *read;
};

void PrintTo(const Access &access, std::ostream *stream) {
  *stream << access.name;
}

constexpr const char *wideStore =
    "llvm.store %ones, %p : vector<16xf32>, !llvm.ptr";
constexpr const char *wideLoad = R"(
  %v = llvm.load %q {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
  llvm.store volatile %v, %own : vector<16xf32>, !llvm.ptr)";

constexpr Access accesses[] = {
    {"Scalar", "llvm.store %one, %p : f32, !llvm.ptr",
     "%v = llvm.load volatile %q : !llvm.ptr -> f32"},
    {"Wide", wideStore, wideLoad},
    {"MaskedStore",
     "llvm.intr.masked.store %ones, %p, %tail {alignment = 4 : i32} : "
     "vector<16xf32>, vector<16xi1> into !llvm.ptr",
     wideLoad},
    {"MaskedLoad", wideStore, R"(
  %v = llvm.intr.masked.load %q, %tail, %ones {alignment = 4 : i32} :
      (!llvm.ptr, vector<16xi1>, vector<16xf32>) -> vector<16xf32>
  llvm.store volatile %v, %own : vector<16xf32>, !llvm.ptr)"},
    {"Scatter", R"(
  %places = llvm.getelementptr %p[%numbers] :
      (!llvm.ptr, vector<16xi32>) -> vector<16x!llvm.ptr>, f32
  llvm.intr.masked.scatter %ones, %places, %tail {alignment = 4 : i32} :
      vector<16xf32>, vector<16xi1> into vector<16x!llvm.ptr>)",
     wideLoad},
    {"Gather", wideStore, R"(
  %places = llvm.getelementptr %q[%numbers] :
      (!llvm.ptr, vector<16xi32>) -> vector<16x!llvm.ptr>, f32
  %v = llvm.intr.masked.gather %places, %tail, %ones {alignment = 4 : i32} :
      (vector<16x!llvm.ptr>, vector<16xi1>, vector<16xf32>) -> vector<16xf32>
  llvm.store volatile %v, %own : vector<16xf32>, !llvm.ptr)"},
    {"Fill",
     R"("llvm.intr.memset"(%p, %byte, %bytes) <{isVolatile = false}> :
      (!llvm.ptr, i8, i64) -> ())",
     wideLoad},
    {"Copy", wideStore,
     R"("llvm.intr.memcpy"(%own, %q, %bytes) <{isVolatile = false}> :
      (!llvm.ptr, !llvm.ptr, i64) -> ())"}};

/// Two loops of two threads over two blocks: in the second, each thread reads
/// what the other has written in the first. `wait` is empty or `nowait`.
std::string loops(const Access &access, const std::string &wait) {
  std::string text = R"(
llvm.func @f(%x: !llvm.ptr, %y: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %step = llvm.mlir.constant(1 : i64) : i64
  %end = llvm.mlir.constant(2 : i64) : i64
  %threads = llvm.mlir.constant(2 : i32) : i32
  %byte = llvm.mlir.constant(0 : i8) : i8
  %bytes = llvm.mlir.constant(64 : i64) : i64
  %one = llvm.mlir.constant(1.0 : f32) : f32
  %ones = llvm.mlir.constant(dense<1.0> : vector<16xf32>) : vector<16xf32>
  %numbers = llvm.mlir.constant(dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
      13, 14, 15]> : vector<16xi32>) : vector<16xi32>
  %count = llvm.mlir.constant(dense<5> : vector<16xi32>) : vector<16xi32>
  %tail = llvm.icmp "slt" %numbers, %count : vector<16xi32>
  omp.parallel num_threads(%threads : i32) {
    omp.wsloop WAIT {
      omp.loop_nest (%i) : i64 = (%zero) to (%end) step (%step) {
        %p = llvm.getelementptr %x[%i] :
            (!llvm.ptr, i64) -> !llvm.ptr, vector<16xf32>
        WRITE
        omp.yield
      }
    }
    omp.wsloop {
      omp.loop_nest (%i) : i64 = (%zero) to (%end) step (%step) {
        %other = llvm.sub %step, %i : i64
        %q = llvm.getelementptr %x[%other] :
            (!llvm.ptr, i64) -> !llvm.ptr, vector<16xf32>
        %own = llvm.getelementptr %y[%i] :
            (!llvm.ptr, i64) -> !llvm.ptr, vector<16xf32>
        READ
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}
)";
  auto replace = [&](const std::string &word, const std::string &with) {
    text.replace(text.find(word), word.size(), with);
  };
  replace("WAIT", wait);
  replace("WRITE", access.write);
  replace("READ", access.read);
  return text;
}

/// Runs the program of `text` in this process, which it ends: with 0 where
/// ThreadSanitizer has nothing to say, with its own status where it does.
[[noreturn]] void runAndExit(const std::string &text) {
  auto program = jitCompile(
      "planted",
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
        context
            .loadDialect<mlir::LLVM::LLVMDialect, mlir::omp::OpenMPDialect>();
        auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
        if (!module)
          return Status::error("cannot parse the program");
        return LoweredProgram{std::move(module), ""};
      },
      JitOptions());
  if (!program.ok())
    std::exit(1);
  StatusOr<void *> function = (*program)->lookup("f");
  if (!function.ok())
    std::exit(2);
  alignas(64) static float x[32], y[32];
  reinterpret_cast<void (*)(float *, float *)>(*function)(x, y);
  std::exit(0);
}

class ThreadSanitizerTest : public testing::TestWithParam<Access> {
protected:
  // The child starts threads, which a fork of a process with threads must not.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_P(ThreadSanitizerTest, ReportsALoopThatDoesNotWait) {
  constexpr int reported = 66;
  EXPECT_EXIT(runAndExit(loops(GetParam(), "nowait")),
              testing::ExitedWithCode(reported), "ThreadSanitizer: data race");
}

TEST_P(ThreadSanitizerTest, SaysNothingOfALoopThatWaits) {
  EXPECT_EXIT(runAndExit(loops(GetParam(), "")), testing::ExitedWithCode(0),
              "");
}

INSTANTIATE_TEST_SUITE_P(Accesses, ThreadSanitizerTest,
                         testing::ValuesIn(accesses),
                         testing::PrintToStringParamName());

} // namespace
