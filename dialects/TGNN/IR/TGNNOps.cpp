//===- TGNNOps.cpp - Parsing, printing and verifying ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"

#include "dialects/TGNN/IR/SymbolUses.h"
#include "lib/Support/StepCount.h"
#include "orcinus/Reuse/ReplacementPolicy.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

#define GET_OP_CLASSES
#include "dialects/TGNN/IR/TGNNOps.cpp.inc"

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

SmallVector<Attribute> SampleByIntervalOp::getSizedExtents() {
  return {getSize()};
}

void SampleByIntervalOp::evaluateSizes(
    llvm::function_ref<int64_t(StringRef)> sizeOf) {
  setSizeAttr(
      getConstantExtent(getContext(), evaluateExtent(getSize(), sizeOf)));
}

LogicalResult SampleByIntervalOp::verify() {
  if (constantValue(getSize()).value_or(1) <= 0)
    return emitOpError("k must be positive");
  // NaN is no rate either.
  if (!(getScale().convertToFloat() >= 0) || getScale().isInfinity())
    return emitOpError("needs a scale of 0 or more");
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

LogicalResult WriteOp::verify() {
  if (getBinding().starts_with("output:"))
    return emitOpError("writes no outputs; tgnn.output does");
  if (getRows() &&
      (cast<RankedTensorType>(getValue().getType()).getRank() != 2 ||
       cast<RankedTensorType>(getRows().getType()).getRank() != 1))
    return emitOpError("needs values of rank 2 and rows of rank 1");
  return success();
}

/// That the rows of an output are whole multiples of counts.
static LogicalResult verifyRows(OutputOp op, DictionaryAttr rows) {
  if (!isExtent(rows))
    return op.emitOpError("has rows that are no extent");
  for (NamedAttribute term : rows) {
    StringRef name = term.getName();
    if (!parseStepCount(name))
      return op.emitOpError("has '") << name << "' rows, but a step counts its "
                                     << llvm::join(stepCountNames, ", ");
    auto factor = dyn_cast<IntegerAttr>(term.getValue());
    if (!factor || factor.getInt() == 0)
      return op.emitOpError("has rows that are not whole multiples of '")
             << name << "'";
  }
  return success();
}

LogicalResult OutputOp::verify() {
  if (getRole().empty())
    return emitOpError("has no role");
  auto type = cast<RankedTensorType>(getValue().getType());
  bool hasRows = getRows() || !getTables().empty();
  bool needsRows = type.getRank() > 0 && type.isDynamicDim(0);
  if (hasRows != needsRows)
    return emitOpError(hasRows ? "has rows, but a value without open rows"
                               : "does not say how many rows it has");
  for (Value table : getTables())
    if (cast<RankedTensorType>(table.getType()).getRank() == 0)
      return emitOpError("has as many rows as a number");
  return getRows() ? verifyRows(*this, *getRows()) : success();
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

LogicalResult WalkFeaturesOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyNames<WalksOp>(*this, getWalksAttr());
}

LogicalResult AdvanceWalksOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyNames<WalksOp>(*this, getWalksAttr());
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
  if (getShare() == ReuseShare::Separate && getMiss() == CacheMiss::Zeros)
    return emitOpError("reads zeros where nothing is cached, but separate rows "
                       "for neighbours are never cached unless recomputed");
  if (getCapacity() && (static_cast<int64_t>(*getCapacity()) < 0 ||
                        static_cast<int64_t>(*getCapacity()) > INT32_MAX))
    return emitOpError("has a capacity below zero or beyond 32 bits");
  if (getMaxAge() && (static_cast<int64_t>(*getMaxAge()) < 0 ||
                      static_cast<int64_t>(*getMaxAge()) > INT32_MAX))
    return emitOpError("has an age limit below zero or beyond 32 bits");
  if (getCapacity() && !getPolicy())
    return emitOpError("has a capacity, but no policy");
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
