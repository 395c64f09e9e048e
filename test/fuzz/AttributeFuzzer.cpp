//===- AttributeFuzzer.cpp - Attributes: schedules, programs, plans -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerFuzzing.h"
#include "FuzzSupport.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Attributes.h"
#include "llvm/Support/raw_ostream.h"

using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzContext context;
  mlir::Attribute attribute = mlir::parseAttribute(asText(data, size), context);
  if (!attribute)
    return 0;
  std::string text;
  llvm::raw_string_ostream(text) << attribute;
  check(mlir::parseAttribute(text, context) == attribute,
        "what is printed is read again");
  return 0;
}
