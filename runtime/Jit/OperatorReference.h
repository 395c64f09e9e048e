//===- OperatorReference.h - What an operator's results are ------*- C++
//-*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORREFERENCE_H
#define ORCINUS_RUNTIME_JIT_OPERATORREFERENCE_H

#include "runtime/Jit/OperatorCompiler.h"
#include "runtime/Jit/OperatorTensors.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// What is known of an operator's right results, from plain loops on the host.
///
/// Where plain loops take no more iterations than a limit, or than a few for
/// each element of the operands, these are all elements. Else they are
///
///   - samples: boxes at all corners of each result, and many more anywhere;
///   - of a result that a contraction computes, sums of all its elements, by
///     several vectors of random signs along one dimension. One wrong element
///     changes them, unless by less than rounding may; of those with more, half
///     of all vectors see any pattern (Freivalds 1977).
class OperatorReference {
public:
  /// About a second of plain loops.
  static constexpr int64_t defaultIterations = int64_t(1) << 30;

  /// Of the operator in `module`, with `signature`, for the arguments `inputs`.
  /// Errors: those of compiling it; an operator of which not even one element
  /// can be computed in `mostIterations`.
  static StatusOr<OperatorReference>
  compute(OperatorCompiler &compiler, llvm::StringRef module,
          const OperatorSignature &signature, const TensorValues &inputs,
          int64_t mostIterations = defaultIterations);

  /// What is wrong with `results`, the elements of each; empty where nothing
  /// is found.
  std::string compare(const std::vector<std::span<const float>> &results) const;

  /// Whether each element is compared with what is right.
  bool isComplete() const { return complete; }
  /// Whether sums of all elements are.
  bool hasSums() const { return sums.has_value(); }
  /// How many iterations of plain loops it took.
  int64_t iterations() const { return taken; }

private:
  friend class ReferenceComputer;

  /// A part of a result.
  struct Box {
    size_t result = 0;
    std::vector<int64_t> offsets, sizes;
    std::vector<float> values;
  };
  /// Sums of the only result along `dimension`.
  struct Sums {
    unsigned dimension = 0;
    int64_t vectors = 0;
    /// Number `vector` of index n is weights[n * vectors + vector].
    std::vector<double> weights;
    std::vector<double> values;
    /// What rounding may change in one of them.
    double tolerance = 0;
  };

  std::string compareBox(const Box &box, std::span<const float> values) const;
  std::string compareSums(std::span<const float> values) const;

  std::vector<std::vector<int64_t>> shapes;
  std::vector<Box> boxes;
  /// The largest number of each result, as far as it is known.
  std::vector<float> largest;
  std::optional<Sums> sums;
  bool complete = false;
  int64_t taken = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORREFERENCE_H
