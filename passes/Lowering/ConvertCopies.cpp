//===- ConvertCopies.cpp - Buffer copies to linalg ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace orcinus {
#define GEN_PASS_DEF_CONVERTCOPIES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;

namespace {

struct ConvertCopiesPass : orcinus::impl::ConvertCopiesBase<ConvertCopiesPass> {
  using ConvertCopiesBase::ConvertCopiesBase;

  void runOnOperation() override {
    getOperation()->walk([](memref::CopyOp copy) {
      OpBuilder builder(copy);
      linalg::CopyOp::create(builder, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
      copy.erase();
    });
  }
};

} // namespace
