//===- OutlineParallel.cpp - Parallel loops to functions ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class OutlineParallelPass
    : public orcinus::impl::OutlineParallelBase<OutlineParallelPass> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    functions.clear();
    SmallVector<scf::ParallelOp> loops;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic())
        function.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
          if (loop.getNumResults() == 0)
            loops.push_back(loop);
          return WalkResult::skip();
        });
    for (scf::ParallelOp loop : loops)
      outline(loop, symbols);
  }

private:
  void outline(scf::ParallelOp loop, SymbolTable &symbols) {
    llvm::SetVector<Value> used(loop->operand_begin(), loop->operand_end());
    getUsedValuesDefinedAbove(loop->getRegions(), used);
    SmallVector<Value> arguments;
    SmallVector<Operation *> constants;
    for (Value value : used) {
      if (matchPattern(value, m_Constant()))
        constants.push_back(value.getDefiningOp());
      else
        arguments.push_back(value);
    }

    OpBuilder builder(loop);
    auto type = builder.getFunctionType(ValueRange(arguments).getTypes(), {});
    auto function =
        func::FuncOp::create(loop.getLoc(), "orcinus_parallel", type);
    function.setPrivate();
    Block *entry = function.addEntryBlock();
    IRMapping mapping;
    mapping.map(arguments, entry->getArguments());
    builder.setInsertionPointToStart(entry);
    for (Operation *constant : constants)
      builder.clone(*constant, mapping);
    builder.clone(*loop, mapping);
    func::ReturnOp::create(builder, loop.getLoc());

    builder.setInsertionPoint(loop);
    func::CallOp::create(builder, loop.getLoc(), shared(function, symbols),
                         arguments);
    loop->erase();
    ++outlinedLoops;
  }

  /// `function`, added to the module, or an equal one that is there already.
  func::FuncOp shared(func::FuncOp function, SymbolTable &symbols) {
    SmallVector<func::FuncOp> &candidates =
        functions[function.getFunctionType()];
    for (func::FuncOp candidate : candidates) {
      if (OperationEquivalence::isRegionEquivalentTo(
              &candidate.getBody(), &function.getBody(),
              OperationEquivalence::IgnoreLocations)) {
        function.erase();
        return candidate;
      }
    }
    symbols.insert(function);
    candidates.push_back(function);
    ++outlinedFunctions;
    return function;
  }

  llvm::DenseMap<Type, SmallVector<func::FuncOp>> functions;
};

} // namespace
