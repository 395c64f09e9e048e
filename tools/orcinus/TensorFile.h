//===- TensorFile.h - Tensors as npy files ----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_TENSORFILE_H
#define TOOLS_ORCINUS_TENSORFILE_H

#include "orcinus/Runtime/Module.h"

#include <string>

namespace orcinus {

/// Reads the npy file at `path`, perhaps gzipped, for an argument of `type`:
/// integers of its width with or without a sign, `?` for i1, and of bf16 the
/// bits, as uint16 or of two bytes each. Errors: those of the file, another
/// type of elements.
StatusOr<Tensor> readTensor(const std::string &path, const TensorType &type);

/// Writes `tensor` to the npy file `path`: integers with a sign, bf16 as two
/// bytes each.
Status writeTensor(const std::string &path, const Tensor &tensor);

} // namespace orcinus

#endif // TOOLS_ORCINUS_TENSORFILE_H
