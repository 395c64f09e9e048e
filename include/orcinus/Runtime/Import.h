//===- Import.h - Networks of other frameworks ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_IMPORT_H
#define ORCINUS_RUNTIME_IMPORT_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>

namespace orcinus {

struct ImportOptions {
  /// An ONNX model (.onnx), or MLIR: torch-mlir's, StableHLO, linalg on
  /// tensors.
  std::string input;
  /// The module to write, an .mlir file. Its weights come beside it, with
  /// .safetensors for .mlir.
  std::string output;
  /// Of an ONNX model: what its first extents are called, which then stay open;
  /// empty to leave them as they are.
  std::string dynamicBatch;
  /// A folder with torch-mlir's tools; empty to look on PATH.
  std::string tools;
};

/// What an import found.
struct ImportReport {
  int64_t functions = 0;
  int64_t weights = 0;
  int64_t weightBytes = 0;
};

/// Makes linalg on tensors of a network, with its elementwise ops fused and its
/// constants of 1 KiB and more as weights. Linalg needs no tool, all else
/// torch-mlir. Errors: a file that cannot be read or written; a tool that is
/// not there, or what it says.
StatusOr<ImportReport> importModule(const ImportOptions &options);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_IMPORT_H
