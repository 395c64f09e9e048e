//===- OperatorProgram.cpp - A linked program of an operator --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorProgram.h"

#include "passes/Lowering/Weights.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/ProgramTarget.h"
#include "runtime/Jit/Target.h"

#include <vector>

using namespace orcinus;

StatusOr<std::unique_ptr<OperatorProgram>>
OperatorProgram::load(const std::string &object, const std::string &function,
                      Device &device) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  std::vector<RuntimeSymbol> symbols;
  if (device.kind() != DeviceKind::Host)
    symbols = deviceSymbols();
  for (const AbiSymbol &symbol : abiSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  StatusOr<std::unique_ptr<Executable>> executable =
      Executable::load({{object}, ""}, *target, symbols);
  if (!executable.ok())
    return executable.status();
  StatusOr<Executable::PackedFunction> entry =
      (*executable)->packedFunction(function);
  if (!entry.ok())
    return entry.status();
  StatusOr<DeviceModule *> kernels = loadKernels(**executable, device);
  if (!kernels.ok())
    return kernels.status();
  Executable::PackedFunction prepare = nullptr;
  // The name is in the object's table of symbols where the function is there.
  if (llvm::StringRef(object).contains(prepareWeightsName)) {
    StatusOr<Executable::PackedFunction> found =
        (*executable)->packedFunction(prepareWeightsName);
    if (!found.ok())
      return found.status();
    prepare = *found;
  }
  std::unique_ptr<OperatorProgram> program(new OperatorProgram(device));
  program->executable = std::move(*executable);
  program->entry = *entry;
  program->prepare = prepare;
  program->kernels = *kernels;
  return program;
}

OperatorProgram::~OperatorProgram() {
  if (kernels)
    (void)device.unloadModule(kernels);
}
