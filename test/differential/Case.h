//===- Case.h - A module, and how it is compiled and called -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_CASE_H
#define ORCINUS_TEST_DIFFERENTIAL_CASE_H

#include "GuardedMemory.h"

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus::differential {

/// How one argument of the compiled function lies in memory.
struct ArgumentLayout {
  std::vector<int64_t> shape;
  /// Elements from one index to the next, dimension by dimension.
  std::vector<int64_t> strides;
  /// Elements before the first.
  int64_t offset = 0;

  bool operator==(const ArgumentLayout &) const = default;

  /// Elements one after the other.
  static ArgumentLayout dense(std::vector<int64_t> shape);

  /// Elements from the first one of the memory to the last that is reached.
  int64_t span() const;
};

/// All that decides on what a run does.
struct Case {
  /// One public function of linalg on tensors or memrefs, with the schedules of
  /// its ops as their attributes.
  std::string module;
  int64_t vectorBits = 0;
  int64_t vectorRegisters = 0;
  int threads = 1;
  /// Whether operators are outlined, and put back, before anything else.
  bool outlined = false;
  uint64_t dataSeed = 0;
  /// Whether the arguments are small integers, for which sums are exact.
  bool integers = true;
  MemoryOptions memory;
  /// Of the arguments, then of the results; where empty, dense ones with 5 for
  /// each extent that the module does not know.
  std::vector<ArgumentLayout> layouts;

  /// A file of MLIR whose first line, a comment, has what the module does not
  /// say.
  std::string toText() const;
  /// The case that `toText` wrote, or any module, with defaults. Errors: a
  /// first line of ours that is damaged.
  static StatusOr<Case> fromText(std::string_view text);
};

/// What became of a case.
enum class Verdict {
  Right,
  /// The compiler does not take the module or a schedule.
  Refused,
  /// A result is not what it should be, or memory was written that is not to
  /// be written.
  Wrong,
  /// The oracle cannot say: a mistake of the generator.
  Unknown,
  /// A signal ended the process.
  Crashed,
  /// It did not end.
  Hung,
};

/// right, refused, wrong, unknown, crashed or hung.
std::string_view nameOf(Verdict verdict);

struct Outcome {
  Verdict verdict = Verdict::Right;
  /// What is wrong, in one line.
  std::string message;
};

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_CASE_H
