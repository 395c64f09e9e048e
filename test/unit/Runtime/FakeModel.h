//===- FakeModel.h - A model compiled by hand -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_RUNTIME_FAKEMODEL_H
#define TEST_UNIT_RUNTIME_FAKEMODEL_H

#include "orcinus/Runtime/Compiler.h"
#include "runtime/Device/Device.h"

#include <memory>
#include <string>

namespace orcinus::test {

/// A logistic model over four figures of a pair of nodes: a constant, how often
/// the second node is among the first one's sampled neighbours, the product of
/// their states, and the state of the first. It keeps the contract of
/// docs/abi.md in full (state, messages, commit, Adam, dropout, a scratch
/// allocation), so that the runtime is tested without a compiler.
/// `options.modelText`, if any, becomes its text.
std::shared_ptr<const CompiledModel> makeFakeModel(CompileOptions options = {});

/// The same for a device: its step functions copy tables there and outputs back
/// and launch kernels, which refuse to run where an array that the contract
/// puts on the device is not there. `device` is a SimulatorDevice with
/// launchFakeKernel(), or the error that there is none.
std::shared_ptr<const CompiledModel>
makeFakeDeviceModel(StatusOr<std::shared_ptr<Device>> device);

/// Runs the kernels of that model.
Status launchFakeKernel(const SimulatedKernel &kernel, const LaunchSize &grid,
                        const LaunchSize &block, int64_t sharedBytes,
                        void **parameters);

/// The same with another manifest, for tests of bad ones.
std::shared_ptr<const CompiledModel>
makeFakeModelWithManifest(const std::string &manifest);

} // namespace orcinus::test

#endif // TEST_UNIT_RUNTIME_FAKEMODEL_H
