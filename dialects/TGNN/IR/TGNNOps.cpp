//===- TGNNOps.cpp - Parsing, printing and verifying ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "orcinus/Reuse/ReplacementPolicy.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

#define GET_OP_CLASSES
#include "dialects/TGNN/IR/TGNNOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Model
//===----------------------------------------------------------------------===//

template <typename Expansion>
static Expansion findExpansion(ModelOp model) {
  auto all = model.getBody().getOps<Expansion>();
  return all.empty() ? Expansion() : *all.begin();
}

EncodeOp ModelOp::getEncoder() { return findExpansion<EncodeOp>(*this); }

ScoreOp ModelOp::getScorer() { return findExpansion<ScoreOp>(*this); }

bool ModelOp::isRecursive() { return !getEncoder() && !getScorer(); }

int64_t ModelOp::getSize(StringRef name) {
  auto size = getSizes().getAs<IntegerAttr>(name);
  return size ? size.getInt() : 0;
}

LogicalResult ModelOp::verify() {
  for (NamedAttribute size : getSizes()) {
    auto value = dyn_cast<IntegerAttr>(size.getValue());
    if (!value || value.getInt() < 0)
      return emitOpError("size '")
             << size.getName().getValue() << "' must be a non-negative integer";
  }
  SmallVector<StringRef> needed{"dim"};
  if (isRecursive())
    needed.append({"neighbours", "layers"});
  for (StringRef name : needed)
    if (getSize(name) <= 0)
      return emitOpError("needs a positive size '") << name << "'";
  if (!isRecursive() && (getNeighbourTime() || getSampling()))
    return emitOpError("with a tgnn.encode or tgnn.score has neither a "
                       "neighbour_time nor a sampling of its own");
  if (isRecursive() && (!getNeighbourTime() || !getSampling()))
    return emitOpError("without a tgnn.encode or tgnn.score needs a "
                       "neighbour_time and a sampling");
  if (getNeighbourTime() == FrontierKey::Node)
    return emitOpError("neighbours are embedded at query_time or event_time");
  return success();
}

/// That `model` declares what `extents` of `op` name. Those within a layer may
/// also name `input` and `head`, which follow from where it is applied.
static LogicalResult verifySizes(ModelOp model, Operation *op,
                                 ArrayRef<Attribute> extents, bool isApplied) {
  auto declares = [&](StringRef name) {
    // That is how an extent names the number 1; see Extents.h.
    return name == "constant" || model.getSizes().contains(name);
  };
  auto isKnown = [&](StringRef name) {
    if (isApplied && name == "head")
      return declares("heads") && declares("time");
    return declares(name) || (isApplied && name == "input");
  };
  for (Attribute extent : extents)
    for (NamedAttribute term : cast<DictionaryAttr>(extent))
      if (StringRef name = term.getName(); !isKnown(name)) {
        InFlightDiagnostic error = op->emitOpError("has an extent in '")
                                   << name << "', but the model declares no ";
        if (isApplied && name == "head")
          error << "'heads' and 'time', of which a head is made";
        else
          error << "such size";
        error.attachNote(model.getLoc()) << "the model";
        return error;
      }
  return success();
}

LogicalResult ModelOp::verifyRegions() {
  auto count = [&](auto kind) {
    return llvm::range_size(getBody().getOps<decltype(kind)>());
  };
  bool scores = count(ScoreOp()) == 1 && count(EncodeOp()) == 0 &&
                count(DecoderOp()) == 0;
  bool decodes = count(ScoreOp()) == 0 && count(EncodeOp()) <= 1 &&
                 count(DecoderOp()) == 1;
  if (!scores && !decodes)
    return emitOpError("needs one tgnn.decoder and at most one tgnn.encode, or "
                       "one tgnn.score and neither");
  if (isRecursive() && (count(LayerOp()) != 1 || count(StateOp()) > 1))
    return emitOpError(
        "without a tgnn.encode or tgnn.score needs one tgnn.layer "
        "and at most one tgnn.state");
  for (StateOp state : getBody().getOps<StateOp>())
    for (ArrayAttr extents : {state.getWidth(), state.getMessageWidth()})
      if (failed(verifySizes(*this, state, extents.getValue(),
                             /*isApplied=*/false)))
        return failure();
  WalkResult walked = walk([&](SizedOpInterface sized) {
    bool isApplied = !sized->getParentOfType<EncodeOp>();
    return WalkResult(
        verifySizes(*this, sized, sized.getSizedExtents(), isApplied));
  });
  return failure(walked.wasInterrupted());
}

