//===- ETOOps.cpp - Parsing, printing and verifying -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::eto;

#define GET_OP_CLASSES
#include "dialects/ETO/IR/ETOOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Operator
//===----------------------------------------------------------------------===//

/// Parses a list of integers in brackets after `keyword`, where it is there.
static ParseResult parseIntegers(OpAsmParser &parser, OperationState &result,
                                 StringRef keyword, StringAttr name) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  SmallVector<int64_t> values;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(values.emplace_back());
      }))
    return failure();
  result.addAttribute(name, parser.getBuilder().getDenseI64ArrayAttr(values));
  return success();
}

static void printIntegers(OpAsmPrinter &printer, StringRef keyword,
                          ArrayRef<int64_t> values) {
  if (values.empty())
    return;
  printer << " " << keyword << " [";
  llvm::interleaveComma(values, printer);
  printer << "]";
}

/// `@name(%argument: type, …) -> type [weights […]]? [buckets […]]?
/// [programs […]]? [bridge]? [attributes {…}]? { … }`.
ParseResult OperatorOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> results;
  Builder &builder = parser.getBuilder();
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseArrowTypeList(results) ||
      parseIntegers(parser, result, "weights",
                    getWeightsAttrName(result.name)) ||
      parseIntegers(parser, result, "buckets", getBucketsAttrName(result.name)))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("programs"))) {
    SmallVector<Attribute> programs;
    if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, [&] {
          programs.push_back(ProgramAttr::parse(parser, Type()));
          return success(bool(programs.back()));
        }))
      return failure();
    result.addAttribute(getProgramsAttrName(result.name),
                        builder.getArrayAttr(programs));
  }
  if (succeeded(parser.parseOptionalKeyword("bridge")))
    result.addAttribute(getBridgeAttrName(result.name), builder.getUnitAttr());
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  SmallVector<Type> inputs = llvm::map_to_vector(
      arguments, [](OpAsmParser::Argument argument) { return argument.type; });
  result.addAttribute(getFunctionTypeAttrName(result.name),
                      TypeAttr::get(builder.getFunctionType(inputs, results)));
  return success();
}

void OperatorOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printSymbolName(getSymName());
  printer << "(";
  llvm::interleaveComma(
      getBody().getArguments(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ")";
  printer.printArrowTypeList(getFunctionType().getResults());
  printIntegers(printer, "weights", getWeights());
  printIntegers(printer, "buckets", getBuckets());
  if (getPrograms()) {
    printer << " programs [";
    llvm::interleaveComma(getPrograms()->getAsRange<ProgramAttr>(), printer,
                          [&](ProgramAttr program) { program.print(printer); });
    printer << "]";
  }
  if (getBridge())
    printer << " bridge";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getSymNameAttrName(), getFunctionTypeAttrName(), getWeightsAttrName(),
       getBucketsAttrName(), getProgramsAttrName(), getBridgeAttrName()});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

static bool isDynamic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && !shaped.hasStaticShape();
}

/// That there are buckets where there is a dynamic extent, and only there.
static LogicalResult verifyBuckets(OperatorOp op) {
  FunctionType type = op.getFunctionType();
  bool dynamic = llvm::any_of(type.getInputs(), isDynamic);
  ArrayRef<int64_t> buckets = op.getBuckets();
  if (dynamic && buckets.empty())
    return op.emitOpError("has a dynamic extent but no buckets");
  if (!dynamic && !buckets.empty())
    return op.emitOpError("has buckets but no dynamic extent");
  int64_t below = 0;
  for (int64_t bucket : buckets) {
    if (bucket <= below)
      return op.emitOpError("buckets must ascend from 1 on, ")
             << bucket << " follows " << below;
    below = bucket;
  }
  size_t wanted = std::max<size_t>(1, buckets.size());
  if (op.getPrograms() && op.getPrograms()->size() != wanted)
    return op.emitOpError("needs ")
           << wanted << " programs, has " << op.getPrograms()->size();
  return success();
}

/// That the weights are tensors among the arguments.
static LogicalResult verifyWeights(OperatorOp op) {
  FunctionType type = op.getFunctionType();
  int64_t below = -1;
  for (int64_t weight : op.getWeights()) {
    if (weight <= below)
      return op.emitOpError("weights must ascend from 0 on");
    if (weight >= static_cast<int64_t>(type.getNumInputs()) ||
        !isa<RankedTensorType>(type.getInput(weight)))
      return op.emitOpError("has no argument ")
             << weight << " that is a tensor, and could be a weight";
    below = weight;
  }
  return success();
}

LogicalResult OperatorOp::verify() {
  FunctionType type = getFunctionType();
  if (type.getNumResults() == 0)
    return emitOpError("must have a result");
  for (Type value :
       llvm::concat<const Type>(type.getInputs(), type.getResults())) {
    auto shaped = dyn_cast<ShapedType>(value);
    if (!isa<RankedTensorType>(value) &&
        (shaped || !value.isIntOrIndexOrFloat()))
      return emitOpError("takes and returns ranked tensors and scalars, not ")
             << value;
  }
  if (getBody().getArgumentTypes() != TypeRange(type.getInputs()))
    return emitOpError("has a body whose arguments differ from its type");
  return failure(failed(verifyWeights(*this)) || failed(verifyBuckets(*this)));
}

LogicalResult OperatorOp::verifyRegions() {
  auto yield = dyn_cast<YieldOp>(getBody().front().back());
  if (!yield ||
      yield.getValues().getTypes() != TypeRange(getFunctionType().getResults()))
    return emitOpError("must end in an eto.yield of its result types");
  bool computes = false;
  for (Operation &op : getBody().front().without_terminator()) {
    if (!isa_and_present<arith::ArithDialect, linalg::LinalgDialect,
                         math::MathDialect, tensor::TensorDialect>(
            op.getDialect())) {
      InFlightDiagnostic diagnostic =
          emitOpError("holds linalg, tensor, arith and math ops, not ")
          << op.getName();
      diagnostic.attachNote(op.getLoc()) << "this one";
      return diagnostic;
    }
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (linalgOp && !linalgOp.hasPureTensorSemantics()) {
      InFlightDiagnostic diagnostic = emitOpError("must compute on tensors");
      diagnostic.attachNote(op.getLoc()) << "this op works on buffers";
      return diagnostic;
    }
    computes |= isa_and_present<linalg::LinalgDialect>(op.getDialect());
  }
  if (!computes)
    return emitOpError("must hold a linalg op");
  return success();
}

//===----------------------------------------------------------------------===//
// Call
//===----------------------------------------------------------------------===//

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee =
      symbols.lookupNearestSymbolFrom<OperatorOp>(*this, getCalleeAttr());
  if (!callee)
    return emitOpError() << "calls " << getCalleeAttr()
                         << ", which is no operator";
  FunctionType type = callee.getFunctionType();
  if (TypeRange(type.getInputs()) == getInputs().getTypes() &&
      TypeRange(type.getResults()) == getOutputs().getTypes())
    return success();
  InFlightDiagnostic diagnostic =
      emitOpError() << "has the type "
                    << FunctionType::get(getContext(), getInputs().getTypes(),
                                         getOutputs().getTypes())
                    << ", but " << getCalleeAttr() << " has " << type;
  diagnostic.attachNote(callee.getLoc()) << "the operator";
  return diagnostic;
}
