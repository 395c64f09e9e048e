//===- CallMemory.h - What a compiled function is called with ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_CALLMEMORY_H
#define ORCINUS_TEST_DIFFERENTIAL_CALLMEMORY_H

#include "Case.h"
#include "Interpreter.h"

#include <string>
#include <vector>

namespace orcinus::differential {

/// Dense layouts of the arguments of `function`, then of its results.
std::vector<ArgumentLayout> denseLayouts(mlir::func::FuncOp function);

/// The values of the arguments of `function`: those that `tested` asks for.
std::vector<Array> drawArguments(mlir::func::FuncOp function,
                                 const Case &tested,
                                 const std::vector<ArgumentLayout> &layouts);

/// The memory of one call: the arguments as they lie, the results poisoned.
class CallMemory {
public:
  /// Errors: layouts that do not fit the function.
  static StatusOr<CallMemory>
  prepare(mlir::func::FuncOp function, const Case &tested,
          const std::vector<ArgumentLayout> &layouts, const Evaluation &wanted);

  /// What a packed function takes.
  void **descriptors() { return pointers.data(); }

  /// What is not as it should be; empty where all is right.
  std::string compare();

private:
  struct Operand {
    std::string name;
    ArgumentLayout layout;
    GuardedBlock block;
    std::vector<int64_t> descriptor;
    /// All bytes of the block's pages before the call.
    std::vector<std::byte> image;
    /// What the elements should be afterwards.
    Array wanted;
    /// A tensor that the function may overwrite: what it holds afterwards does
    /// not matter.
    bool scratch = false;
  };

  void append(std::string name, const ArgumentLayout &layout,
              const Array *values, Array wanted, bool scratch,
              const MemoryOptions &options);
  static std::string compare(Operand &operand);

  std::vector<Operand> operands;
  std::vector<void *> pointers;
};

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_CALLMEMORY_H
