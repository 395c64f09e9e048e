//===- KernelHarness.h - Run one kernel through the JIT ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_KERNELS_KERNELHARNESS_H
#define ORCINUS_TEST_UNIT_KERNELS_KERNELHARNESS_H

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

namespace orcinus::test {

/// An array in row-major order.
template <typename Element>
struct Array {
  std::vector<int64_t> shape;
  std::vector<Element> values;
  /// The type's first extent is dynamic.
  bool dynamic;
  /// Rows lie apart in memory: the kernel gets a strided memref.
  bool strided = false;

  explicit Array(std::vector<int64_t> extents)
      : shape(std::move(extents)), dynamic(shape.size() > 1) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    values.resize(size);
  }

  /// The element at the given indices.
  template <typename... Indices>
  Element &operator()(Indices... indices) {
    int64_t flat = 0;
    size_t at = 0;
    ((flat = flat * shape[at++] + indices), ...);
    return values[flat];
  }
  template <typename... Indices>
  Element operator()(Indices... indices) const {
    return const_cast<Array &>(*this)(indices...);
  }
};

using Tensor = Array<float>;
using Indices = Array<int32_t>;

/// Numbers in [-1, 1), the same in every run.
Tensor randomTensor(std::vector<int64_t> shape, unsigned seed);
/// Numbers in [0, limit).
Indices randomIndices(std::vector<int64_t> shape, int32_t limit, unsigned seed);

/// For each of `rows` rows, the positions in `index` that name it: what the
/// runtime calls a map's inverse.
struct Inverse {
  Indices offsets{{0}}, references{{0}};
};
Inverse invert(const Indices &index, int64_t rows,
               const std::function<bool(int64_t)> &isValid);

using Operand = std::variant<Tensor *, Indices *, int64_t, float>;

/// Extents to try: of rows, with and without a vector's tail, and how many.
inline constexpr int64_t widths[] = {1, 6, 16, 100, 103, 300};
inline constexpr int64_t queryCounts[] = {0, 1, 7, 64, 200};

/// How kernels are compiled: for the host, or for a GPU with so many threads in
/// a subgroup, which is simulated with all checks on.
struct Configuration {
  int64_t vectorBits, vectorRegisters;
  int threads;
  int64_t subgroupSize = 0;
};

inline void PrintTo(const Configuration &configuration, std::ostream *stream) {
  if (configuration.subgroupSize)
    *stream << "subgroups of " << configuration.subgroupSize;
  else
    *stream << configuration.vectorBits << " bits, " << configuration.threads
            << " threads";
}

/// This machine's vectors on one thread, and narrow ones on two; NVIDIA's
/// subgroups, and those of AMD's CDNA.
inline constexpr Configuration configurations[] = {
    {0, 0, 1}, {128, 16, 2}, {0, 0, 1, 32}, {0, 0, 1, 64}};

class KernelTest : public ::testing::TestWithParam<Configuration> {
protected:
  /// Runs `tgnn.NAME(inputs) into(outs) {attributes}`.
  void run(const std::string &name, const std::string &attributes,
           std::vector<Operand> inputs, std::vector<Operand> outs) const;
  /// Runs an op whose text refers to operand i as %ai and to its type as
  /// the i-th of the given types.
  void runText(
      const std::function<std::string(const std::vector<std::string> &types)>
          &text,
      std::vector<Operand> operands) const;

  Configuration configuration = GetParam();
};

/// Checks that `gradient` is the derivative of `loss` by `variable`, at up to
/// `samples` of its elements.
void expectDerivative(const std::function<double()> &loss, Tensor &variable,
                      const Tensor &gradient, int samples = 40);

/// Checks elements up to `tolerance` relative to the larger of 1 and the
/// expected value.
void expectNear(const Tensor &actual, const std::vector<double> &expected,
                double tolerance = 2e-5);

/// Whether a dropout keeps an element, and what it multiplies it by.
double dropoutFactor(int64_t element, int64_t seed, int64_t salt, double rate);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_KERNELS_KERNELHARNESS_H
