//===- Extents.cpp - Extents that are linear in named sizes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/Extents.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace orcinus::tgnn {

static constexpr llvm::StringLiteral constantName = "constant";

namespace {

/// `coefficient` times a size, divided by `divisor`.
struct Term {
  int64_t coefficient = 1, divisor = 1;

  static std::optional<Term> of(Attribute attribute) {
    if (auto number = dyn_cast<IntegerAttr>(attribute))
      return Term{number.getInt(), 1};
    auto fraction = dyn_cast<DenseI64ArrayAttr>(attribute);
    if (!fraction || fraction.size() != 2 || fraction[1] <= 0)
      return std::nullopt;
    return Term{fraction[0], fraction[1]};
  }

  Attribute attribute(Builder &builder) const {
    if (divisor == 1)
      return builder.getI64IntegerAttr(coefficient);
    return builder.getDenseI64ArrayAttr({coefficient, divisor});
  }
};

} // namespace

/// One term: `3`, `dim`, `2 * dim` or `dim / 2`.
static ParseResult parseTerm(OpAsmParser &parser, NamedAttrList &terms) {
  Term term;
  std::string name = constantName.str();
  OptionalParseResult number = parser.parseOptionalInteger(term.coefficient);
  if (number.has_value() && failed(*number))
    return failure();
  bool needsName = !number.has_value() || succeeded(parser.parseOptionalStar());
  if (needsName && parser.parseKeywordOrString(&name))
    return failure();
  llvm::SMLoc location = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalSlash())) {
    if (parser.parseInteger(term.divisor))
      return failure();
    if (term.divisor <= 0)
      return parser.emitError(location, "expected a positive divisor");
  }
  if (Attribute previous = terms.get(name)) {
    Term other = *Term::of(previous);
    if (term.divisor != 1 || other.divisor != 1)
      return parser.emitError(location, "'")
             << name << "' is in the extent twice, once divided";
    term.coefficient += other.coefficient;
  }
  terms.set(name, term.attribute(parser.getBuilder()));
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

void printExtent(OpAsmPrinter &printer, Operation *, DictionaryAttr extent) {
  auto printTerm = [&](NamedAttribute named) {
    Term term = *Term::of(named.getValue());
    if (named.getName() == constantName)
      printer << term.coefficient;
    else if (term.coefficient == 1)
      printer << named.getName().getValue();
    else
      printer << term.coefficient << " * " << named.getName().getValue();
    if (term.divisor != 1)
      printer << " / " << term.divisor;
  };
  llvm::interleave(extent, printer, printTerm, " + ");
}

ParseResult parseExtents(OpAsmParser &parser, ArrayAttr &extents) {
  SmallVector<Attribute> result;
  auto parseOne = [&]() -> ParseResult {
    DictionaryAttr extent;
    if (parseExtent(parser, extent))
      return failure();
    result.push_back(extent);
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseOne))
    return failure();
  extents = parser.getBuilder().getArrayAttr(result);
  return success();
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
  for (NamedAttribute named : cast<DictionaryAttr>(extent)) {
    Term term = *Term::of(named.getValue());
    int64_t size =
        named.getName() == constantName ? 1 : sizeOf(named.getName());
    value += term.coefficient * size / term.divisor;
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

std::optional<int64_t> constantValue(Attribute extent) {
  if (!isExtent(extent))
    return std::nullopt;
  bool isConstant = true;
  int64_t value = evaluateExtent(extent, [&](StringRef) -> int64_t {
    isConstant = false;
    return 0;
  });
  return isConstant ? std::optional(value) : std::nullopt;
}

bool isConstantExtent(DictionaryAttr extent) {
  return constantValue(extent).has_value();
}

SmallVector<int64_t> knownExtents(ArrayAttr extents) {
  return llvm::map_to_vector(extents, [](Attribute extent) {
    return constantValue(extent).value_or(ShapedType::kDynamic);
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

bool isExtent(Attribute extent) {
  auto terms = dyn_cast<DictionaryAttr>(extent);
  return terms && llvm::all_of(terms, [](NamedAttribute term) {
           return Term::of(term.getValue()).has_value();
         });
}

bool isExtents(ArrayAttr extents) { return llvm::all_of(extents, isExtent); }

} // namespace orcinus::tgnn
