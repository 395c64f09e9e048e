//===- CaseRunner.cpp - Compile, call, compare ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CaseRunner.h"

#include "CallMemory.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/Executable.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/OperatorLowering.h"
#include "runtime/Jit/Target.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"

#include <utility>

using namespace orcinus;
using namespace orcinus::differential;

void differential::registerCaseDialects(mlir::DialectRegistry &registry) {
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  registry.insert<mlir::tensor::TensorDialect>();
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerOpenMPDialectTranslation(registry);
}

CaseRunner::CaseRunner() {
  mlir::DialectRegistry registry;
  registerCaseDialects(registry);
  mlirContext = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  mlirContext->loadDialect<eto::ETODialect>();
}

CaseRunner::~CaseRunner() = default;

static mlir::func::FuncOp publicFunction(mlir::ModuleOp module) {
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (function.isPublic())
      return function;
  return nullptr;
}

static bool hasTensors(mlir::func::FuncOp function) {
  return llvm::any_of(function.getArgumentTypes(), [](mlir::Type type) {
    return isa<mlir::RankedTensorType>(type);
  });
}

/// The machine code of `module`, made as the product makes it.
static StatusOr<std::string> compile(mlir::ModuleOp module, const Case &tested,
                                     bool tensors) {
  mlir::PassManager manager(module.getContext());
  manager.enableVerifier(false);
  if (tested.outlined) {
    OutlineOperatorsOptions outline;
    outline.fewestIterations = 1;
    manager.addPass(createOutlineOperators(outline));
    manager.addPass(createApplyPrograms());
  }
  if (tensors) {
    BufferizePipelineOptions bufferize;
    bufferize.placePadding = true;
    buildBufferizePipeline(manager, bufferize);
  }
  LowerToHostOptions options;
  options.vectorBits = tested.vectorBits;
  options.vectorRegisters = tested.vectorRegisters;
  options.threads = tested.threads;
  buildLowerToHostPipeline(manager, options);
  Status lowered = collectErrors(*module.getContext(), "cannot lower", [&] {
    return succeeded(manager.run(module));
  });
  if (!lowered.ok())
    return lowered;
  return makeOperatorObject(module);
}

StatusOr<Evaluation>
CaseRunner::expected(const Case &tested, mlir::ModuleOp module,
                     const std::vector<ArgumentLayout> &layouts) {
  // Schedules change nothing.
  mlir::OwningOpRef<mlir::ModuleOp> plain(module.clone());
  plain->walk(
      [](mlir::Operation *op) { op->removeAttr(eto::scheduleAttributeName); });
  std::string question;
  llvm::raw_string_ostream stream(question);
  stream << *plain << tested.dataSeed << tested.integers;
  for (const ArgumentLayout &layout : layouts)
    llvm::interleaveComma(layout.shape, stream);
  if (question == asked && answer)
    return *answer;
  mlir::func::FuncOp function = publicFunction(*plain);
  StatusOr<Evaluation> evaluation =
      interpret(function, drawArguments(function, tested, layouts));
  if (!evaluation.ok())
    return evaluation.status();
  asked = std::move(question);
  answer = *evaluation;
  return evaluation;
}

Outcome CaseRunner::run(const Case &tested) {
  auto module = parseOperator(*mlirContext, tested.module);
  if (!module.ok())
    return {Verdict::Unknown, module.message()};
  mlir::func::FuncOp function = publicFunction(**module);
  if (!function)
    return {Verdict::Unknown, "the module has no public function"};
  std::vector<ArgumentLayout> layouts =
      tested.layouts.empty() ? denseLayouts(function) : tested.layouts;
  StatusOr<Evaluation> wanted = expected(tested, **module, layouts);
  if (!wanted.ok())
    return {Verdict::Unknown, wanted.message()};
  StatusOr<CallMemory> memory =
      CallMemory::prepare(function, tested, layouts, *wanted);
  if (!memory.ok())
    return {Verdict::Unknown, memory.message()};
  std::string name = function.getName().str();
  StatusOr<std::string> object =
      compile(**module, tested, hasTensors(function));
  if (!object.ok())
    return {Verdict::Refused, object.message()};
  auto target = hostTarget();
  if (!target.ok())
    return {Verdict::Unknown, target.message()};
  auto executable =
      Executable::load({{*object}, ""}, *target, guardedAllocator());
  if (!executable.ok())
    return {Verdict::Refused, executable.message()};
  auto entry = (*executable)->packedFunction(name);
  if (!entry.ok())
    return {Verdict::Refused, entry.message()};
  if (tested.threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(tested.threads);
  startGuardedAllocations(tested.memory);
  (*entry)(memory->descriptors());
  std::string wrong = takeAllocationReport();
  if (wrong.empty())
    wrong = memory->compare();
  return {wrong.empty() ? Verdict::Right : Verdict::Wrong, std::move(wrong)};
}
