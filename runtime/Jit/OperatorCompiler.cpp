//===- OperatorCompiler.cpp - Operators to machine code -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorCompiler.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/OperatorLowering.h"
#include "runtime/Jit/ReferenceModules.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"

using namespace orcinus;

OperatorCompiler::OperatorCompiler(int threads) : threads(threads) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  registerHostTranslations(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  // Its attributes are set on modules that have none of it.
  context->loadDialect<eto::ETODialect>();
}

OperatorCompiler::~OperatorCompiler() = default;

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// Elements beyond which a tensor does not fit any machine, nor the products of
/// its extents and strides 64 bits.
static constexpr int64_t mostElements = int64_t(1) << 46;

/// Appends the shapes of `types`; false where one is no static f32 tensor, or
/// one of too many elements.
static bool appendShapes(mlir::TypeRange types,
                         std::vector<std::vector<int64_t>> &shapes) {
  for (mlir::Type type : types) {
    auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape() ||
        !tensor.getElementType().isF32() ||
        saturatedElements(tensor.getShape()) > mostElements)
      return false;
    shapes.push_back(tensor.getShape().vec());
  }
  return true;
}

StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
OperatorCompiler::parse(llvm::StringRef text) {
  return parseOperator(*context, text);
}

StatusOr<OperatorSignature> OperatorCompiler::signature(llvm::StringRef text) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module =
      parseOperator(*context, text);
  if (!module.ok())
    return module.status();
  OperatorSignature signature;
  for (auto function : (**module).getOps<mlir::func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    if (!signature.function.empty())
      return Status::error("an operator's module has one public function");
    signature.function = function.getName().str();
    for (mlir::Type type : function.getArgumentTypes()) {
      signature.isScalar.push_back(type.isF32());
      if (type.isF32())
        signature.arguments.emplace_back();
      else if (!appendShapes(type, signature.arguments))
        return Status::error("an operator takes f32 and f32 tensors with "
                             "static shapes of at most 2^46 elements");
    }
    if (!appendShapes(function.getResultTypes(), signature.results))
      return Status::error("an operator returns f32 tensors with static "
                           "shapes of at most 2^46 elements");
  }
  if (signature.results.empty())
    return Status::error("an operator's module has no public function with a "
                         "result");
  return signature;
}

//===----------------------------------------------------------------------===//
// The pipeline
//===----------------------------------------------------------------------===//

/// Runs the pipeline on `module` and makes an object file of it.
StatusOr<std::string> OperatorCompiler::lower(mlir::ModuleOp module,
                                              bool scheduled) {
  mlir::PassManager manager(context.get());
  // Verifying between passes takes a third of the time; the translation to
  // LLVM IR verifies the outcome.
  manager.enableVerifier(false);
  addOperatorBufferization(manager);
  LowerToHostOptions host;
  if (scheduled) {
    host.threads = threads;
    host.prepareWeights = true;
  } else {
    manager.nest<mlir::func::FuncOp>().addPass(
        mlir::createConvertLinalgToLoopsPass());
  }
  buildLowerToHostPipeline(manager, host);
  Status lowered = collectErrors(*context, "cannot lower the operator", [&] {
    return succeeded(manager.run(module));
  });
  if (!lowered.ok())
    return lowered;
  return makeOperatorObject(module);
}

StatusOr<std::string> OperatorCompiler::compile(llvm::StringRef text,
                                                const Schedule &schedule) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module =
      parseOperator(*context, text);
  if (!module.ok())
    return module.status();
  setSchedule(**module, schedule);
  return lower(**module, /*scheduled=*/true);
}

StatusOr<std::string>
OperatorCompiler::compileReference(mlir::ModuleOp module) {
  makePlainNests(module);
  return lower(module, /*scheduled=*/false);
}
