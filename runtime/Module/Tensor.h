//===- Tensor.h - Tensors and their types -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MODULE_TENSOR_H
#define RUNTIME_MODULE_TENSOR_H

#include "orcinus/Runtime/Module.h"

#include <cstdint>
#include <span>

namespace orcinus {

/// The bytes of the elements of a tensor; the largest number where there are
/// more. No extent is negative.
int64_t byteCountOf(TensorElement element, std::span<const int64_t> extents);

} // namespace orcinus

#endif // RUNTIME_MODULE_TENSOR_H
