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
#include "passes/Tuning/Passes.h"
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
NetworkOperators::read(const std::string &path,
                       const std::vector<int64_t> &openExtents) {
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
      outlinedOperators(*network->module, openExtents);
  if (!outlined.ok())
    return outlined.status();
  network->rest = std::move(outlined->leftOut);
  llvm::StringMap<int64_t> calls;
  network->module->walk([&](eto::CallOp call) { ++calls[call.getCallee()]; });
  for (auto &&[op, symbol, bucket] :
       llvm::zip(outlined->operators, outlined->symbols, outlined->buckets)) {
    op.calls = calls.lookup(symbol);
    network->all.push_back({symbol, bucket, std::move(op)});
  }
  network->programs.resize(network->all.size());
  return network;
}

/// An operator has a program for each of its extents or none at all: where only
/// some have one, the others have the compiler's own schedule.
void NetworkOperators::attach(const std::string &name) {
  auto op = mlir::SymbolTable(*module).lookup<eto::OperatorOp>(name);
  mlir::Attribute untuned =
      eto::ProgramAttr::get(eto::ScheduleAttr::get(context.get(), Schedule()),
                            /*microseconds=*/0, eto::Source::Default);
  llvm::SmallVector<mlir::Attribute> attached;
  bool isTuned = false;
  for (auto &&[each, program] : llvm::zip(all, programs))
    if (each.name == name) {
      attached.push_back(program ? program : untuned);
      isTuned |= bool(program);
    }
  if (isTuned)
    op.setProgramsAttr(mlir::ArrayAttr::get(context.get(), attached));
  else
    op.removeProgramsAttr();
}

StatusOr<std::optional<TunedProgram>>
NetworkOperators::give(size_t number, const TuningDatabase &database) {
  const OperatorDescription &description = all[number].instance.description;
  StatusOr<std::optional<TunedProgram>> best =
      database.best(description.kind(), description.extents());
  if (!best.ok())
    return best.status();
  if (!*best || (*best)->schedule.empty())
    return std::optional<TunedProgram>();
  programs[number] = eto::ProgramAttr::get(
      eto::ScheduleAttr::get(context.get(), (*best)->schedule),
      (*best)->microseconds,
      *eto::symbolizeSource(sourceName((*best)->source)));
  attach(all[number].name);
  return best;
}

void NetworkOperators::take(size_t number) {
  programs[number] = nullptr;
  attach(all[number].name);
}

std::string NetworkOperators::text() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::ModuleOp(*module).print(stream);
  return text;
}
