//===- ModuleEntries.cpp - The functions that a module offers -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ModuleEntries.h"

#include "passes/Lowering/MemoryPlan.h"

#include "dialects/TGNN/IR/TGNNOps.h"
#include "passes/Lowering/Weights.h"
#include "runtime/Jit/CollectErrors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"

#include <optional>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static std::optional<TensorElement> elementOf(mlir::Type type) {
  std::string name;
  llvm::raw_string_ostream stream(name);
  type.print(stream);
  return parseTensorElement(name);
}

/// Tensors and memrefs whose elements lie row-major.
static std::optional<TensorType> describe(mlir::Type type) {
  TensorType description;
  auto shaped = llvm::dyn_cast<mlir::ShapedType>(type);
  std::optional<TensorElement> element =
      elementOf(shaped ? shaped.getElementType() : type);
  if (!element)
    return std::nullopt;
  description.element = *element;
  if (!shaped) {
    description.kind = TensorType::Kind::Scalar;
    return description;
  }
  auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
  auto memref = llvm::dyn_cast<mlir::MemRefType>(type);
  if (!(tensor && !tensor.getEncoding()) &&
      !(memref && memref.getLayout().isIdentity()))
    return std::nullopt;
  if (memref)
    description.kind = TensorType::Kind::Memory;
  for (int64_t extent : shaped.getShape())
    description.extents.push_back(mlir::ShapedType::isDynamic(extent) ? -1
                                                                      : extent);
  return description;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Describes `function`, or says what is wrong with it.
static std::optional<EntryPoint> describe(mlir::func::FuncOp function) {
  llvm::StringRef name = function.getSymName();
  auto isPlain = [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("_$-.").contains(c);
  };
  if (!llvm::all_of(name, isPlain)) {
    function.emitError("the name of a function must be of letters, digits, _, "
                       "$, - and points");
    return std::nullopt;
  }
  EntryPoint entry;
  entry.name = name.str();
  for (mlir::Type type : function.getArgumentTypes()) {
    std::optional<TensorType> described = describe(type);
    if (!described) {
      function.emitError("a function that is called from outside cannot take ")
          << type;
      return std::nullopt;
    }
    entry.arguments.push_back(std::move(*described));
  }
  for (mlir::Type type : function.getResultTypes()) {
    std::optional<TensorType> described = describe(type);
    if (!described || described->kind == TensorType::Kind::Memory) {
      function.emitError(
          "a function that is called from outside cannot return ")
          << type;
      return std::nullopt;
    }
    entry.results.push_back(std::move(*described));
  }
  return entry;
}

/// Whether `function` calls itself, by others or at once, through calls that
/// are not among `passed` yet.
static bool reaches(mlir::func::FuncOp from, mlir::func::FuncOp function,
                    const mlir::SymbolTable &symbols,
                    llvm::SmallPtrSetImpl<mlir::Operation *> &passed) {
  return from
      .walk([&](mlir::func::CallOp call) {
        auto callee = symbols.lookup<mlir::func::FuncOp>(call.getCallee());
        if (!callee)
          return mlir::WalkResult::advance();
        bool found =
            callee == function || (passed.insert(callee).second &&
                                   reaches(callee, function, symbols, passed));
        return found ? mlir::WalkResult::interrupt()
                     : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

/// Whether the functions of `module` can be compiled at all.
static bool checkFunctions(mlir::ModuleOp module) {
  mlir::SymbolTable symbols(module);
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    llvm::SmallPtrSet<mlir::Operation *, 8> passed;
    bool isRecursive = reaches(function, function, symbols, passed);
    if (!function.isDeclaration() && !isRecursive)
      continue;
    // Calls have no memory of their own, so that an endless one ends the
    // process.
    function.emitError(isRecursive
                           ? "a function that calls itself cannot be compiled"
                           : "a function without a body cannot be compiled");
    return false;
  }
  if (llvm::any_of(
          module.getOps<mlir::func::FuncOp>(),
          [](mlir::func::FuncOp function) { return function.isPublic(); }))
    return true;
  auto models = module.getOps<tgnn::ModelOp>();
  if (models.empty())
    module.emitError("the module has no public function");
  else
    (*models.begin())
        .emitError("a model is no function: train it, or compile its steps "
                   "into an object (.o) without a header");
  return false;
}

StatusOr<ModuleManifest> orcinus::nameEntries(mlir::ModuleOp module,
                                              const std::string &name) {
  ModuleManifest manifest;
  manifest.name = name;
  Status status =
      collectErrors(*module.getContext(), "cannot compile the module", [&] {
        if (!checkFunctions(module))
          return false;
        mlir::SymbolTable symbols(module);
        for (auto function : module.getOps<mlir::func::FuncOp>()) {
          if (!function.isPublic())
            continue;
          std::optional<EntryPoint> entry = describe(function);
          if (!entry ||
              failed(symbols.rename(function, manifest.symbolOf(entry->name))))
            return false;
          manifest.entryPoints.push_back(std::move(*entry));
        }
        return true;
      });
  if (!status.ok())
    return status;
  return manifest;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Whether `file` has what `global` asks for; else says what is wrong.
static bool checkWeight(mlir::memref::GlobalOp global,
                        const WeightsFile *file) {
  llvm::StringRef name = global.getSymName();
  if (!file) {
    global.emitError("there is no file of weights beside the module");
    return false;
  }
  std::optional<TensorType> type = describe(global.getType());
  if (!type) {
    global.emitError("a weight cannot be a ") << global.getType();
    return false;
  }
  for (const Weight &weight : file->weights()) {
    if (weight.name != name)
      continue;
    if (weight.element == type->element && weight.extents == type->extents)
      return true;
    TensorType found{weight.element, TensorType::Kind::Memory, weight.extents};
    global.emitError("in '") << file->path() << "' the weight '" << name
                             << "' is a " << found.toString();
    return false;
  }
  global.emitError("'") << file->path() << "' has no weight '" << name << "'";
  return false;
}

Status orcinus::nameWeights(mlir::ModuleOp module,
                            const ModuleManifest &manifest,
                            const WeightsFile *file) {
  return collectErrors(*module.getContext(), "cannot compile the module", [&] {
    mlir::SymbolTable symbols(module);
    for (mlir::memref::GlobalOp global : weightsOf(module)) {
      std::string symbol = manifest.weightSymbol(global.getSymName().str());
      if (!checkWeight(global, file) || failed(symbols.rename(global, symbol)))
        return false;
      // Without a value, a private one would be memory of the module's own.
      mlir::SymbolTable::setSymbolVisibility(
          global, mlir::SymbolTable::Visibility::Public);
    }
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

void orcinus::noteTemporaries(mlir::ModuleOp module, ModuleManifest &manifest) {
  auto sizes = module->getAttrOfType<mlir::DictionaryAttr>(temporaryBytesName);
  if (!sizes)
    return;
  for (EntryPoint &entry : manifest.entryPoints)
    if (auto size =
            sizes.getAs<mlir::IntegerAttr>(manifest.symbolOf(entry.name)))
      entry.temporaryBytes = size.getInt();
}

void orcinus::addModuleSymbols(mlir::ModuleOp module,
                               const ModuleManifest &manifest, bool exports) {
  bool parallel = module
                      .walk([](mlir::omp::ParallelOp) {
                        return mlir::WalkResult::interrupt();
                      })
                      .wasInterrupted();
  mlir::Location location = module.getLoc();
  mlir::OpBuilder builder(module.getBodyRegion());
  auto integer = builder.getI32Type();
  auto nothing = mlir::LLVM::LLVMVoidType::get(module.getContext());
  auto takesThreads = mlir::LLVM::LLVMFunctionType::get(nothing, integer);
  auto set = mlir::LLVM::LLVMFuncOp::create(
      builder, location, manifest.threadsSymbol(), takesThreads);
  if (parallel)
    (void)mlir::LLVM::lookupOrCreateFn(builder, module, "omp_set_num_threads",
                                       integer, nothing);
  if (exports) {
    std::string text = manifest.print() + '\0';
    mlir::LLVM::GlobalOp::create(
        builder, location,
        mlir::LLVM::LLVMArrayType::get(builder.getI8Type(), text.size()),
        /*isConstant=*/true, mlir::LLVM::Linkage::External,
        moduleManifestSymbol, builder.getStringAttr(text));
  }
  builder.setInsertionPointToStart(set.addEntryBlock(builder));
  if (parallel)
    mlir::LLVM::CallOp::create(builder, location, mlir::TypeRange(),
                               "omp_set_num_threads", set.getArgument(0));
  mlir::LLVM::ReturnOp::create(builder, location, mlir::ValueRange());
}
