//===- MatrixProductsTest.cpp - Contractions by matrix instructions -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimulatedProgram.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <ostream>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// The type of operands, and what multiplies them.
struct Instance {
  const char *type;
  MatrixInstructions instructions;
  /// Digits of the operands' mantissa that the products have.
  int digits;
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  constexpr const char *names[] = {"none", "mma", "mfma"};
  *stream << instance.type << ", "
          << names[static_cast<int>(instance.instructions)];
}

/// `value` to so many digits behind the first one, of two such the one farther
/// from zero.
float rounded(float value, int digits) {
  int exponent = 0;
  double mantissa = std::frexp(static_cast<double>(value), &exponent);
  return static_cast<float>(std::ldexp(
      std::round(std::ldexp(mantissa, digits + 1)), exponent - digits - 1));
}

/// The bits of `value`, which f16 has.
uint16_t halfBits(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t sign = bits >> 16 & 0x8000;
  if (value == 0)
    return static_cast<uint16_t>(sign);
  return static_cast<uint16_t>(sign | (((bits >> 23 & 0xff) - 127 + 15) << 10) |
                               (bits >> 13 & 0x3ff));
}

/// The bits of `value`, which bf16 has.
uint16_t bfloatBits(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

/// Numbers of an operand, as floats and as the program takes them.
class Operand {
public:
  Operand(const Instance &instance, std::vector<int64_t> shape, unsigned seed)
      : isSingle(std::string(instance.type) == "f32") {
    std::mt19937 generator(seed);
    std::uniform_int_distribution<int> sign(0, 1);
    std::uniform_real_distribution<float> size(0.5f, 1.f);
    bool isBfloat = std::string(instance.type) == "bf16";
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    for (int64_t at = 0; at < count; ++at) {
      float value = sign(generator) ? size(generator) : -size(generator);
      values.push_back(isSingle ? value : rounded(value, instance.digits));
      halves.push_back(isBfloat ? bfloatBits(values.back())
                                : halfBits(values.back()));
    }
    memref.emplace(isSingle ? static_cast<void *>(values.data())
                            : static_cast<void *>(halves.data()),
                   shape);
  }

  void *descriptor() { return memref->descriptor(); }
  float operator[](int64_t at) const { return values[at]; }

private:
  bool isSingle;
  std::vector<float> values;
  std::vector<uint16_t> halves;
  std::optional<MemRef> memref;
};

class MatrixProductsTest : public testing::TestWithParam<Instance> {
protected:
  /// `eto.schedule` with the fields of `more`, for the instance's instructions.
  static std::string schedule(const std::string &more = "") {
    bool byMatrices = GetParam().instructions != MatrixInstructions::None;
    std::string fields = byMatrices ? "matrix_instructions = 1" : "";
    fields += (byMatrices && !more.empty() ? ", " : "") + more;
    return fields.empty() ? ""
                          : "{eto.schedule = #eto.schedule<" + fields + ">}";
  }

  static std::string memref(const std::string &extents) {
    return "memref<" + extents + "x" + GetParam().type + ">";
  }

  /// What a product of the operands' elements adds to the result.
  static double product(float left, float right) {
    int digits = GetParam().digits;
    return static_cast<double>(rounded(left, digits)) * rounded(right, digits);
  }

  /// Runs `text` on the operands and a result of `shape` full of ones, with all
  /// checks and in some orders of threads, and compares what becomes of it.
  static void expectResult(const std::string &text, Operand &left,
                           Operand &right, const std::vector<int64_t> &shape,
                           const std::vector<double> &expected) {
    ProgramOptions options;
    options.check = true;
    options.map.emplace();
    options.map->matrixInstructions = GetParam().instructions;
    if (GetParam().instructions == MatrixInstructions::Mfma)
      options.subgroupSize = options.map->subgroupSize = 64;
    SimulatedProgram program(text, options);
    for (uint64_t seed : {0, 1, 2}) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      std::vector<float> result(expected.size(), 1);
      MemRef memref(result.data(), shape);
      Status status = program.run(
          {left.descriptor(), right.descriptor(), memref.descriptor()},
          {.check = true, .seed = seed});
      ASSERT_TRUE(status.ok()) << status.message();
      // What is cut off of operands is a hundred times as much.
      for (size_t at = 0; at < expected.size(); ++at)
        ASSERT_NEAR(result[at], expected[at], 2e-5) << at;
    }
  }
};

TEST_P(MatrixProductsTest, NoExtentIsAMultipleOfTheTiles) {
  constexpr int64_t m = 70, n = 45, k = 37;
  Operand left(GetParam(), {m, k}, 1), right(GetParam(), {k, n}, 2);
  std::vector<double> expected(m * n, 0);
  for (int64_t row = 0; row < m; ++row)
    for (int64_t column = 0; column < n; ++column)
      for (int64_t at = 0; at < k; ++at)
        expected[row * n + column] +=
            product(left[row * k + at], right[at * n + column]);
  std::string types = memref("?x37") + ", " + memref("37x45");
  expectResult("func.func @main(%left: " + memref("?x37") +
                   ", %right: " + memref("37x45") +
                   ", %result: memref<?x45xf32>) {"
                   "  %zero = arith.constant 0.0 : f32"
                   "  linalg.fill ins(%zero : f32)"
                   "      outs(%result : memref<?x45xf32>)"
                   "  linalg.matmul " +
                   schedule() + " ins(%left, %right : " + types +
                   ") outs(%result : memref<?x45xf32>)"
                   "  return"
                   "}",
               left, right, {m, n}, expected);
}

