//===- Autodiff.cpp - Derive the backward pass ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Autodiff/Passes.h"

#include "dialects/TGNN/IR/TGNNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"

namespace orcinus {
#define GEN_PASS_DEF_AUTODIFF
#include "passes/Autodiff/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;
using orcinus::autodiff::DifferentiableOpInterface;

namespace {

/// The reverse sweep of one `tgnn.gradient`.
class ReverseSweep {
public:
  explicit ReverseSweep(GradientOp op) : op(op), builder(op) {}

  /// Builds the adjoints before the op and replaces it. Returns how many ops
  /// were visited.
  FailureOr<int64_t> run() {
    markActive();
    auto lossType = cast<RankedTensorType>(op.getLoss().getType());
    gradients[op.getLoss()] = arith::ConstantOp::create(
        builder, op.getLoc(),
        DenseElementsAttr::get(
            lossType, builder.getFloatAttr(lossType.getElementType(), 1.0)));
    int64_t visited = 0;
    SmallVector<Operation *> forward;
    for (Operation &before : *op->getBlock()) {
      if (&before == op)
        break;
      forward.push_back(&before);
    }
    for (Operation *visitedOp : llvm::reverse(forward)) {
      if (!needsVisit(visitedOp))
        continue;
      ++visited;
      if (failed(visit(visitedOp)))
        return failure();
    }
    replace();
    return visited;
  }

private:
  /// A value is active where it depends on a parameter.
  void markActive() {
    active.insert_range(op.getParameters());
    for (Operation &before : *op->getBlock()) {
      if (&before == op)
        break;
      if (!isa<StopGradientOp>(before) &&
          llvm::any_of(before.getOperands(),
                       [&](Value operand) { return active.contains(operand); }))
        active.insert_range(before.getResults());
    }
  }

  /// An op is visited where it leads from a parameter and to the loss.
  bool needsVisit(Operation *visited) {
    bool leadsToLoss = llvm::any_of(visited->getResults(), [&](Value result) {
      return gradients.contains(result);
    });
    return leadsToLoss &&
           llvm::any_of(visited->getOperands(), [&](Value operand) {
             return active.contains(operand);
           });
  }

  LogicalResult visit(Operation *visited) {
    auto differentiable = dyn_cast<DifferentiableOpInterface>(visited);
    if (!differentiable) {
      InFlightDiagnostic diagnostic =
          visited->emitOpError("has no adjoint, but the loss depends on a "
                               "parameter through it");
      diagnostic.attachNote(op.getLoc()) << "the gradient is taken here";
      return diagnostic;
    }
    SmallVector<Value> results =
        llvm::map_to_vector(visited->getResults(), [&](Value result) {
          return gradients.lookup(result);
        });
    SmallVector<bool> needed =
        llvm::map_to_vector(visited->getOperands(), [&](Value operand) {
          return active.contains(operand);
        });
    SmallVector<Value> operands(visited->getNumOperands());
    if (failed(differentiable.buildAdjoint(builder, results, needed, operands)))
      return failure();
    for (auto [operand, gradient, isNeeded] :
         llvm::zip_equal(visited->getOperands(), operands, needed))
      if (gradient && isNeeded)
        accumulate(operand, gradient);
    return success();
  }

  void accumulate(Value value, Value gradient) {
    Value &sum = gradients[value];
    sum = sum ? AddOp::create(builder, op.getLoc(), value.getType(), sum,
                              gradient)
                    .getResult()
              : gradient;
  }

  void replace() {
    for (auto [parameter, result] :
         llvm::zip_equal(op.getParameters(), op.getGradients())) {
      Value gradient = gradients.lookup(parameter);
      if (!gradient)
        gradient = ZerosOp::create(builder, op.getLoc(), parameter.getType(),
                                   parameter);
      result.replaceAllUsesWith(gradient);
    }
    op.erase();
  }

  GradientOp op;
  OpBuilder builder;
  llvm::DenseSet<Value> active;
  llvm::DenseMap<Value, Value> gradients;
};

struct AutodiffPass : orcinus::impl::AutodiffBase<AutodiffPass> {
  using AutodiffBase::AutodiffBase;

  void runOnOperation() override {
    WalkResult walk = getOperation().walk([&](GradientOp op) {
      FailureOr<int64_t> visited = ReverseSweep(op).run();
      if (failed(visited))
        return WalkResult::interrupt();
      visitedOps += *visited;
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
