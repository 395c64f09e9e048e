//===- HostDescription.cpp - This machine, as tuning sees it --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/HostDescription.h"

#include "orcinus/Tuning/GpuChip.h"
#include "passes/Lowering/CompilerDigest.h"
#include "passes/Lowering/HostProcessor.h"
#include "passes/Lowering/VectorTarget.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Error.h"

#include <string>

using namespace orcinus;

TargetDescription orcinus::describeHost(int64_t threads) {
  TargetDescription target;
  if (auto builder = hostProcessor()) {
    target.cpu = builder->getCPU();
    target.features = builder->getFeatures().getString();
  } else {
    llvm::consumeError(builder.takeError());
  }
  const VectorTarget &vectors = VectorTarget::host();
  target.vectorBits = vectors.vectorBits;
  target.vectorRegisters = vectors.vectorRegisters;
  target.threads = threads;
  return target;
}

StatusOr<TargetDescription> orcinus::describeTarget(std::string_view name,
                                                    int64_t threads) {
  if (name == "host")
    return describeHost(threads);
  if (name == simulatorTarget)
    return describeSimulator();
  StatusOr<const GpuChip *> chip = findGpuChip(name);
  if (!chip.ok())
    return chip.status();
  return describeGpu(**chip);
}

TuningContext orcinus::tuningContext(const TargetDescription &target) {
  std::string compiler = "llvm " LLVM_VERSION_STRING " sources ";
  // As much of it as people can compare.
  constexpr size_t digits = 16;
  compiler += operatorDigest(target.name != "host").substr(0, digits);
  return {target.key(), std::move(compiler)};
}
