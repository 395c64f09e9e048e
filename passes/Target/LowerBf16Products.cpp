//===- LowerBf16Products.cpp - What MLIR's nvgpu conversion lacks ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/MatrixInstruction.h"
#include "passes/Target/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_LOWERBF16PRODUCTS
#include "passes/Target/Passes.h.inc"
} // namespace orcinus

/// The registers of a fragment of pairs of bf16, as `nvvm.mma.sync` takes them.
static SmallVector<Value> wordsOf(OpBuilder &builder, Value fragment) {
  Location location = fragment.getLoc();
  auto oneWord = VectorType::get({1}, builder.getI32Type());
  SmallVector<Value> words;
  int64_t count = cast<VectorType>(fragment.getType()).getDimSize(0);
  for (int64_t at = 0; at < count; ++at) {
    Value pair = vector::ExtractOp::create(builder, location, fragment, at);
    Value word = vector::BitCastOp::create(builder, location, oneWord, pair);
    words.push_back(vector::ExtractOp::create(builder, location, word, 0));
  }
  return words;
}

static void lower(nvgpu::MmaSyncOp op) {
  OpBuilder builder(op);
  Location location = op.getLoc();
  SmallVector<Value> sums = unpackFragment(builder, location, op.getMatrixC());
  SmallVector<Type> types(sums.size(), builder.getF32Type());
  auto resultType =
      LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  Value made = NVVM::MmaOp::create(
      builder, location, resultType, wordsOf(builder, op.getMatrixA()),
      wordsOf(builder, op.getMatrixB()), sums, op.getMmaShapeAsArray(),
      /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
      std::array{NVVM::MMATypes::bf16, NVVM::MMATypes::bf16},
      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  SmallVector<Value> elements;
  for (int64_t at = 0; at < int64_t(sums.size()); ++at)
    elements.push_back(
        LLVM::ExtractValueOp::create(builder, location, made, at));
  op.getRes().replaceAllUsesWith(
      packFragment(builder, location, op.getRes().getType(), elements));
  op.erase();
}

namespace {

class LowerBf16ProductsPass
    : public orcinus::impl::LowerBf16ProductsBase<LowerBf16ProductsPass> {
public:
  using LowerBf16ProductsBase::LowerBf16ProductsBase;

  void runOnOperation() override {
    SmallVector<nvgpu::MmaSyncOp> ops;
    getOperation().walk([&](nvgpu::MmaSyncOp op) {
      // Others would not be what `nvvm.mma.sync` has on bf16 either.
      if (getElementTypeOrSelf(op.getMatrixA()).isBF16() &&
          MatrixInstruction::of(op))
        ops.push_back(op);
    });
    for (nvgpu::MmaSyncOp op : ops)
      lower(op);
  }
};

} // namespace
