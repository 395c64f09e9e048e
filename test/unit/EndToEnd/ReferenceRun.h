//===- ReferenceRun.h - A compiled run beside the reference -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_ENDTOEND_REFERENCERUN_H
#define ORCINUS_TEST_UNIT_ENDTOEND_REFERENCERUN_H

#include "TestModel.h"

#include "orcinus/Graph/Split.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orcinus::test {

/// The options of the runs that are compared: few events a batch, no masked
/// nodes.
TrainOptions shortRun();

/// The split of such a run.
Split splitForReference(const EventStream &stream);

/// Batch `batch` of epoch `epoch`, from 0, with the negatives that the trainer
/// draws.
reference::Batch trainingBatch(const EventStream &stream, const Split &split,
                               int epoch, int64_t batch);

/// Adam on one element of a parameter, in double.
struct ElementOfAdam {
  std::string name, referenceName;
  int64_t index;
  double first = 0, second = 0;
  bool isMeasurable = true;

  /// The change of the element by a step with this gradient, over the rate.
  double update(double gradient, int64_t step);

  /// Whether single precision can be compared: where a gradient vanishes, Adam
  /// divides rounding by rounding.
  bool canBeMeasured() const { return isMeasurable && second >= 1e-13; }
};

/// Trains four steps and expects of each of `elements` the change that Adam
/// makes of `gradient`: `before` is told the step, from 0, ahead of the
/// gradients that are asked for it, and `after` is called when it was made.
void expectStepsOfAdam(
    Trainer &trainer, std::vector<ElementOfAdam> elements,
    const std::function<void(int64_t step)> &before,
    const std::function<double(const ElementOfAdam &element)> &gradient,
    const std::function<void()> &after);

/// A run of a compiled model with the reference beside it.
class ReferenceRun {
public:
  ReferenceRun(std::shared_ptr<const EventStream> stream,
               const CompileOptions &options);

  reference::Batch batchOf(int epoch, int64_t batch) const {
    return trainingBatch(*stream, split, epoch, batch);
  }
  int64_t batchCount() const;

  /// Gives the references the trainer's parameters.
  void takeParameters();
  void commit(const reference::Batch &batch);

  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const CompiledModel> model;
  Trainer trainer;
  Split split;
  /// Samples from the training events, and from all.
  std::optional<reference::Model> training, serving;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_ENDTOEND_REFERENCERUN_H