static ParseResult parseFunction(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> results;
  if (parser.parseSymbolName(name, SymbolTable::getSymbolAttrName(),
                             result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseArrowTypeList(results) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  SmallVector<Type> inputs = llvm::map_to_vector(
      arguments, [](OpAsmParser::Argument argument) { return argument.type; });
  result.addAttribute(
      "function_type",
      TypeAttr::get(parser.getBuilder().getFunctionType(inputs, results)));
  return success();
}

/// `(%a: type, …)` for the arguments of a region.
static void printArguments(OpAsmPrinter &printer, Region &region) {
  printer << "(";
  llvm::interleaveComma(
      region.getArguments(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ")";
}

template <typename FunctionOp>
static void printFunction(OpAsmPrinter &printer, FunctionOp op) {
  printer << " ";
  printer.printSymbolName(op.getSymName());
  printArguments(printer, op.getBody());
  printer << " ";
  printer.printArrowTypeList(op.getFunctionType().getResults());
  printer.printOptionalAttrDictWithKeyword(
      op->getAttrs(), {SymbolTable::getSymbolAttrName(), "function_type"});
  printer << " ";
  printer.printRegion(op.getBody(), /*printEntryBlockArgs=*/false);
}

template <typename FunctionOp>
static LogicalResult verifyFunction(FunctionOp op, unsigned argumentCount) {
  FunctionType type = op.getFunctionType();
  if (type.getNumInputs() != argumentCount || type.getNumResults() != 1)
    return op.emitOpError("must take ")
           << argumentCount << " tensors and return one";
  if (op.getBody().getArgumentTypes() != TypeRange(type.getInputs()))
    return op.emitOpError("has a body whose arguments differ from its type");
  auto yield = dyn_cast<YieldOp>(op.getBody().front().back());
  if (!yield || yield.getValues().getTypes() != TypeRange(type.getResults()))
    return op.emitOpError("must end in a tgnn.yield of its result type");
  return success();
}

ParseResult LayerOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunction(parser, result);
}
void LayerOp::print(OpAsmPrinter &printer) { printFunction(printer, *this); }
LogicalResult LayerOp::verify() {
  bool isRecursive = getOperation()->getParentOfType<ModelOp>().isRecursive();
  return verifyFunction(*this,
                        isRecursive ? 5 : getFunctionType().getNumInputs());
}

static ParseResult parseExpansion(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  return parser.parseRegion(*result.addRegion(), arguments);
}

template <typename Expansion>
static void printExpansion(OpAsmPrinter &printer, Expansion op) {
  printArguments(printer, op.getBody());
  printer.printOptionalAttrDictWithKeyword(op->getAttrs());
  printer << " ";
  printer.printRegion(op.getBody(), /*printEntryBlockArgs=*/false);
}

template <typename Expansion>
static LogicalResult verifyExpansion(Expansion op) {
  Block &body = op.getBody().front();
  if (body.getNumArguments() != 1 ||
      !isa<QueryType>(body.getArgument(0).getType()))
    return op.emitOpError("must take one !tgnn.query");
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getValues().size() != 1 ||
      cast<RankedTensorType>(yield.getValues()[0].getType()).getRank() != 2)
    return op.emitOpError("must end in a tgnn.yield of one tensor of rank 2");
  return success();
}

ParseResult EncodeOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseExpansion(parser, result);
}
void EncodeOp::print(OpAsmPrinter &printer) { printExpansion(printer, *this); }
LogicalResult EncodeOp::verifyRegions() { return verifyExpansion(*this); }

ParseResult ScoreOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseExpansion(parser, result);
}
void ScoreOp::print(OpAsmPrinter &printer) { printExpansion(printer, *this); }
LogicalResult ScoreOp::verifyRegions() { return verifyExpansion(*this); }

