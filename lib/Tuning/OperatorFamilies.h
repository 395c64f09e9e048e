//===- OperatorFamilies.h - Operators by their extents ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_OPERATORFAMILIES_H
#define ORCINUS_LIB_TUNING_OPERATORFAMILIES_H

#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// How the operands of a matrix product lie.
enum class MatrixLayout {
  /// m×k times k×n.
  Plain,
  /// m×k times the transpose of n×k: the gradient by the input of a layer.
  TransposedRight,
  /// The transpose of k×m times k×n: the gradient by its weight.
  TransposedLeft,
};

/// An m×n product with a reduction of `k`.
OperatorDescription matmul(int64_t m, int64_t n, int64_t k,
                           MatrixLayout layout = MatrixLayout::Plain,
                           std::string epilogue = "");

/// `b` products of m×k times k×n, the right ones transposed where asked for.
OperatorDescription batchMatmul(int64_t b, int64_t m, int64_t n, int64_t k,
                                bool transposedRight = false);

/// A convolution of the input, which comes padded, by a window that is as long
/// in each spatial dimension. Channels are innermost, in input, weight and
/// result.
struct ConvolutionShape {
  int64_t batch = 1;
  /// Spatial extents of the input without padding.
  std::vector<int64_t> spatial;
  int64_t inputChannels = 1;
  int64_t outputChannels = 1;
  int64_t window = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
  int64_t groups = 1;
  /// Appended to the channels: each is then a small matrix, multiplied by one.
  int64_t capsule = 1;
};

OperatorDescription convolution(const ConvolutionShape &shape,
                                std::string epilogue = "");

/// The same of each channel by itself; `outputChannels` and `groups` are
/// unused.
OperatorDescription depthwiseConvolution(const ConvolutionShape &shape);

/// A transposed two-dimensional convolution with a stride of 2 and a window of
/// 4, padded by 1. Output rows 2j and 2j+1 each see two rows of the input, so
/// that it is a convolution by windows of 2 of an input padded by 1, without a
/// multiplication by zero.
OperatorDescription transposedConvolution(const ConvolutionShape &shape);

/// Rows × columns that are reduced along the columns: `softmax`, `layer_norm`
/// or `l2_norm`.
OperatorDescription rowReduction(std::string body, int64_t rows,
                                 int64_t columns);

/// An epilogue by itself, on rows × columns.
OperatorDescription elementwise(std::string epilogue, int64_t rows,
                                int64_t columns);

/// The operators of the set `standard`.
std::vector<OperatorDescription> standardOperators();

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_OPERATORFAMILIES_H
