//===- CompilerDigest.h - Which compiler this is ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Digests of sources, which cmake/CompilerDigest.cmake takes at each build and
// says what they are of.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_COMPILERDIGEST_H
#define ORCINUS_PASSES_LOWERING_COMPILERDIGEST_H

#include <string_view>

namespace orcinus {

/// Of all that decides on the program of a model, MLIR and LLVM apart.
std::string_view compilerDigest();

/// Of what decides on the code of an operator under a schedule, and on what is
/// said of its time: for a GPU or the simulator, or for the host.
std::string_view operatorDigest(bool gpu);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_COMPILERDIGEST_H
