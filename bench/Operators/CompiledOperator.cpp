//===- CompiledOperator.cpp - Operators of a schedule, to be timed --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledOperator.h"

#include "OperatorText.h"

#include "passes/Lowering/VectorTarget.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/OperatorCompiler.h"
#include "runtime/Jit/Target.h"

#include <algorithm>

using namespace orcinus;
using namespace orcinus::bench;

/// The program of `description`, and the shapes of its function's arguments.
static StatusOr<OperatorText> textOf(const OperatorDescription &description,
                                     const Schedule &schedule) {
  if (description.body == "multiply_add")
    return sumOfProductsText(description, schedule,
                             VectorTarget::host().vectorBits / 32);
  StatusOr<std::string> module = emitOperatorModule(description);
  if (!module.ok())
    return module.status();
  OperatorText text{std::move(*module), schedule, {}};
  for (const OperatorOperand &operand : description.operands)
    text.shapes.push_back(description.shapeOf(operand));
  return text;
}

StatusOr<std::unique_ptr<CompiledOperator>>
CompiledOperator::create(const OperatorDescription &description,
                         const Schedule &schedule, int threads) {
  StatusOr<OperatorText> text = textOf(description, schedule);
  if (!text.ok())
    return text.status();
  OperatorCompiler compiler(threads);
  StatusOr<std::string> object = compiler.compile(text->module, text->schedule);
  if (!object.ok())
    return object.status();
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  std::vector<RuntimeSymbol> symbols;
  for (const AbiSymbol &symbol : abiSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  StatusOr<std::unique_ptr<Executable>> executable =
      Executable::load({{*object}, ""}, *target, symbols);
  if (!executable.ok())
    return executable.status();
  std::unique_ptr<CompiledOperator> compiled(new CompiledOperator);
  compiled->executable = std::move(*executable);
  StatusOr<Executable::PackedFunction> function =
      compiled->executable->packedFunction("operator");
  if (!function.ok())
    return function.status();
  compiled->function = *function;
  for (const std::vector<int64_t> &shape : text->shapes)
    compiled->addOperand(shape);
  for (MemRef &memref : compiled->memrefs)
    compiled->arguments.push_back(memref.descriptor());
  return compiled;
}

void CompiledOperator::addOperand(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  std::span<float> values = buffers.emplace_back().reserve<float>(size);
  std::fill(values.begin(), values.end(), 0.5f);
  memrefs.emplace_back(values.data(), shape);
}
