//===- CompilerFuzzing.h - MLIR for fuzzers ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_FUZZ_COMPILERFUZZING_H
#define ORCINUS_TEST_FUZZ_COMPILERFUZZING_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <string_view>

namespace orcinus::fuzz {

/// A context of one thread that knows the project's dialects and those of its
/// pipelines, and swallows what is said of wrong inputs: new for each input,
/// for it keeps every type and attribute that it has met.
class FuzzContext {
public:
  FuzzContext();
  operator mlir::MLIRContext *() { return &context; }

  /// The module that `text` is; nothing where it is none.
  mlir::OwningOpRef<mlir::ModuleOp> parse(std::string_view text);

  /// The errors so far, a line each.
  const std::string &errors() const { return messages; }

private:
  mlir::MLIRContext context;
  std::string messages;
};

} // namespace orcinus::fuzz

#endif // ORCINUS_TEST_FUZZ_COMPILERFUZZING_H
