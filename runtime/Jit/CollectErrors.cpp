//===- CollectErrors.cpp - MLIR's errors as a status ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/CollectErrors.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

#include "llvm/Support/raw_ostream.h"

using namespace orcinus;

Status orcinus::collectErrors(mlir::MLIRContext &context, llvm::StringRef what,
                              llvm::function_ref<bool()> body) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error ||
            !message.empty())
          return mlir::success();
        llvm::raw_string_ostream stream(message);
        if (auto location =
                llvm::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
          stream << location.getFilename().getValue() << ":"
                 << location.getLine() << ":" << location.getColumn() << ": ";
        stream << diagnostic;
        return mlir::success();
      });
  if (body())
    return Status();
  return Status::error(what.str() + ": " + message);
}
