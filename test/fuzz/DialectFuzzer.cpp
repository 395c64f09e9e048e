//===- DialectFuzzer.cpp - Parsers, printers and verifiers of ops ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerFuzzing.h"
#include "FuzzSupport.h"

#include "llvm/Support/raw_ostream.h"

using namespace orcinus::fuzz;

static std::string print(mlir::ModuleOp module, bool generic) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  module.print(stream, generic ? flags.printGenericOpForm() : flags);
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module = context.parse(asText(data, size));
  if (!module)
    return 0;
  std::string text = print(*module, /*generic=*/false);
  for (bool generic : {false, true}) {
    mlir::OwningOpRef<mlir::ModuleOp> again =
        context.parse(print(*module, generic));
    check(bool(again), "what is printed is read again");
    check(print(*again, /*generic=*/false) == text,
          "what is read again prints as before");
  }
  return 0;
}
