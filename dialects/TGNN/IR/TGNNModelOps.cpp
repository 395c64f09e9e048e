//===- TGNNModelOps.cpp - What a model may say ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"

#include <limits>

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

template <typename Expansion>
static Expansion findExpansion(ModelOp model) {
  auto all = model.getBody().getOps<Expansion>();
  return all.empty() ? Expansion() : *all.begin();
}

EncodeOp ModelOp::getEncoder() { return findExpansion<EncodeOp>(*this); }

HeadOp ModelOp::getHead(bool ofEvents) {
  for (HeadOp head : getBody().getOps<HeadOp>())
    if (head.isOfEvents() == ofEvents)
      return head;
  return HeadOp();
}

ScoreOp ModelOp::getScorer() { return findExpansion<ScoreOp>(*this); }

bool ModelOp::isRecursive() { return !getEncoder() && !getScorer(); }

OptimizerAttr ModelOp::getOptimizerOrDefault() {
  return getOptimizer().value_or(OptimizerAttr::getDefault(getContext()));
}

int64_t ModelOp::getSize(StringRef name) {
  auto size = getSizes().getAs<IntegerAttr>(name);
  return size ? size.getInt() : 0;
}

LogicalResult ModelOp::verify() {
  for (NamedAttribute size : getSizes()) {
    auto value = dyn_cast<IntegerAttr>(size.getValue());
    if (!value || !value.getType().isSignlessInteger(64) ||
        value.getInt() < 0 ||
        value.getInt() > std::numeric_limits<int32_t>::max())
      return emitOpError("size '")
             << size.getName().getValue()
             << "' must be a non-negative integer of 32 bits";
  }
  SmallVector<StringRef> needed{"dim"};
  if (isRecursive())
    needed.append({"neighbours", "layers"});
  for (StringRef name : needed)
    if (getSize(name) <= 0)
      return emitOpError("needs a positive size '") << name << "'";
  // Each is unrolled.
  constexpr int64_t mostLayers = 64;
  if (isRecursive() && getSize("layers") > mostLayers)
    return emitOpError("has ")
           << getSize("layers") << " layers, more than " << mostLayers;
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
    return model.getSizes().contains(name);
  };
  auto isKnown = [&](StringRef name) {
    if (isApplied && name == "head")
      return declares("heads") && declares("time");
    return declares(name) || (isApplied && name == "input");
  };
  for (Attribute extent : extents)
    for (StringRef name : sizesOf(extent))
      if (!isKnown(name)) {
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
  for (HeadOp head : getBody().getOps<HeadOp>()) {
    if (getScorer())
      return head.emitOpError(
          "is of a model with a tgnn.score, which makes no embeddings");
    if (getHead(head.isOfEvents()) != head)
      return head.emitOpError("is the second for labels of ")
             << (head.isOfEvents() ? "events" : "nodes");
  }
  for (MailboxOp mailbox : getBody().getOps<MailboxOp>())
    if (!getEncoder())
      return mailbox.emitOpError(
          "is of a model without a tgnn.encode, of whose "
          "embeddings mails are made");
  if (getMessages() != MessageChoice::Latest && count(StateOp()) == 0)
    return emitOpError("chooses messages, but has no tgnn.state that they "
                       "update");
  for (StateOp state : getBody().getOps<StateOp>())
    if (state.sendsEmbeddings() && getScorer())
      return state.emitOpError(
          "sends embeddings, of which a tgnn.score makes none");
  if (EncodeOp encoder = getEncoder();
      encoder && encoder.getBody().front().back().getNumOperands() == 2 &&
      llvm::none_of(getBody().getOps<StateOp>(),
                    [](StateOp state) { return state.sendsEmbeddings(); }))
    return encoder.emitOpError(
        "makes embeddings for messages, but no tgnn.state sends them");
  for (StateOp state : getBody().getOps<StateOp>())
    for (ArrayAttr extents : {state.getWidth(), state.getMessageWidth()})
      if (failed(verifySizes(*this, state, extents.getValue(),
                             /*isApplied=*/false)))
        return failure();
  WalkResult steps = walk([&](Operation *op) {
    if (!isa<WriteOp, MinimizeOp, DifferentiateOp, ApplyGradientsOp, GradientOp,
             OptimizeOp, EndpointsOp, LabelsOp, DeliverOp, AdvanceWalksOp,
             CacheLookupOp, CachePullOp, CachePushOp, CacheCandidatesOp,
             CacheResolveOp, AllReduceOp, AllGatherOp, AwaitOp>(op))
      return WalkResult::advance();
    op->emitOpError("belongs to a step, which is made of a model");
    return WalkResult::interrupt();
  });
  if (steps.wasInterrupted())
    return failure();
  WalkResult walked = walk([&](SizedOpInterface sized) {
    bool isApplied = !isa<ModelOp, EncodeOp, ScoreOp>(sized->getParentOp());
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

void tgnn::detail::printArguments(OpAsmPrinter &printer, Region &region) {
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
  tgnn::detail::printArguments(printer, op.getBody());
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
LogicalResult LayerOp::verifyRegions() {
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
  tgnn::detail::printArguments(printer, op.getBody());
  printer.printOptionalAttrDictWithKeyword(op->getAttrs());
  printer << " ";
  printer.printRegion(op.getBody(), /*printEntryBlockArgs=*/false);
}

template <typename Expansion>
static LogicalResult verifyExpansion(Expansion op, size_t mostResults,
                                     StringRef results) {
  Block &body = op.getBody().front();
  if (body.getNumArguments() != 1 ||
      !isa<QueryType>(body.getArgument(0).getType()))
    return op.emitOpError("must take one !tgnn.query");
  auto yield = dyn_cast<YieldOp>(body.back());
  auto isMatrix = [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getRank() == 2 && tensor.getElementType().isF32();
  };
  if (!yield || yield.getValues().empty() ||
      yield.getValues().size() > mostResults ||
      !llvm::all_of(yield.getValues().getTypes(), isMatrix))
    return op.emitOpError("must end in a tgnn.yield of ")
           << results << " of rank 2 and f32";
  return success();
}

ParseResult EncodeOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseExpansion(parser, result);
}
void EncodeOp::print(OpAsmPrinter &printer) { printExpansion(printer, *this); }
LogicalResult EncodeOp::verifyRegions() {
  return verifyExpansion(*this, 2, "one tensor or two");
}

ParseResult ScoreOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseExpansion(parser, result);
}
void ScoreOp::print(OpAsmPrinter &printer) { printExpansion(printer, *this); }
LogicalResult ScoreOp::verifyRegions() {
  return verifyExpansion(*this, 1, "one tensor");
}

ParseResult DecoderOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunction(parser, result);
}
void DecoderOp::print(OpAsmPrinter &printer) { printFunction(printer, *this); }
LogicalResult DecoderOp::verifyRegions() { return verifyFunction(*this, 2); }

ParseResult HeadOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunction(parser, result);
}
void HeadOp::print(OpAsmPrinter &printer) { printFunction(printer, *this); }
bool HeadOp::isOfEvents() { return getFunctionType().getNumInputs() == 3; }
LogicalResult HeadOp::verifyRegions() {
  unsigned inputs = getFunctionType().getNumInputs();
  if (inputs != 1 && inputs != 3)
    return emitOpError("must take one tensor, of labelled nodes, or three, of "
                       "labelled events");
  return verifyFunction(*this, inputs);
}

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
  tgnn::detail::printArguments(printer, getMessage());
  printer << " ";
  printer.printRegion(getMessage(), /*printEntryBlockArgs=*/false);
  printer << " update ";
  tgnn::detail::printArguments(printer, getUpdate());
  printer << " ";
  printer.printRegion(getUpdate(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {SymbolTable::getSymbolAttrName(), "width", "message_width"});
}

bool StateOp::sendsEmbeddings() { return getMessage().getNumArguments() == 3; }

LogicalResult StateOp::verifyRegions() {
  for (ArrayAttr width : {getWidth(), getMessageWidth()})
    if (width.size() != 1 || !isExtents(width))
      return emitOpError("needs one extent for its width and one for its "
                         "message's");
  auto yieldsOne = [&](Region &region) {
    return region.hasOneBlock() && isa<YieldOp>(region.front().back()) &&
           region.front().back().getNumOperands() == 1;
  };
  unsigned ofMessage = getMessage().getNumArguments();
  if (!yieldsOne(getMessage()) || (ofMessage != 2 && ofMessage != 3))
    return emitOpError("message must take two tensors or three and yield one");
  if (!yieldsOne(getUpdate()) || getUpdate().getNumArguments() != 4)
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
