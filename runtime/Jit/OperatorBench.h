//===- OperatorBench.h - Time the programs of an operator -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORBENCH_H
#define ORCINUS_RUNTIME_JIT_OPERATORBENCH_H

#include "orcinus/Tuning/Measure.h"
#include "runtime/Jit/CallTimer.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/OperatorCompiler.h"
#include "runtime/Jit/OperatorReference.h"
#include "runtime/Jit/OperatorTensors.h"

#include <memory>
#include <optional>
#include <string>

namespace orcinus {

/// An operator's inputs, what is known of its right results, and a place to run
/// its programs: the host, or another device, where the inputs stay.
class OperatorBench {
public:
  /// Draws inputs and computes what their results are compared with, on the
  /// host. Programs then run on `device`, which must outlive the bench; those
  /// of the host divide their work among `threads`. Errors: those of the
  /// reference and of the device.
  static StatusOr<std::unique_ptr<OperatorBench>>
  create(OperatorCompiler &compiler, llvm::StringRef module, Device &device,
         int threads);

  /// Runs the program of `object`, compares its results with the right ones and
  /// times it. Where one call takes a multiple of `enoughMicroseconds`, which 0
  /// leaves open, it is too slow to matter, and timed no further. A crash is
  /// the device's, which cannot be used any more.
  Measurement measure(const std::string &object, double enoughMicroseconds);

private:
  OperatorBench(Device &device, OperatorTensors tensors,
                OperatorReference reference, std::unique_ptr<CallTimer> timer,
                int threads)
      : device(device), tensors(std::move(tensors)),
        reference(std::move(reference)), timer(std::move(timer)),
        threads(threads) {}
  Measurement measure(Executable::PackedFunction program,
                      double enoughMicroseconds);
  std::optional<Measurement> check(Executable::PackedFunction program);
  std::string compareResults() const;
  Measurement failed(const Status &error) const;

  Device &device;
  std::string function;
  OperatorTensors tensors;
  /// What the arguments are before a program runs.
  TensorValues inputs;
  OperatorReference reference;
  std::unique_ptr<CallTimer> timer;
  int threads;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORBENCH_H