ParseResult DecoderOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunction(parser, result);
}
void DecoderOp::print(OpAsmPrinter &printer) { printFunction(printer, *this); }
LogicalResult DecoderOp::verify() { return verifyFunction(*this, 2); }

/// `KEYWORD [extents]? (%arguments) { … }`.
static ParseResult parseStatePart(OpAsmParser &parser, StringRef keyword,
                                  ArrayAttr *extents, Region &region) {
  SmallVector<OpAsmParser::Argument> arguments;
  return failure(parser.parseKeyword(keyword) ||
                 (extents && parseExtents(parser, *extents)) ||
                 parser.parseArgumentList(arguments,
                                          OpAsmParser::Delimiter::Paren,
                                          /*allowType=*/true) ||
                 parser.parseRegion(region, arguments));
}

ParseResult StateOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  ArrayAttr width, messageWidth;
  Region &message = *result.addRegion(), &update = *result.addRegion();
  if (parser.parseSymbolName(name, SymbolTable::getSymbolAttrName(),
                             result.attributes) ||
      parseExtents(parser, width) ||
      parseStatePart(parser, "message", &messageWidth, message) ||
      parseStatePart(parser, "update", nullptr, update) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  result.addAttribute("width", width);
  result.addAttribute("message_width", messageWidth);
  return success();
}

void StateOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printSymbolName(getSymName());
  printer << " ";
  printExtents(printer, *this, getWidth());
  printer << " message ";
  printExtents(printer, *this, getMessageWidth());
  printArguments(printer, getMessage());
  printer << " ";
  printer.printRegion(getMessage(), /*printEntryBlockArgs=*/false);
  printer << " update ";
  printArguments(printer, getUpdate());
  printer << " ";
  printer.printRegion(getUpdate(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {SymbolTable::getSymbolAttrName(), "width", "message_width"});
}

LogicalResult StateOp::verify() {
  for (ArrayAttr width : {getWidth(), getMessageWidth()})
    if (width.size() != 1 || !isExtents(width))
      return emitOpError("needs one extent for its width and one for its "
                         "message's");
  auto verifyRegion = [&](Region &region, unsigned arguments) {
    return region.hasOneBlock() && region.getNumArguments() == arguments &&
           isa<YieldOp>(region.front().back()) &&
           region.front().back().getNumOperands() == 1;
  };
  if (!verifyRegion(getMessage(), 2))
    return emitOpError("message must take two tensors and yield one");
  if (!verifyRegion(getUpdate(), 4))
    return emitOpError("update must take four tensors and yield one");
  return success();
}

SmallVector<Attribute> ParameterOp::getSizedExtents() {
  SmallVector<Attribute> extents(getExtents().getValue());
  if (getFanIn())
    extents.push_back(getFanInAttr());
  return extents;
}

void ParameterOp::evaluateSizes(function_ref<int64_t(StringRef)> sizeOf) {
  setExtentsAttr(
      getConstantExtents(getContext(), evaluateExtents(getExtents(), sizeOf)));
  if (getFanIn())
    setFanInAttr(
        getConstantExtent(getContext(), evaluateExtent(*getFanIn(), sizeOf)));
}

std::string ParameterOp::getInitializerText() {
  std::string text = stringifyInitializer(getInitializer()).str();
  if (getFanIn())
    text += "(" + std::to_string(*constantValue(*getFanIn())) + ")";
  return text;
}

