//===- TGNNMailOps.cpp - What a mailbox may say ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/SymbolUses.h"
#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace orcinus::tgnn;

/// `(%own: type, …) { … }`, or nothing.
ParseResult orcinus::tgnn::parseMailBody(OpAsmParser &parser, Region &body) {
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::OptionalParen,
                               /*allowType=*/true))
    return failure();
  return arguments.empty() ? success() : parser.parseRegion(body, arguments);
}

void orcinus::tgnn::printMailBody(OpAsmPrinter &printer, Operation *,
                                  Region &body) {
  if (body.empty())
    return;
  printer << " ";
  detail::printArguments(printer, body);
  printer << " ";
  printer.printRegion(body, /*printEntryBlockArgs=*/false);
}

SmallVector<Attribute> MailboxOp::getSizedExtents() {
  SmallVector<Attribute> extents{getWidth(), getSlots()};
  if (getNeighbours())
    extents.push_back(*getNeighbours());
  return extents;
}

void MailboxOp::evaluateSizes(llvm::function_ref<int64_t(StringRef)> sizeOf) {
  auto valueOf = [&](DictionaryAttr extent) {
    return getConstantExtent(getContext(), evaluateExtent(extent, sizeOf));
  };
  setWidthAttr(valueOf(getWidth()));
  setSlotsAttr(valueOf(getSlots()));
  if (getNeighbours())
    setNeighboursAttr(valueOf(*getNeighbours()));
}

LogicalResult MailboxOp::verify() {
  // What the runtime takes.
  constexpr int64_t most = 4096;
  if (constantValue(getWidth()).value_or(1) <= 0)
    return emitOpError("needs a positive width");
  int64_t slots = constantValue(getSlots()).value_or(1);
  if (slots <= 0 || slots > most)
    return emitOpError("needs 1 to ") << most << " slots, not " << slots;
  if (getNeighbours() && constantValue(*getNeighbours()).value_or(0) > most)
    return emitOpError("reaches at most ") << most << " neighbours";
  return success();
}

LogicalResult MailboxOp::verifyRegions() {
  Region &body = getMail();
  if (!isa_and_nonnull<ModelOp>((*this)->getParentOp()))
    return body.empty() ? success()
                        : emitOpError("has a body, which only a model's has");
  auto yield = body.empty() || body.front().empty()
                   ? YieldOp()
                   : dyn_cast<YieldOp>(body.front().back());
  if (!yield || body.getNumArguments() != 3 || yield->getNumOperands() != 1 ||
      cast<RankedTensorType>(yield.getValues()[0].getType()).getRank() != 2)
    return emitOpError("must make a tensor of rank 2, its mails, of three: an "
                       "end's, the other end's and the event's");
  return success();
}

LogicalResult MailsOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyNames<MailboxOp>(*this, getMailboxAttr());
}

LogicalResult DeliverOp::verifySymbolUses(SymbolTableCollection &) {
  return verifyNames<MailboxOp>(*this, getMailboxAttr());
}
