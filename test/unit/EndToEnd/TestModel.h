//===- TestModel.h - Small built-in models, compiled ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_ENDTOEND_TESTMODEL_H
#define ORCINUS_TEST_UNIT_ENDTOEND_TESTMODEL_H

#include "lib/Reference/Reference.h"
#include "orcinus/Runtime/Trainer.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus::test {

/// A built-in model of width 8, with 2 heads and 3 neighbours, and with so many
/// layers where its text has such a number.
CompileOptions smallModel(const std::string &name, int layers,
                          const EventStream &stream, float dropout = 0);

/// The built-in model's text with other sizes, each `NAME = VALUE`.
std::string builtinTextWith(const std::string &model,
                            const std::vector<std::string> &sizes);

/// Fails the test and returns null where it does not compile.
std::shared_ptr<const CompiledModel> compileForTest(CompileOptions options);

/// Random events with self-loops and ties, nodes that no event names, and
/// features of so many columns. Time differences are exact in f32.
std::shared_ptr<const EventStream>
smallStream(int64_t edgeColumns, int64_t nodeColumns, unsigned seed);

/// A synthetic stream that can be learnt.
std::shared_ptr<const EventStream> generatedStream(int32_t nodes,
                                                   int64_t events);

Trainer makeTrainer(std::shared_ptr<const EventStream> stream,
                    std::shared_ptr<const CompiledModel> model,
                    const TrainOptions &options);

/// The trainer's parameters as they are now, by the names of the model's text.
reference::Parameters arraysOf(Trainer &trainer, const CompiledModel &model);

/// The same by the names of reference::Model.
reference::Parameters parametersOf(Trainer &trainer,
                                   const CompiledModel &model);

/// Every parameter's values, one after the other.
std::vector<float> allParameters(Trainer &trainer);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_ENDTOEND_TESTMODEL_H