LogicalResult ParameterOp::verify() {
  auto type = cast<RankedTensorType>(getValue().getType());
  if (!type.getElementType().isF32())
    return emitOpError("must be of f32");
  if (static_cast<int64_t>(getExtents().size()) != type.getRank())
    return emitOpError("needs one extent a dimension of its type");
  bool isOfFanIn = getInitializer() == Initializer::UniformFanIn;
  if (getFanIn() && !isOfFanIn)
    return emitOpError("gives an extent to an initializer that takes none");
  if (isOfFanIn && !getFanIn() && type.getRank() < 2)
    return emitOpError("is no matrix: uniform_fan_in(EXTENT) says the rows of "
                       "the one that it belongs to");
  if (getFanIn() && constantValue(*getFanIn()).value_or(1) <= 0)
    return emitOpError("needs a positive extent to draw by");
  return success();
}

LogicalResult tgnn::detail::verifySizedOp(Operation *op) {
  bool isInModel = op->getParentOfType<ModelOp>() != nullptr;
  for (Attribute extent : cast<SizedOpInterface>(op).getSizedExtents()) {
    if (!isExtent(extent))
      return op->emitOpError("has an extent that is neither a number nor made "
                             "of named sizes");
    if (!isInModel && !constantValue(extent))
      return op->emitOpError("names a size, which only a model has");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Step
//===----------------------------------------------------------------------===//

SmallVector<Attribute> SampleOp::getSizedExtents() { return {getSize()}; }

void SampleOp::evaluateSizes(llvm::function_ref<int64_t(StringRef)> sizeOf) {
  setSizeAttr(
      getConstantExtent(getContext(), evaluateExtent(getSize(), sizeOf)));
}

LogicalResult SampleOp::verify() {
  if (constantValue(getSize()).value_or(1) <= 0)
    return emitOpError("k must be positive");
  return success();
}

LogicalResult TableOp::verify() {
  const TableDescription *table = findTable(getHandle(), getComponent());
  if (!table)
    return emitOpError("has no component '")
           << getComponent() << "' in a " << getHandle().getType();
  RankedTensorType expected = getTableType(getHandle(), *table);
  auto type = cast<RankedTensorType>(getValues().getType());
  if (type.getElementType() != expected.getElementType() ||
      failed(verifyCompatibleShape(type, expected)))
    return emitOpError("component '")
           << getComponent() << "' is a " << expected;
  return success();
}

SmallVector<Attribute> WalksOp::getSizedExtents() { return {getWidth()}; }

void WalksOp::evaluateSizes(llvm::function_ref<int64_t(StringRef)> sizeOf) {
  setWidthAttr(
      getConstantExtent(getContext(), evaluateExtent(getWidth(), sizeOf)));
}

LogicalResult WalksOp::verify() {
  auto order = static_cast<int64_t>(getOrder());
  if (order < 1 || order > 8)
    return emitOpError("needs an order of 1 to 8, not ") << order;
  // NaN is no rate either.
  if (!(getDecay().convertToDouble() >= 0) || getDecay().isInfinity())
    return emitOpError("needs a decay of 0 or more");
  return success();
}

/// That the op names walk matrices.
static LogicalResult verifyWalks(Operation *op, FlatSymbolRefAttr walks) {
  if (SymbolTable::lookupNearestSymbolFrom<WalksOp>(op, walks))
    return success();
  return op->emitOpError("names no tgnn.walks");
}

LogicalResult WalkFeaturesOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyWalks(*this, getWalksAttr());
}

LogicalResult AdvanceWalksOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyWalks(*this, getWalksAttr());
}

LogicalResult StateRowsOp::verifySymbolUses(SymbolTableCollection &) {
  auto model = (*this)->getParentOfType<ModelOp>();
  if (isa_and_nonnull<StateOp>(SymbolTable::lookupSymbolIn(model, getState())))
    return success();
  return emitOpError("names no state of the model");
}

