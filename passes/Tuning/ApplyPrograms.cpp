//===- ApplyPrograms.cpp - Operators to scheduled ops ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Support/OptionChecks.h"
#include "passes/Tuning/CostEstimate.h"
#include "passes/Tuning/OperatorAnalysis.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/ProgramChoice.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

#include "llvm/Support/FormatVariadic.h"

#include <optional>

namespace orcinus {
#define GEN_PASS_DEF_APPLYPROGRAMS
#include "passes/Tuning/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

/// What an op carries that has one program for each of `buckets`: a schedule
/// where they agree, else a dispatch on loop `dimension`.
static Attribute scheduleOf(ArrayRef<eto::ProgramAttr> programs,
                            ArrayRef<int64_t> buckets, unsigned dimension) {
  SmallVector<eto::ScheduleAttr> schedules;
  SmallVector<int64_t> bounds;
  for (auto [position, program] : llvm::enumerate(programs)) {
    if (!schedules.empty() && schedules.back() == program.getSchedule())
      continue;
    if (!schedules.empty())
      bounds.push_back(buckets[position - 1]);
    schedules.push_back(program.getSchedule());
  }
  if (bounds.empty())
    return schedules.front();
  return eto::DispatchAttr::get(schedules.front().getContext(), dimension,
                                schedules, bounds);
}

/// Sets the schedules of `analysis`' operator, which has programs, on its root.
static void scheduleRoot(const OperatorAnalysis &analysis) {
  eto::OperatorOp op = analysis.getOperator();
  linalg::LinalgOp root = analysis.root();
  SmallVector<eto::ProgramAttr> programs(
      op.getProgramsAttr().getAsRange<eto::ProgramAttr>());
  std::optional<unsigned> loop = analysis.dynamicLoop();
  // The root's loops come first; a loop of another op alone is none to
  // dispatch on, and the largest bucket's schedule serves all.
  Attribute schedule = loop && *loop < root.getNumLoops()
                           ? scheduleOf(programs, op.getBuckets(), *loop)
                           : programs.back().getSchedule();
  root->setAttr(eto::scheduleAttributeName, schedule);
}

/// Replaces `call` by the body of `op`.
static void inlineCall(eto::CallOp call, eto::OperatorOp op) {
  OpBuilder builder(call);
  IRMapping mapping;
  mapping.map(op.getBody().getArguments(), call.getInputs());
  Block &body = op.getBody().front();
  for (Operation &nested : body.without_terminator())
    builder.clone(nested, mapping);
  for (auto [output, yielded] :
       llvm::zip(call.getOutputs(), body.getTerminator()->getOperands()))
    output.replaceAllUsesWith(mapping.lookup(yielded));
  call->erase();
}

namespace {

class ApplyProgramsPass
    : public orcinus::impl::ApplyProgramsBase<ApplyProgramsPass> {
public:
  using ApplyProgramsBase::ApplyProgramsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context).threads(threads).result();
  }

  void runOnOperation() override {
    std::optional<TuningDatabase> file;
    if (!database.empty()) {
      FailureOr<TuningDatabase> opened =
          openDatabase(getOperation(), database, target, threads);
      if (failed(opened))
        return signalPassFailure();
      file = std::move(*opened);
    }
    for (auto op : getOperation().getOps<eto::OperatorOp>())
      if (!op.getBridge() && failed(schedule(op, file ? &*file : nullptr)))
        return signalPassFailure();
    if (inlineOperators)
      inlineAll();
  }

private:
  /// Gives `op` programs, unless it has some, and its root their schedules.
  LogicalResult schedule(eto::OperatorOp op, const TuningDatabase *file) {
    FailureOr<OperatorAnalysis> analysis = OperatorAnalysis::ofTunable(op);
    if (failed(analysis))
      return failure();
    if (op.getPrograms())
      explain(op, {0, nullptr, "given by the module"});
    else if (!file)
      explain(op, {0, nullptr, "no database, left to the lowering"});
    else if (failed(lookUpPrograms(*analysis, *file)))
      return failure();
    if (!op.getPrograms()) {
      ++untunedOperators;
      return success();
    }
    ++tunedOperators;
    scheduleRoot(*analysis);
    return success();
  }

  LogicalResult lookUpPrograms(const OperatorAnalysis &analysis,
                               const TuningDatabase &file) {
    eto::OperatorOp op = analysis.getOperator();
    StatusOr<std::vector<ChosenProgram>> chosen =
        choosePrograms(analysis, file);
    if (!chosen.ok())
      return op.emitError() << chosen.message();
    SmallVector<Attribute> programs;
    for (const ChosenProgram &program : *chosen) {
      explain(op, program);
      if (program.program)
        programs.push_back(program.program);
    }
    if (!programs.empty())
      op.setProgramsAttr(ArrayAttr::get(&getContext(), programs));
    return success();
  }

  static void explain(eto::OperatorOp op, const ChosenProgram &program) {
    std::string instance = ("@" + op.getSymName()).str();
    if (program.bucket)
      instance += llvm::formatv("[{0}]", program.bucket);
    remark::analysis(op.getLoc(),
                     remark::RemarkOpts::name("program").category("eto-apply"))
        << remark::add("{0}: {1}", instance, program.reason);
  }

  /// Replaces calls by bodies and removes the operators, with all that the
  /// module says of them. Modules within it have operators of their own.
  void inlineAll() {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op != module && op->hasTrait<OpTrait::SymbolTable>())
        return WalkResult::skip();
      auto call = dyn_cast<eto::CallOp>(op);
      if (!call)
        return WalkResult::advance();
      inlineCall(call, symbols.lookup<eto::OperatorOp>(call.getCallee()));
      return WalkResult::skip();
    });
    module->removeAttr(eto::reuseGraphAttributeName);
    module->removeAttr(eto::planAttributeName);
    for (auto op : llvm::make_early_inc_range(module.getOps<eto::OperatorOp>()))
      op->erase();
  }
};

} // namespace
