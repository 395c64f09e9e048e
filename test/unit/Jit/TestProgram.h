//===- TestProgram.h - Compile and call small programs ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_JIT_TESTPROGRAM_H
#define ORCINUS_TEST_UNIT_JIT_TESTPROGRAM_H

#include "runtime/Jit/Executable.h"
#include "runtime/Jit/MemRef.h"

#include "TestSource.h"
#include <cstdint>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace orcinus::test {

/// An allocator for programs to call that fails the test where a block is freed
/// twice or, at `expectAllFreed`, not at all.
std::vector<RuntimeSymbol> testAllocator();
void expectAllFreed();

/// Compiles `text`; fails the test where that fails.
std::unique_ptr<Executable> compile(const std::string &text, int threads);

/// Calls a function of a program compiled for so many threads; fails the test
/// where the simulator reports something.
void call(Executable::PackedFunction function, void **arguments, int threads);

/// A contraction in the notation of Einstein sums: one letter a dimension.
struct Contraction {
  std::string left, right, result;
  std::map<char, int64_t> extents;
  /// Dimensions whose extent the compiler does not know.
  std::string dynamic;
  enum Start { Accumulate, Zero, Bias } start = Zero;
  /// What the attribute `eto.schedule` holds; empty for the default.
  std::string schedule = "";

  int64_t sizeOf(const std::string &operand) const;
  std::vector<int64_t> shapeOf(const std::string &operand) const;
  std::string typeOf(const std::string &operand) const;
  /// The function `name` of (left, right, result, bias) that computes it.
  std::string functionText(const std::string &name) const;
};

/// Different, small, reproducible values.
std::vector<float> numbers(int64_t count, unsigned seed);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_JIT_TESTPROGRAM_H
