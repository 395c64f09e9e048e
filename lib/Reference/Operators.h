//===- Operators.h - Dense operators in double precision --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dense operators of the models, one vector at a time, as their equations
// are written: no blocking, no batching, nothing shared between calls.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REFERENCE_OPERATORS_H
#define ORCINUS_REFERENCE_OPERATORS_H

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace orcinus::reference {

using Vector = std::vector<double>;

/// A dense row-major array of any rank.
struct Array {
  std::vector<int64_t> shape;
  Vector values;

  /// The vector's values as an array of rank 1.
  static Array vector(Vector values);
  /// A rows × columns matrix.
  static Array matrix(int64_t rows, int64_t columns, Vector values);

  /// The matrix `index` of an array of rank 3.
  Array slice(int64_t index) const;
};

/// The parts one after the other: [a ‖ b ‖ …].
Vector concatenate(std::initializer_list<std::span<const double>> parts);

/// x · weight, for x of `rows` values and a weight of rows × columns.
Vector multiply(std::span<const double> x, const Array &weight);

/// x · weight + bias.
Vector linear(std::span<const double> x, const Array &weight,
              const Array &bias);

/// max(x, 0) element by element.
Vector relu(Vector x);

/// exp(x_i) / Σ_j exp(x_j); `x` must not be empty.
Vector softmax(Vector x);

/// For each head, the values of `inputs` weighted by the softmax of the query's
/// scaled products with their keys; the heads one after the other. `key` and
/// `value` are [heads, input width, head width]; without inputs it is zero.
Vector attendHeads(const Vector &query, const std::vector<Vector> &inputs,
                   const Array &key, const Array &value);

/// cos(frequency · delta + phase) of each frequency, whose product with the
/// delta is rounded to single precision (docs/model.md).
Vector encodeTimeRounded(double delta, const Array &frequencies,
                         const Array &phases);

/// (x - mean) / sqrt(variance + 1e-5) · scale + shift, the variance divided by
/// the number of elements.
Vector layerNorm(Vector x, const Array &scale, const Array &shift);

/// A gated recurrent unit in the form of Cho et al. with the reset gate
/// applied after the product with the state; gates in the order reset,
/// update, candidate:
///   r = σ(x W_r + b_r + h U_r + c_r),  z likewise,
///   n = tanh(x W_n + b_n + r (h U_n + c_n)),  h' = (1 - z) n + z h.
/// `input` is [message width, 3 · width], `state` is [width, 3 · width].
Vector gatedRecurrentUnit(std::span<const double> x, std::span<const double> h,
                          const Array &input, const Array &inputBias,
                          const Array &state, const Array &stateBias);

/// The mean over all logits of the binary cross-entropy with targets 1 for
/// the first half and 0 for the second, computed without overflow.
double linkLoss(std::span<const double> logits);

} // namespace orcinus::reference

#endif // ORCINUS_REFERENCE_OPERATORS_H
