//===- TGNNOps.h - The ops of the tgnn dialect ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_H
#define ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_H

#include "dialects/Autodiff/IR/AutodiffInterfaces.h"
#include "dialects/TGNN/IR/Extents.h"
#include "dialects/TGNN/IR/IndexTables.h"
#include "dialects/TGNN/IR/TGNNDialect.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/TGNN/IR/TGNNEnums.h.inc"

namespace orcinus::tgnn::detail {

/// That extents are extents, and outside of models numbers.
mlir::LogicalResult verifySizedOp(mlir::Operation *op);

/// Prints `(%a: type, …)` for the arguments of a region.
void printArguments(mlir::OpAsmPrinter &printer, mlir::Region &region);

} // namespace orcinus::tgnn::detail

namespace orcinus::tgnn {

// The body of a tgnn.mailbox, which may be absent; used by the generated code.
mlir::ParseResult parseMailBody(mlir::OpAsmParser &parser, mlir::Region &body);
void printMailBody(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                   mlir::Region &body);

} // namespace orcinus::tgnn

#include "dialects/TGNN/IR/TGNNInterfaces.h.inc"
#include "dialects/TGNN/IR/TGNNTypeInterfaces.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/TGNN/IR/TGNNTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/TGNN/IR/TGNNAttributes.h.inc"

namespace orcinus::tgnn::detail {

// What all kernel ops share; used by the generated classes.
bool areCompatibleTypes(mlir::TypeRange inferred, mlir::TypeRange actual);
void getKernelEffects(llvm::MutableArrayRef<mlir::OpOperand> inputs,
                      llvm::MutableArrayRef<mlir::OpOperand> outs,
                      llvm::SmallVectorImpl<mlir::SideEffects::EffectInstance<
                          mlir::MemoryEffects::Effect>> &effects);
mlir::ParseResult parseKernel(mlir::OpAsmParser &parser,
                              mlir::OperationState &result);
void printKernel(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                 mlir::ValueRange inputs, mlir::ValueRange outs);
mlir::LogicalResult verifyKernel(mlir::Operation *op, mlir::ValueRange outs,
                                 llvm::ArrayRef<mlir::Type> inferred);

/// Types of the results of a kernel whose inputs or attributes do not fit,
/// which has been said: a builder cannot fail, but the op that it makes does
/// not verify.
llvm::SmallVector<mlir::Type> standInTypes(mlir::ValueRange inputs);

template <typename KernelOp>
void buildKernel(mlir::OpBuilder &builder, mlir::OperationState &state,
                 mlir::ValueRange inputs,
                 llvm::ArrayRef<mlir::NamedAttribute> attributes) {
  state.addOperands(inputs);
  auto &properties = state.getOrAddProperties<typename KernelOp::Properties>();
  mlir::NamedAttrList all(attributes);
  all.set("operandSegmentSizes", builder.getDenseI32ArrayAttr(
                                     {static_cast<int32_t>(inputs.size()), 0}));
  mlir::DictionaryAttr dictionary = all.getDictionary(builder.getContext());
  KernelOp::populateDefaultProperties(state.name, properties);
  llvm::SmallVector<mlir::Type> types;
  auto emitError = [&] { return mlir::emitError(state.location); };
  if (mlir::failed(
          KernelOp::setPropertiesFromAttr(properties, dictionary, emitError)) ||
      mlir::failed(KernelOp::inferReturnTypes(
          builder.getContext(), state.location, state.operands, dictionary,
          &properties, {}, types)))
    types = standInTypes(inputs);
  state.addTypes(types);
}

} // namespace orcinus::tgnn::detail

#define GET_OP_CLASSES
#include "dialects/TGNN/IR/TGNNOps.h.inc"

namespace orcinus::tgnn {

/// The labels of a contraction `spec`: of the two inputs and of the result.
struct ContractionLabels {
  llvm::StringRef lhs, rhs, result;
};

/// Splits "ab,bc->ac"; failure where it is not of this form.
mlir::FailureOr<ContractionLabels> parseContractionSpec(llvm::StringRef spec);

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_H