LogicalResult GradientOp::verify() {
  if (cast<RankedTensorType>(getLoss().getType()).getRank() != 0)
    return emitOpError("the loss must be a tensor of rank 0");
  if (getParameters().getTypes() != getGradients().getTypes())
    return emitOpError("needs a gradient of each parameter's type");
  return success();
}

//===----------------------------------------------------------------------===//
// Reuse
//===----------------------------------------------------------------------===//

LogicalResult CacheOp::verify() {
  auto row = dyn_cast<RankedTensorType>(getRow());
  if (!row || row.getRank() != 1 || !row.hasStaticShape())
    return emitOpError("holds rows of one static extent, not ") << getRow();
  if (getKey() == FrontierKey::Node)
    return emitOpError("is keyed by query_time or event_time");
  if (getCapacity() && (static_cast<int64_t>(*getCapacity()) < 0 ||
                        static_cast<int64_t>(*getCapacity()) > INT32_MAX))
    return emitOpError("has a capacity below zero or beyond 32 bits");
  if (getMaxAge() && (static_cast<int64_t>(*getMaxAge()) < 0 ||
                      static_cast<int64_t>(*getMaxAge()) > INT32_MAX))
    return emitOpError("has an age limit below zero or beyond 32 bits");
  if (getCapacity().has_value() != getPolicy().has_value())
    return emitOpError("has a policy if and only if it has a capacity");
  if (!getPolicy())
    return success();
  StatusOr<PolicyKind> policy = parsePolicyKind(getPolicy()->str());
  return policy.ok() ? success() : emitOpError(policy.status().message());
}

static LogicalResult verifyCache(Operation *op, FlatSymbolRefAttr cache,
                                 SymbolTableCollection &symbols) {
  if (symbols.lookupNearestSymbolFrom<CacheOp>(op, cache))
    return success();
  return op->emitOpError("names ") << cache << ", which is not a tgnn.cache";
}

Region *ApplyOp::findBody(ModelOp model) {
  Operation *callee = SymbolTable::lookupSymbolIn(model, getCallee());
  if (!callee)
    return nullptr;
  for (Region &region : callee->getRegions())
    if (!region.empty() && region.getNumArguments() == getNumOperands())
      return &region;
  return nullptr;
}

LogicalResult ApplyOp::verifySymbolUses(SymbolTableCollection &) {
  if (auto module = (*this)->getParentOfType<ModuleOp>())
    for (ModelOp model : module.getOps<ModelOp>())
      if (findBody(model))
        return success();
  return emitOpError("names no layer, decoder or part of a state that takes ")
         << getNumOperands() << " operands";
}

LogicalResult CacheLookupOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult CachePullOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult CachePushOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult
CacheCandidatesOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult CacheResolveOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult CacheBufferOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult CacheBatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyCache(*this, getCacheAttr(), symbols);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

bool tgnn::detail::areCompatibleTypes(TypeRange inferred, TypeRange actual) {
  return inferred.size() == actual.size() &&
         llvm::all_of(llvm::zip(inferred, actual), [](auto pair) {
           auto [a, b] = pair;
           return getElementTypeOrSelf(a) == getElementTypeOrSelf(b) &&
                  succeeded(verifyCompatibleShape(a, b));
         });
}

void tgnn::detail::getKernelEffects(
    MutableArrayRef<OpOperand> inputs, MutableArrayRef<OpOperand> outs,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &input : inputs)
    if (isa<MemRefType>(input.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &input);
  for (OpOperand &out : outs)
    effects.emplace_back(MemoryEffects::Write::get(), &out);
}

