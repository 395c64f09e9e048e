//===- OperatorBench.h - Time the programs of an operator -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORBENCH_H
#define ORCINUS_RUNTIME_JIT_OPERATORBENCH_H

#include "orcinus/Tuning/Measure.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/OperatorCompiler.h"
#include "runtime/Memory/AlignedBuffer.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// An operator's inputs, the results that are right, and a place to run its
/// programs.
class OperatorBench {
public:
  /// Draws inputs and computes the results by the unscheduled program. Errors:
  /// those of compiling it.
  static StatusOr<std::unique_ptr<OperatorBench>>
  create(OperatorCompiler &compiler, llvm::StringRef module, int threads);

  /// Runs the program of `object`, compares its results with the right ones and
  /// times it. Where one call takes a multiple of `enoughMicroseconds`, which 0
  /// leaves open, it is too slow to matter, and timed no further.
  Measurement measure(const std::string &object, double enoughMicroseconds);

private:
  struct Tensor {
    std::vector<int64_t> shape;
    AlignedBuffer storage;
    size_t size() const;
    float *data() const;
  };

  OperatorBench() = default;
  void allocate(const OperatorSignature &signature);
  void prepare();
  void run(Executable::PackedFunction program);
  /// What is wrong with the results; empty where they are right.
  std::string compareResults() const;

  std::string function;
  std::vector<Tensor> arguments, results;
  /// What the arguments are before a program runs.
  std::vector<std::vector<float>> inputs;
  /// The right results, one vector a result.
  std::vector<std::vector<float>> expected;
  int threads = 1;
};

/// The time of a fixed loop, in microseconds: how fast the machine is at this
/// moment.
double measureBaseline();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORBENCH_H
