//===- ConvertToLLVM.cpp - All of a program to the LLVM dialect -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Analysis/DataLayoutAnalysis.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/GPUCommon/GPUCommonPass.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/OpenMPToLLVM/ConvertOpenMPToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_CONVERTTOLLVM
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Rewrites the vector ops that have no counterpart in the LLVM dialect by
/// ones that have.
static LogicalResult expandVectors(ModuleOp module) {
  RewritePatternSet patterns(module.getContext());
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorMaskOpLoweringPatterns(patterns);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  vector::populateVectorMaskMaterializationPatterns(
      patterns, /*force32BitVectorIndices=*/false);
  return applyPatternsGreedily(module, std::move(patterns));
}

/// One conversion for all dialects: with one for each, their borders fill with
/// casts, and every conversion walks the whole program.
static LogicalResult convert(ModuleOp module, const DataLayout &layout) {
  MLIRContext *context = module.getContext();
  LowerToLLVMOptions options(context, layout);
  options.useGenericFunctions = true;
  LLVMTypeConverter types(context, options);
  RewritePatternSet patterns(context);
  populateVectorToLLVMConversionPatterns(types, patterns);
  populateFinalizeMemRefToLLVMConversionPatterns(types, patterns);
  populateFuncToLLVMConversionPatterns(types, patterns);
  populateOpenMPToLLVMConversionPatterns(types, patterns);
  populateGpuToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  cf::populateAssertToLLVMConversionPattern(types, patterns);
  // Library calls are for what has no intrinsic.
  populateMathToLLVMConversionPatterns(
      types, patterns, /*approximateLog1p=*/true, /*benefit=*/2);
  populateMathToLibmConversionPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  populateComplexToLLVMConversionPatterns(types, patterns);

  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp, omp::BarrierOp, omp::TerminatorOp>();
  target.addIllegalDialect<arith::ArithDialect, cf::ControlFlowDialect,
                           complex::ComplexDialect, func::FuncDialect,
                           math::MathDialect, memref::MemRefDialect,
                           vector::VectorDialect>();
  configureOpenMPToLLVMConversionLegality(target, types);
  // What no pass before has made loops of is named here, at its place.
  target.addIllegalDialect<bufferization::BufferizationDialect,
                           linalg::LinalgDialect, tensor::TensorDialect>();
  // Kernels are serialized by now, and launched by what binds them.
  target.addIllegalDialect<gpu::GPUDialect>();
  target.addLegalOp<gpu::BinaryOp>();
  target.addDynamicallyLegalOp<gpu::LaunchFuncOp>(
      [&](gpu::LaunchFuncOp op) { return types.isLegal(op); });
  return applyPartialConversion(module, target, std::move(patterns));
}

namespace {

class ConvertToLLVMPass
    : public orcinus::impl::ConvertToLLVMBase<ConvertToLLVMPass> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    const DataLayout &layout =
        getAnalysis<DataLayoutAnalysis>().getAtOrAbove(module);
    if (failed(expandVectors(module)) || failed(convert(module, layout)))
      signalPassFailure();
  }
};

} // namespace
