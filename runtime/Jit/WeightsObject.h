//===- WeightsObject.h - Weights as part of a library -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H
#define ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H

#include "runtime/Module/ModuleManifest.h"
#include "runtime/Module/WeightsFile.h"

#include <string>

namespace orcinus {

/// An object file with the elements of `weights` under the symbols of
/// a module `name`, which nothing writes to: a library is mapped, not read.
StatusOr<std::string> makeWeightsObject(const std::string &name,
                                        const WeightsFile &weights);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_WEIGHTSOBJECT_H
