//===- CompiledOperator.h - Operators to be timed ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_COMPILEDOPERATOR_H
#define ORCINUS_BENCH_OPERATORS_COMPILEDOPERATOR_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Memory/AlignedBuffer.h"

#include <memory>
#include <vector>

namespace orcinus::bench {

/// An operator compiled for this machine, with operands to run it on.
class CompiledOperator {
public:
  /// The empty schedule is the default. A weight that the schedule packs comes
  /// packed, as it would in a model whose weights change once a step or never.
  /// Errors: what the compiler says.
  static StatusOr<std::unique_ptr<CompiledOperator>>
  create(const OperatorDescription &description, const Schedule &schedule,
         int threads);

  void run() { function(arguments.data()); }

private:
  CompiledOperator() = default;
  void addOperand(const std::vector<int64_t> &shape);

  std::unique_ptr<Executable> executable;
  Executable::PackedFunction function = nullptr;
  std::vector<AlignedBuffer> buffers;
  std::vector<MemRef> memrefs;
  std::vector<void *> arguments;
};

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_COMPILEDOPERATOR_H