ParseResult tgnn::detail::parseKernel(OpAsmParser &parser,
                                      OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, outs;
  SmallVector<Type> inputTypes, outTypes;
  SMLoc location = parser.getCurrentLocation();
  auto parseTypes = [&](SmallVectorImpl<Type> &types) {
    return parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&] {
      return parser.parseType(types.emplace_back());
    });
  };
  if (parser.parseOperandList(inputs, OpAsmParser::Delimiter::Paren))
    return failure();
  bool hasOuts = succeeded(parser.parseOptionalKeyword("into"));
  if (hasOuts && parser.parseOperandList(outs, OpAsmParser::Delimiter::Paren))
    return failure();
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      parseTypes(inputTypes))
    return failure();
  if (hasOuts && (parser.parseKeyword("into") || parseTypes(outTypes)))
    return failure();
  if (!hasOuts && parser.parseOptionalArrowTypeList(result.types))
    return failure();
  result.addAttribute("operandSegmentSizes",
                      parser.getBuilder().getDenseI32ArrayAttr(
                          {static_cast<int32_t>(inputs.size()),
                           static_cast<int32_t>(outs.size())}));
  return failure(
      parser.resolveOperands(inputs, inputTypes, location, result.operands) ||
      parser.resolveOperands(outs, outTypes, location, result.operands));
}

void tgnn::detail::printKernel(OpAsmPrinter &printer, Operation *op,
                               ValueRange inputs, ValueRange outs) {
  printer << "(" << inputs << ")";
  if (!outs.empty())
    printer << " into(" << outs << ")";
  printer.printOptionalAttrDict(op->getAttrs(), {"operandSegmentSizes"});
  printer << " : (" << inputs.getTypes() << ")";
  if (!outs.empty())
    printer << " into (" << outs.getTypes() << ")";
  else
    printer.printOptionalArrowTypeList(op->getResultTypes());
}

SmallVector<Type> tgnn::detail::standInTypes(ValueRange inputs) {
  // No kernel has more results; whoever built it may ask for any of them.
  constexpr size_t mostResults = 3;
  if (inputs.empty())
    return {};
  return SmallVector<Type>(mostResults, inputs[0].getType());
}

LogicalResult tgnn::detail::verifyKernel(Operation *op, ValueRange outs,
                                         ArrayRef<Type> inferred) {
  if (outs.empty())
    return success();
  if (op->getNumResults() != 0)
    return op->emitOpError("on buffers has no result");
  if (outs.size() != inferred.size())
    return op->emitOpError("needs ") << inferred.size() << " outs";
  for (auto [index, out, type] : llvm::enumerate(outs, inferred))
    if (getElementTypeOrSelf(out.getType()) != getElementTypeOrSelf(type) ||
        failed(verifyCompatibleShape(out.getType(), type)))
      return op->emitOpError("out ")
             << index << " must have the shape of " << type;
  return success();
}

LogicalResult AdamOp::verify() {
  Type parameter = getParameter().getType();
  if (cast<ShapedType>(parameter).getRank() == 0)
    return emitOpError("needs a parameter with a dimension");
  for (Type type : {getGradient().getType(), Type(getFirstMoment().getType()),
                    Type(getSecondMoment().getType())})
    if (!isa<ShapedType>(type) ||
        failed(verifyCompatibleShape(type, parameter)))
      return emitOpError(
          "needs a gradient and moments of the parameter's shape");
  for (Value memory : getOperation()->getOperands().take_front(4))
    if (!getElementTypeOrSelf(memory).isF32())
      return emitOpError("needs all in f32");
  return success();
}

LogicalResult WriteRowsOp::verify() {
  auto values = dyn_cast<ShapedType>(getValues().getType());
  auto rows = dyn_cast<ShapedType>(getRows().getType());
  auto buffer = cast<ShapedType>(getBuffer().getType());
  if (!values || !rows || values.getRank() != 2 || rows.getRank() != 1 ||
      buffer.getRank() != 2)
    return emitOpError("needs values and a buffer of rank 2, rows of rank 1");
  if (failed(verifyCompatibleShape(values.getShape().drop_front(),
                                   buffer.getShape().drop_front())))
    return emitOpError("needs values as wide as the buffer");
  if (!rows.getElementType().isSignlessInteger(32))
    return emitOpError("needs rows of i32");
  if (values.getElementType() != buffer.getElementType())
    return emitOpError("needs values of the buffer's type");
  return success();
}
