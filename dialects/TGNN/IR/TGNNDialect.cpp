//===- TGNNDialect.cpp - The tgnn dialect ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNDialect.h"
#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus::tgnn;

#include "dialects/TGNN/IR/TGNNDialect.cpp.inc"
#include "dialects/TGNN/IR/TGNNEnums.cpp.inc"
#include "dialects/TGNN/IR/TGNNInterfaces.cpp.inc"
#include "dialects/TGNN/IR/TGNNTypeInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/TGNN/IR/TGNNTypes.cpp.inc"

/// Not used: see TGNNDialect::printAttribute().
[[maybe_unused]] static LogicalResult
generatedAttributePrinter(Attribute attribute, AsmPrinter &printer);

#define GET_ATTRDEF_CLASSES
#include "dialects/TGNN/IR/TGNNAttributes.cpp.inc"

Attribute TGNNDialect::parseAttribute(DialectAsmParser &parser,
                                      Type type) const {
  SMLoc location = parser.getCurrentLocation();
  StringRef mnemonic;
  Attribute attribute;
  if (!generatedAttributeParser(parser, &mnemonic, type, attribute).has_value())
    parser.emitError(location)
        << "unknown attribute '" << mnemonic << "' of dialect tgnn";
  return attribute;
}

void TGNNDialect::printAttribute(Attribute attribute,
                                 DialectAsmPrinter &printer) const {
  // The generated printer leaves no space, which the ops' formats do without.
  TypeSwitch<Attribute>(attribute)
      .Case<
#define GET_ATTRDEF_LIST
#include "dialects/TGNN/IR/TGNNAttributes.cpp.inc"
          >([&](auto value) {
        printer << value.getMnemonic() << ' ';
        value.print(printer);
      });
}

void TGNNDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/TGNN/IR/TGNNTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/TGNN/IR/TGNNAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/TGNN/IR/TGNNOps.cpp.inc"
      >();
}
