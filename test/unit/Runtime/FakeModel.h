//===- FakeModel.h - A model compiled by hand -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_RUNTIME_FAKEMODEL_H
#define TEST_UNIT_RUNTIME_FAKEMODEL_H

#include "orcinus/Runtime/Compiler.h"

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

/// The same with another manifest, for tests of bad ones.
std::shared_ptr<const CompiledModel>
makeFakeModelWithManifest(const std::string &manifest);

} // namespace orcinus::test

#endif // TEST_UNIT_RUNTIME_FAKEMODEL_H
