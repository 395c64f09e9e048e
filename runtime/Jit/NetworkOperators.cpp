//===- NetworkOperators.cpp - A network cut into operators ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/NetworkOperators.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Tuning/OperatorAnalysis.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/ProgramChoice.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/ToolProcess.h"

#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace orcinus;

NetworkOperators::NetworkOperators() {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
}

StatusOr<std::unique_ptr<NetworkOperators>>
NetworkOperators::read(const std::string &path, int64_t openExtent) {
  StatusOr<std::string> text = readBytes(path);
  if (!text.ok())
    return text.status();
  std::unique_ptr<NetworkOperators> network(new NetworkOperators);
  mlir::MLIRContext &context = *network->context;
  Status status = collectErrors(context, "cannot read the network", [&] {
    network->module = parseModule(*text, context, path);
    if (!network->module)
      return false;
    mlir::PassManager manager(&context);
    buildFusePipeline(manager);
    // What was chosen before is chosen anew.
    manager.addPass(createApplyPrograms());
    return succeeded(manager.run(*network->module));
  });
  if (!status.ok())
    return status;
  network->module->walk(
      [](mlir::Operation *op) { op->removeAttr(eto::scheduleAttributeName); });
  StatusOr<OutlinedOperators> outlined =
      outlinedOperators(*network->module, {openExtent});
  if (!outlined.ok())
    return outlined.status();
  network->rest = std::move(outlined->leftOut);
  llvm::StringMap<size_t> numbers;
  for (auto &&[op, symbol] :
       llvm::zip(outlined->operators, outlined->symbols)) {
    numbers.try_emplace(symbol, network->all.size());
    network->all.push_back({symbol, 0, std::move(op)});
  }
  network->module->walk([&](eto::CallOp call) {
    if (auto number = numbers.find(call.getCallee()); number != numbers.end())
      ++network->all[number->second].calls;
  });
  return network;
}

static eto::OperatorOp find(mlir::ModuleOp module, const NetworkOperator &op) {
  return mlir::SymbolTable(module).lookup<eto::OperatorOp>(op.name);
}

StatusOr<bool> NetworkOperators::give(size_t number,
                                      const TuningDatabase &database) {
  eto::OperatorOp op = find(*module, all[number]);
  OperatorAnalysis::Obstacle obstacle;
  std::optional<OperatorAnalysis> analysis = OperatorAnalysis::of(op, obstacle);
  if (!analysis)
    return false;
  StatusOr<std::vector<ChosenProgram>> chosen =
      choosePrograms(*analysis, database);
  if (!chosen.ok())
    return chosen.status();
  llvm::SmallVector<mlir::Attribute> programs;
  for (const ChosenProgram &each : *chosen)
    if (each.program)
      programs.push_back(each.program);
  bool isTuned = llvm::any_of(programs, [](mlir::Attribute program) {
    return !llvm::cast<eto::ProgramAttr>(program)
                .getSchedule()
                .toSchedule()
                .empty();
  });
  if (isTuned && programs.size() == chosen->size())
    op.setProgramsAttr(mlir::ArrayAttr::get(context.get(), programs));
  return isTuned;
}

void NetworkOperators::take(size_t number) {
  find(*module, all[number]).removeProgramsAttr();
}

std::string NetworkOperators::text() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::ModuleOp(*module).print(stream);
  return text;
}
