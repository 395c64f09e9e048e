//===- WeightPreparation.cpp - Weights as the code reads them -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/WeightPreparation.h"

#include "lib/Graph/AtomicFile.h"
#include "passes/Lowering/Weights.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/Target.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/Process.h"

#include <algorithm>

using namespace orcinus;
using mlir::LLVM::GlobalOp;
using mlir::LLVM::LLVMFuncOp;

Status orcinus::prepareWeights(const Executable &executable) {
  StatusOr<void *> address = executable.lookup(prepareWeightsName);
  if (!address.ok())
    return address.status();
  auto prepare = reinterpret_cast<const char *(*)(void **)>(*address);
  const char *problem = prepare(nullptr);
  return problem ? Status::error("cannot prepare the weights: " +
                                     std::string(problem),
                                 StatusCode::OutOfMemory)
                 : Status();
}

//===----------------------------------------------------------------------===//
// Taking a module apart
//===----------------------------------------------------------------------===//

/// Whether `global` is memory of another object.
static bool isDeclared(GlobalOp global) {
  return global.getInitializerRegion().empty() && !global.getValueOrNull();
}

/// Whether `global` is memory that the preparation fills.
static bool isPrepared(GlobalOp global) {
  return global.getLinkage() == mlir::LLVM::Linkage::External &&
         !isDeclared(global) && global.getSymName().contains(preparedSuffix);
}

/// Erases what no symbol that `stays` refers to.
static void eraseUnused(mlir::ModuleOp module,
                        llvm::function_ref<bool(mlir::Operation *)> stays) {
  using Visibility = mlir::SymbolTable::Visibility;
  for (mlir::Operation &op : *module.getBody())
    if (llvm::isa<LLVMFuncOp, GlobalOp>(op))
      mlir::SymbolTable::setSymbolVisibility(
          &op, stays(&op) ? Visibility::Public : Visibility::Private);
  mlir::PassManager manager(module.getContext());
  manager.enableVerifier(false);
  manager.addPass(mlir::createSymbolDCEPass());
  // There is nothing at which it fails.
  (void)manager.run(module);
}

mlir::OwningOpRef<mlir::ModuleOp>
orcinus::takePreparation(mlir::ModuleOp module) {
  mlir::OwningOpRef<mlir::ModuleOp> preparation = module.clone();
  eraseUnused(*preparation, [](mlir::Operation *op) {
    auto global = llvm::dyn_cast<GlobalOp>(op);
    return global ? isPrepared(global)
                  : mlir::SymbolTable::getSymbolName(op).getValue() ==
                        prepareWeightsName;
  });
  mlir::SymbolTable(module).erase(
      mlir::SymbolTable(module).lookup(prepareWeightsName));
  for (auto global : module.getOps<GlobalOp>())
    if (isPrepared(global))
      global.getInitializerRegion().getBlocks().clear();
  eraseUnused(module, [](mlir::Operation *op) {
    auto function = llvm::dyn_cast<LLVMFuncOp>(op);
    auto global = llvm::dyn_cast<GlobalOp>(op);
    bool isDefined = function ? !function.isExternal() : !isDeclared(global);
    auto linkage = function ? function.getLinkage() : global.getLinkage();
    return isDefined && linkage == mlir::LLVM::Linkage::External;
  });
  return preparation;
}

std::vector<std::string> orcinus::weightSymbolsOf(mlir::ModuleOp module) {
  std::vector<std::string> symbols;
  for (auto global : module.getOps<GlobalOp>())
    if (isDeclared(global))
      symbols.push_back(global.getSymName().str());
  return symbols;
}

//===----------------------------------------------------------------------===//
// Running it
//===----------------------------------------------------------------------===//

/// The program of `preparation`, linked against `weights`.
static StatusOr<std::unique_ptr<Executable>>
linkInMemory(mlir::ModuleOp preparation,
             const std::vector<RuntimeSymbol> &weights) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  StatusOr<std::string> object =
      makeHostObject(preparation, "preparation", /*checked=*/true);
  if (!object.ok())
    return object.status();
  return Executable::load({{std::move(*object)}, ""}, *target, weights);
}

StatusOr<std::vector<StoredWeight>> orcinus::storePrepared(
    mlir::ModuleOp preparation, const std::vector<RuntimeSymbol> &weights,
    const std::vector<std::string> &wanted, const WorkFolder &folder) {
  mlir::DataLayout layout(preparation);
  std::vector<std::pair<std::string, size_t>> prepared;
  for (auto global : preparation.getOps<GlobalOp>())
    if (isPrepared(global) && std::find(wanted.begin(), wanted.end(),
                                        global.getSymName()) != wanted.end())
      prepared.emplace_back(global.getSymName().str(),
                            layout.getTypeSize(global.getType()));
  std::vector<StoredWeight> stored;
  if (prepared.empty())
    return stored;
  StatusOr<std::unique_ptr<Executable>> executable =
      linkInMemory(preparation, weights);
  if (!executable.ok())
    return executable.status();
  if (Status status = prepareWeights(**executable); !status.ok())
    return status;
  std::string path = folder.file("prepared");
  AtomicFile file(path);
  Status status = file.open();
  size_t offset = 0;
  for (const auto &[symbol, bytes] : prepared) {
    StatusOr<void *> address = (*executable)->lookup(symbol);
    if (!address.ok())
      return address.status();
    if (status.ok())
      status = file.write({static_cast<const char *>(*address), bytes});
    stored.push_back({symbol, path, offset, bytes});
    offset += bytes;
  }
  // LLVM wants a zero behind a file: it maps one that ends within a page, and
  // reads another whole for each weight in it.
  if (status.ok() && offset % llvm::sys::Process::getPageSizeEstimate() == 0)
    status = file.write({"", 1});
  if (status.ok())
    status = file.commit();
  if (!status.ok())
    return status;
  return stored;
}
