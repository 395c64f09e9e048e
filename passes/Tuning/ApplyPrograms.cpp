//===- ApplyPrograms.cpp - Operators to scheduled ops ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/HostDescription.h"
#include "passes/Tuning/OperatorAnalysis.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/ProgramChoice.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

#include "llvm/Support/FormatVariadic.h"

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

  void runOnOperation() override {
    TargetDescription target = describeHost(threads);
    std::optional<TuningDatabase> opened;
    if (!database.empty()) {
      StatusOr<TuningDatabase> file = TuningDatabase::openReadOnly(
          database, tuningContext(target));
      if (!file.ok()) {
        getOperation().emitError() << file.message();
        return signalPassFailure();
      }
      opened = std::move(*file);
    }
    ProgramChoice choice(&getContext(), opened ? &*opened : nullptr, target);
    for (auto op : getOperation().getOps<eto::OperatorOp>())
      if (!op.getBridge() && failed(choosePrograms(op, choice)))
        return signalPassFailure();
    if (inlineOperators)
      inlineAll();
  }

private:
  LogicalResult choosePrograms(eto::OperatorOp op,
                               const ProgramChoice &choice) {
    FailureOr<OperatorAnalysis> analysis = OperatorAnalysis::ofTunable(op);
    if (failed(analysis))
      return failure();
    SmallVector<int64_t> buckets(op.getBuckets());
    if (buckets.empty())
      buckets.push_back(0);
    if (op.getPrograms()) {
      for (int64_t bucket : buckets)
        explain(op, bucket, "given by the module");
    } else {
      SmallVector<Attribute> programs;
      for (int64_t bucket : buckets) {
        StatusOr<ChosenProgram> chosen =
            choice.choose(analysis->describe(bucket));
        if (!chosen.ok())
          return op.emitError() << chosen.message();
        explain(op, bucket, chosen->reason);
        countProgram(chosen->program);
        if (chosen->program)
          programs.push_back(chosen->program);
      }
      if (programs.size() != buckets.size())
        return success();
      op.setProgramsAttr(ArrayAttr::get(&getContext(), programs));
    }
    scheduleRoot(*analysis);
    return success();
  }

  void countProgram(eto::ProgramAttr program) {
    if (program && program.getSource() != eto::Source::Default)
      ++tunedPrograms;
    else
      ++defaultPrograms;
  }

  static void explain(eto::OperatorOp op, int64_t bucket, StringRef reason) {
    remark::analysis(op.getLoc(),
                     remark::RemarkOpts::name("program").category("eto-apply"))
        << remark::add("@{0}{1}: {2}", op.getSymName(),
                       bucket ? llvm::formatv("[{0}]", bucket).str()
                              : std::string(),
                       reason);
  }

  /// Replaces calls by bodies and removes the operators, with all that the
  /// module says of them.
  void inlineAll() {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    module.walk([&](eto::CallOp call) {
      inlineCall(call, symbols.lookup<eto::OperatorOp>(call.getCallee()));
    });
    module->removeAttr(eto::reuseGraphAttributeName);
    module->removeAttr(eto::planAttributeName);
    for (auto op :
         llvm::make_early_inc_range(module.getOps<eto::OperatorOp>()))
      op->erase();
  }
};

} // namespace
