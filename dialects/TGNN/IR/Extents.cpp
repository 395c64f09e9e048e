//===- Extents.cpp - Extents that are linear in named sizes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/Extents.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace orcinus::tgnn {

static constexpr llvm::StringLiteral constantName = "constant";

/// Whether `attribute` is what extents have as coefficients: a count, i64 as
/// `getInt` asks for.
static bool isCoefficient(Attribute attribute) {
  auto value = dyn_cast<IntegerAttr>(attribute);
  return value && value.getType().isSignlessInteger(64) && value.getInt() >= 0;
}

/// One term: `3`, `dim` or `2 * dim`.
static ParseResult parseTerm(OpAsmParser &parser, NamedAttrList &terms) {
  int64_t coefficient = 1;
  std::string name = constantName.str();
  SMLoc location = parser.getCurrentLocation();
  OptionalParseResult number = parser.parseOptionalInteger(coefficient);
  if (number.has_value() && failed(*number))
    return failure();
  bool needsName = !number.has_value() || succeeded(parser.parseOptionalStar());
  if (needsName && parser.parseKeywordOrString(&name))
    return failure();
  std::optional<int64_t> sum = coefficient;
  if (auto previous = dyn_cast_or_null<IntegerAttr>(terms.get(name)))
    sum = checkedSum(coefficient, previous.getInt());
  if (coefficient < 0 || !sum)
    return parser.emitError(location, "an extent has a coefficient that is "
                                      "negative or too large");
  terms.set(name, parser.getBuilder().getI64IntegerAttr(*sum));
  return success();
}

ParseResult parseExtent(OpAsmParser &parser, DictionaryAttr &extent) {
  NamedAttrList terms;
  do {
    if (parseTerm(parser, terms))
      return failure();
  } while (succeeded(parser.parseOptionalPlus()));
  extent = terms.getDictionary(parser.getContext());
  return success();
}

ParseResult parseExtents(OpAsmParser &parser, ArrayAttr &extents) {
  SmallVector<Attribute> result;
  auto parseNext = [&]() -> ParseResult {
    DictionaryAttr extent;
    if (parseExtent(parser, extent))
      return failure();
    result.push_back(extent);
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseNext))
    return failure();
  extents = parser.getBuilder().getArrayAttr(result);
  return success();
}

void printExtent(OpAsmPrinter &printer, Operation *, DictionaryAttr extent) {
  auto printTerm = [&](NamedAttribute term) {
    int64_t coefficient = cast<IntegerAttr>(term.getValue()).getInt();
    bool isConstant = term.getName() == constantName;
    if (isConstant || coefficient != 1)
      printer << coefficient << (isConstant ? "" : " * ");
    if (!isConstant)
      printer.printKeywordOrString(term.getName());
  };
  llvm::interleave(extent, printer, printTerm, " + ");
}

void printExtents(OpAsmPrinter &printer, Operation *op, ArrayAttr extents) {
  printer << "[";
  llvm::interleaveComma(extents, printer, [&](Attribute extent) {
    printExtent(printer, op, cast<DictionaryAttr>(extent));
  });
  printer << "]";
}

int64_t evaluateExtent(Attribute extent,
                       llvm::function_ref<int64_t(StringRef)> sizeOf) {
  int64_t value = 0;
  for (NamedAttribute term : cast<DictionaryAttr>(extent)) {
    int64_t coefficient = cast<IntegerAttr>(term.getValue()).getInt();
    // What does not fit is larger than anything that can be allocated.
    int64_t size = term.getName() == constantName ? 1 : sizeOf(term.getName());
    value = saturatedSum(value, saturatedProduct(coefficient, size));
  }
  return value;
}

SmallVector<int64_t>
evaluateExtents(ArrayAttr extents,
                llvm::function_ref<int64_t(StringRef)> sizeOf) {
  return llvm::map_to_vector(extents, [&](Attribute extent) {
    return evaluateExtent(extent, sizeOf);
  });
}

DictionaryAttr getConstantExtent(MLIRContext *context, int64_t extent) {
  Builder builder(context);
  return builder.getDictionaryAttr(
      builder.getNamedAttr(constantName, builder.getI64IntegerAttr(extent)));
}

ArrayAttr getConstantExtents(MLIRContext *context, ArrayRef<int64_t> shape) {
  return ArrayAttr::get(
      context, llvm::map_to_vector(shape, [&](int64_t extent) -> Attribute {
        return getConstantExtent(context, extent);
      }));
}

bool isExtent(DictionaryAttr extent) {
  return !extent.empty() && llvm::all_of(extent, [](NamedAttribute term) {
    return isCoefficient(term.getValue());
  });
}

bool isConstantExtent(DictionaryAttr extent) {
  return llvm::all_of(extent, [](NamedAttribute term) {
    return term.getName() == constantName;
  });
}

bool isExtents(ArrayAttr extents) {
  return llvm::all_of(extents, [](Attribute extent) {
    auto terms = dyn_cast<DictionaryAttr>(extent);
    return terms && isExtent(terms);
  });
}

} // namespace orcinus::tgnn
