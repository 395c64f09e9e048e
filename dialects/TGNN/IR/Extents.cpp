//===- Extents.cpp - Extents made of named sizes --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/Extents.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace mlir;

namespace orcinus::tgnn {

static constexpr llvm::StringLiteral constantName = "constant";
/// Between the sizes of a product.
static constexpr llvm::StringLiteral times = " * ";

namespace {

/// `coefficient` times a product of sizes, divided by `divisor`.
struct Term {
  int64_t coefficient = 1, divisor = 1;

  static std::optional<Term> of(Attribute attribute) {
    if (auto number = dyn_cast<IntegerAttr>(attribute)) {
      if (!number.getType().isSignlessInteger(64))
        return std::nullopt;
      return Term{number.getInt(), 1};
    }
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

/// The sizes of a term, in order; none of the number 1.
static SmallVector<StringRef> factorsOf(StringRef name) {
  SmallVector<StringRef> factors;
  if (name != constantName)
    name.split(factors, times);
  return factors;
}

/// `dim` or `dim * patch`: the name of a term.
static ParseResult parseFactors(OpAsmParser &parser, std::string &name) {
  SmallVector<std::string> factors;
  do {
    if (parser.parseKeywordOrString(&factors.emplace_back()))
      return failure();
    if (factors.back().empty())
      return parser.emitError(parser.getCurrentLocation(),
                              "expected a size before this");
  } while (succeeded(parser.parseOptionalStar()));
  llvm::sort(factors);
  name = llvm::join(factors, times);
  return success();
}

/// Adds `term` to what is there of its name.
static ParseResult addTerm(OpAsmParser &parser, llvm::SMLoc location,
                           StringRef name, Term term, NamedAttrList &terms) {
  if (Attribute previous = terms.get(name)) {
    Term other = *Term::of(previous);
    if (term.divisor != 1 || other.divisor != 1)
      return parser.emitError(location, "'")
             << name << "' is in the extent twice, once divided";
    std::optional<int64_t> sum =
        checkedSum(term.coefficient, other.coefficient);
    if (!sum)
      return parser.emitError(location, "the coefficient of '")
             << name << "' is too large";
    term.coefficient = *sum;
  }
  terms.set(name, term.attribute(parser.getBuilder()));
  return success();
}

/// One term: `3`, `dim`, `2 * dim`, `dim * patch` or `dim / 2`; taken away
/// where it `isNegative`.
static ParseResult parseTerm(OpAsmParser &parser, bool isNegative,
                             NamedAttrList &terms) {
  Term term;
  std::string name = constantName.str();
  llvm::SMLoc location = parser.getCurrentLocation();
  OptionalParseResult number = parser.parseOptionalInteger(term.coefficient);
  if (number.has_value() && failed(*number))
    return failure();
  if (term.coefficient < 0)
    return parser.emitError(location, "expected a coefficient of 0 or more");
  bool needsName = !number.has_value() || succeeded(parser.parseOptionalStar());
  if (needsName && parseFactors(parser, name))
    return failure();
  location = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalSlash())) {
    if (parser.parseInteger(term.divisor))
      return failure();
    if (term.divisor <= 0)
      return parser.emitError(location, "expected a positive divisor");
  }
  if (isNegative)
    term.coefficient = -term.coefficient;
  return addTerm(parser, location, name, term, terms);
}

ParseResult parseExtent(OpAsmParser &parser, DictionaryAttr &extent) {
  NamedAttrList terms;
  bool isNegative = false;
  do {
    if (parseTerm(parser, isNegative, terms))
      return failure();
    isNegative = succeeded(parser.parseOptionalMinus());
  } while (isNegative || succeeded(parser.parseOptionalPlus()));
  extent = terms.getDictionary(parser.getContext());
  return success();
}

/// The term without its sign.
static void printTerm(OpAsmPrinter &printer, NamedAttribute named) {
  Term term = *Term::of(named.getValue());
  bool isConstant = named.getName() == constantName;
  uint64_t coefficient = term.coefficient < 0 ? -uint64_t(term.coefficient)
                                              : uint64_t(term.coefficient);
  if (isConstant || coefficient != 1)
    printer << coefficient << (isConstant ? StringRef() : StringRef(times));
  llvm::interleave(
      factorsOf(named.getName()), printer,
      [&](StringRef factor) { printer.printKeywordOrString(factor); }, times);
  if (term.divisor != 1)
    printer << " / " << term.divisor;
}

void printExtent(OpAsmPrinter &printer, Operation *, DictionaryAttr extent) {
  auto isNegative = [](NamedAttribute named) {
    return Term::of(named.getValue())->coefficient < 0;
  };
  bool isFirst = true;
  for (NamedAttribute named : extent) {
    if (isNegative(named))
      continue;
    printer << (isFirst ? "" : " + ");
    printTerm(printer, named);
    isFirst = false;
  }
  if (isFirst)
    printer << 0;
  for (NamedAttribute named : llvm::make_filter_range(extent, isNegative)) {
    printer << " - ";
    printTerm(printer, named);
  }
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
    // What does not fit is larger than anything that can be allocated.
    int64_t product = term.coefficient;
    for (StringRef factor : factorsOf(named.getName()))
      product = saturatedProduct(product, sizeOf(factor));
    value = saturatedSum(value, product / term.divisor);
  }
  return std::max<int64_t>(value, 0);
}

SmallVector<StringRef> sizesOf(Attribute extent) {
  SmallVector<StringRef> names;
  for (NamedAttribute named : cast<DictionaryAttr>(extent))
    llvm::append_range(names, factorsOf(named.getName()));
  return names;
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
  if (!terms || terms.empty() || !llvm::all_of(terms, [](NamedAttribute term) {
        return Term::of(term.getValue()).has_value();
      }))
    return false;
  // What is taken away is taken from something.
  return llvm::any_of(terms, [](NamedAttribute term) {
    return Term::of(term.getValue())->coefficient >= 0;
  });
}

bool isExtents(ArrayAttr extents) { return llvm::all_of(extents, isExtent); }

} // namespace orcinus::tgnn
