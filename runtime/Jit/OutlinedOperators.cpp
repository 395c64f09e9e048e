//===- OutlinedOperators.cpp - The operators of a module ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OutlinedOperators.h"

#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Tuning/OperatorCluster.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/SpecializeOperator.h"
#include "runtime/Jit/CollectErrors.h"

#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

using namespace orcinus;

namespace {

/// What the outlining pass said of the ops that it left where they were.
using Reasons = llvm::DenseMap<mlir::Location, std::string>;

class ReasonCollector : public mlir::remark::detail::MLIRRemarkStreamerBase {
public:
  explicit ReasonCollector(Reasons &reasons) : reasons(reasons) {}

  void streamOptimizationRemark(
      const mlir::remark::detail::Remark &remark) override {
    if (remark.getCategoryName() == "eto-outline" &&
        remark.getRemarkType() == llvm::remarks::Type::Missed)
      for (const auto &argument : remark.getArgs())
        reasons[remark.getLocation()] = argument.val;
  }

private:
  Reasons &reasons;
};

} // namespace

/// Has `context` tell `reasons` what passes leave as it is; they must outlive
/// it, or its next remark engine.
static void collectReasons(mlir::MLIRContext &context, Reasons &reasons) {
  mlir::remark::RemarkCategories missed;
  missed.missed = "eto-outline";
  auto engine = std::make_unique<mlir::remark::detail::RemarkEngine>(
      /*printAsEmitRemarks=*/false, missed);
  std::string error;
  if (succeeded(engine->initialize(
          std::make_unique<ReasonCollector>(reasons),
          std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(), &error)))
    context.setRemarkEngine(std::move(engine));
}

/// `'linalg.matmul' in @f, line 3`.
static std::string placeOf(mlir::Operation *op) {
  std::string text = "'" + op->getName().getStringRef().str() + "'";
  if (auto function = op->getParentOfType<mlir::FunctionOpInterface>())
    text += " in @" + function.getName().str();
  if (auto place = op->getLoc()->findInstanceOf<mlir::FileLineColLoc>())
    text += ", line " + std::to_string(place.getLine());
  return text;
}

/// Why `op` is no operator, where the pass has not said so; empty where that is
/// no question, as it computes nothing.
static std::string obviousReason(mlir::linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return "works on buffers: tensors alone are tuned";
  if (op->getNumResults() != 1)
    return "has " + std::to_string(op->getNumResults()) +
           " results: one alone is tuned";
  return isDenseComputation(op) ? "was not outlined" : "";
}

static std::vector<LeftOutOperator> leftOutOf(mlir::ModuleOp module,
                                              const Reasons &reasons) {
  std::vector<LeftOutOperator> leftOut;
  module.walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    if (llvm::isa<eto::OperatorOp>(op))
      return mlir::WalkResult::skip();
    auto linalgOp = llvm::dyn_cast<mlir::linalg::LinalgOp>(op);
    std::string reason = reasons.lookup(op->getLoc());
    if (linalgOp && reason.empty())
      reason = obviousReason(linalgOp);
    else if (llvm::isa<mlir::linalg::AggregatedOpInterface>(op) && !linalgOp)
      reason = "cannot be broken up into linalg ops on tensors";
    if ((linalgOp || llvm::isa<mlir::linalg::AggregatedOpInterface>(op)) &&
        !reason.empty())
      leftOut.push_back(LeftOutOperator::of(
          placeOf(op), op->getName().getStringRef(), reason));
    return mlir::WalkResult::advance();
  });
  return leftOut;
}

/// Appends `op` at each of its buckets.
static void append(OutlinedOperators &all, eto::OperatorOp op) {
  OperatorAnalysis::Obstacle obstacle;
  std::optional<OperatorAnalysis> analysis = OperatorAnalysis::of(op, obstacle);
  if (!analysis) {
    all.leftOut.push_back({op.getSymName().str(), obstacle.reason});
    return;
  }
  llvm::SmallVector<int64_t> buckets(op.getBuckets());
  if (buckets.empty())
    buckets.push_back(0);
  for (int64_t bucket : buckets) {
    all.operators.push_back(makeTunable(*analysis, bucket));
    all.symbols.push_back(op.getSymName().str());
    all.buckets.push_back(bucket);
  }
}

StatusOr<OutlinedOperators>
orcinus::outlinedOperators(mlir::ModuleOp module,
                           const std::vector<int64_t> &buckets) {
  mlir::MLIRContext &context = *module.getContext();
  Reasons reasons;
  collectReasons(context, reasons);
  mlir::PassManager manager(&context);
  OutlineOperatorsOptions outline;
  outline.buckets.assign(buckets.begin(), buckets.end());
  manager.addPass(createOutlineOperators(outline));
  Status outlined = collectErrors(context, "cannot outline the operators", [&] {
    return succeeded(manager.run(module));
  });
  context.setRemarkEngine(nullptr);
  if (!outlined.ok())
    return outlined;
  OutlinedOperators all;
  for (auto op : module.getOps<eto::OperatorOp>())
    append(all, op);
  for (LeftOutOperator &op : leftOutOf(module, reasons))
    all.leftOut.push_back(std::move(op));
  return all;
}

StatusOr<OutlinedOperators> orcinus::fileOperators(const std::string &path) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status parsed = collectErrors(context, "cannot read the operators", [&] {
    std::string fault;
    std::unique_ptr<llvm::MemoryBuffer> file =
        mlir::openInputFile(path, &fault);
    if (!file)
      return emitError(mlir::UnknownLoc::get(&context), fault), false;
    module = parseModule(file->getBuffer(), context, path);
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  StatusOr<OutlinedOperators> all = outlinedOperators(*module);
  if (all.ok() && all->operators.empty() && all->leftOut.empty())
    return Status::error("no operator in '" + path + "'");
  return all;
}