// Several matrices a subgroup and several steps a tile, added to the result.
TEST_P(MatrixProductsTest, LargeTilesOfBatches) {
  constexpr int64_t batches = 2, m = 35, n = 100, k = 37;
  Operand left(GetParam(), {batches, m, k}, 3);
  Operand right(GetParam(), {batches, k, n}, 4);
  std::vector<double> expected(batches * m * n, 1);
  for (int64_t batch = 0; batch < batches; ++batch)
    for (int64_t row = 0; row < m; ++row)
      for (int64_t column = 0; column < n; ++column)
        for (int64_t at = 0; at < k; ++at)
          expected[(batch * m + row) * n + column] +=
              product(left[(batch * m + row) * k + at],
                      right[(batch * k + at) * n + column]);
  std::string types = memref("2x35x37") + ", " + memref("2x37x100");
  std::string tiles =
      "block_rows = 64, block_columns = 128, block_reduction = 32, "
      "thread_rows = 8, thread_columns = 8";
  expectResult("func.func @main(%left: " + memref("2x35x37") +
                   ", %right: " + memref("2x37x100") +
                   ", %result: memref<2x35x100xf32>) {"
                   "  linalg.batch_matmul " +
                   schedule(tiles) + " ins(%left, %right : " + types +
                   ") outs(%result : memref<2x35x100xf32>)"
                   "  return"
                   "}",
               left, right, {batches, m, n}, expected);
}

// As in weight gradients: rows come from the left operand's columns, and the
// reduction is long enough to be cut.
TEST_P(MatrixProductsTest, TransposedAndCutIntoParts) {
  constexpr int64_t m = 37, n = 30, k = 75;
  Operand left(GetParam(), {k, m}, 5), right(GetParam(), {k, n}, 6);
  std::vector<double> expected(m * n, 1);
  for (int64_t row = 0; row < m; ++row)
    for (int64_t column = 0; column < n; ++column)
      for (int64_t at = 0; at < k; ++at)
        expected[row * n + column] +=
            product(left[at * m + row], right[at * n + column]);
  std::string types = memref("?x37") + ", " + memref("?x30");
  expectResult("func.func @main(%left: " + memref("?x37") +
                   ", %right: " + memref("?x30") +
                   ", %result: memref<37x30xf32>) {"
                   "  linalg.matmul indexing_maps = ["
                   "      affine_map<(m, n, k) -> (k, m)>,"
                   "      affine_map<(m, n, k) -> (k, n)>,"
                   "      affine_map<(m, n, k) -> (m, n)>] " +
                   schedule("reduction_parts = 3") +
                   " ins(%left, %right : " + types +
                   ") outs(%result : memref<37x30xf32>)"
                   "  return"
                   "}",
               left, right, {m, n}, expected);
}

// Rows of operands and result that are whole vectors, of 8 halves and of 4:
// along the depth and, of what is transposed, across it. Two tiles of each.
TEST_P(MatrixProductsTest, VectorsInTwoStages) {
  constexpr int64_t m = 72, n = 76, k = 40;
  Operand rows(GetParam(), {m, k}, 7), depths(GetParam(), {k, n}, 8);
  Operand transposedRows(GetParam(), {k, m}, 9);
  Operand transposedDepths(GetParam(), {n, k}, 10);
  for (bool transposed : {false, true}) {
    SCOPED_TRACE(transposed ? "transposed" : "plain");
    Operand &left = transposed ? transposedRows : rows;
    Operand &right = transposed ? transposedDepths : depths;
    std::vector<double> expected(m * n, 1);
    for (int64_t row = 0; row < m; ++row)
      for (int64_t column = 0; column < n; ++column)
        for (int64_t at = 0; at < k; ++at)
          expected[row * n + column] +=
              product(left[transposed ? at * m + row : row * k + at],
                      right[transposed ? column * k + at : at * n + column]);
    std::string leftType = memref(transposed ? "40x72" : "72x40");
    std::string rightType = memref(transposed ? "76x40" : "40x76");
    std::string maps = transposed ? "affine_map<(m, n, k) -> (k, m)>, "
                                    "affine_map<(m, n, k) -> (n, k)>, "
                                  : "affine_map<(m, n, k) -> (m, k)>, "
                                    "affine_map<(m, n, k) -> (k, n)>, ";
    expectResult("func.func @main(%left: " + leftType +
                     ", %right: " + rightType +
                     ", %result: memref<72x76xf32>) {"
                     "  linalg.matmul indexing_maps = [" +
                     maps + "affine_map<(m, n, k) -> (m, n)>] " +
                     schedule("stages = 2, block_reduction = 16") +
                     " ins(%left, %right : " + leftType + ", " + rightType +
                     ") outs(%result : memref<72x76xf32>)"
                     "  return"
                     "}",
                 left, right, {m, n}, expected);
  }
}

// Without matrix instructions: by FMA, on operands that are extended first.
INSTANTIATE_TEST_SUITE_P(
    Types, MatrixProductsTest,
    testing::Values(Instance{"f32", MatrixInstructions::Mma, 10},
                    Instance{"f16", MatrixInstructions::Mma, 10},
                    Instance{"bf16", MatrixInstructions::Mma, 7},
                    Instance{"f32", MatrixInstructions::Mfma, 23},
                    Instance{"f16", MatrixInstructions::Mfma, 10},
                    Instance{"bf16", MatrixInstructions::Mfma, 7},
                    Instance{"f16", MatrixInstructions::None, 10},
                    Instance{"bf16", MatrixInstructions::None, 7}));

} // namespace
