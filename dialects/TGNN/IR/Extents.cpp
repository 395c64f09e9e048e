//===- Extents.cpp - Extents that are linear in named sizes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/Extents.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace orcinus::tgnn {

static constexpr llvm::StringLiteral constantName = "constant";

/// One term: `3`, `dim` or `2 * dim`.
static ParseResult parseTerm(OpAsmParser &parser, NamedAttrList &terms) {
  int64_t coefficient = 1;
  std::string name = constantName.str();
  OptionalParseResult number = parser.parseOptionalInteger(coefficient);
  if (number.has_value() && failed(*number))
    return failure();
  bool needsName = !number.has_value() || succeeded(parser.parseOptionalStar());
  if (needsName && parser.parseKeywordOrString(&name))
    return failure();
  if (auto previous = dyn_cast_or_null<IntegerAttr>(terms.get(name)))
    coefficient += previous.getInt();
  terms.set(name, parser.getBuilder().getI64IntegerAttr(coefficient));
  return success();
}

ParseResult parseExtents(OpAsmParser &parser, ArrayAttr &extents) {
  SmallVector<Attribute> result;
  auto parseExtent = [&]() -> ParseResult {
    NamedAttrList terms;
    do {
      if (parseTerm(parser, terms))
        return failure();
    } while (succeeded(parser.parseOptionalPlus()));
    result.push_back(terms.getDictionary(parser.getContext()));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square,
                                     parseExtent))
    return failure();
  extents = parser.getBuilder().getArrayAttr(result);
  return success();
}

void printExtents(OpAsmPrinter &printer, Operation *, ArrayAttr extents) {
  auto printTerm = [&](NamedAttribute term) {
    int64_t coefficient = cast<IntegerAttr>(term.getValue()).getInt();
    if (term.getName() == constantName)
      printer << coefficient;
    else if (coefficient == 1)
      printer << term.getName().getValue();
    else
      printer << coefficient << " * " << term.getName().getValue();
  };
  printer << "[";
  llvm::interleaveComma(extents, printer, [&](Attribute extent) {
    llvm::interleave(cast<DictionaryAttr>(extent), printer, printTerm, " + ");
  });
  printer << "]";
}

int64_t evaluateExtent(Attribute extent,
                       llvm::function_ref<int64_t(StringRef)> sizeOf) {
  int64_t value = 0;
  for (NamedAttribute term : cast<DictionaryAttr>(extent)) {
    int64_t coefficient = cast<IntegerAttr>(term.getValue()).getInt();
    value += term.getName() == constantName
                 ? coefficient
                 : coefficient * sizeOf(term.getName());
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

ArrayAttr getConstantExtents(MLIRContext *context, ArrayRef<int64_t> shape) {
  Builder builder(context);
  return builder.getArrayAttr(
      llvm::map_to_vector(shape, [&](int64_t extent) -> Attribute {
        return builder.getDictionaryAttr(builder.getNamedAttr(
            constantName, builder.getI64IntegerAttr(extent)));
      }));
}

bool isExtents(ArrayAttr extents) {
  return llvm::all_of(extents, [](Attribute extent) {
    auto terms = dyn_cast<DictionaryAttr>(extent);
    return terms && llvm::all_of(terms, [](NamedAttribute term) {
             return isa<IntegerAttr>(term.getValue());
           });
  });
}

} // namespace orcinus::tgnn
