//===- StepOutputs.h - What a step function gives ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_STEPOUTPUTS_H
#define RUNTIME_TRAIN_STEPOUTPUTS_H

#include "lib/Support/StepCount.h"
#include "orcinus/Support/Status.h"
#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Memory/AlignedBuffer.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/Manifest.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace orcinus {

/// What a driver reads: an output of that role and those extents.
struct OutputForm {
  std::string_view role;
  /// What it has a row for; nothing for a number.
  std::optional<StepCount> rows;
  /// Whether a row has columns, as many as the program says.
  bool hasColumns = false;
};

/// The mean loss of a batch.
inline constexpr OutputForm lossOutput{"loss", std::nullopt};
/// The logits of pairs: of events and then of their negatives, or of the pairs
/// that are asked for.
inline constexpr OutputForm scoresOutput{"scores", StepCount::Pairs};
/// What is predicted of labels.
inline constexpr OutputForm predictionsOutput{"predictions", StepCount::Labels,
                                              /*hasColumns=*/true};
/// The embeddings of targets.
inline constexpr OutputForm embeddingsOutput{"embeddings", StepCount::Targets,
                                             /*hasColumns=*/true};

/// The outputs of a step function, in memory that grows with its steps.
class StepOutputs {
public:
  /// What the last step wrote: f32[rows, columns].
  struct View {
    std::span<const float> values;
    /// The product of all extents but the first, which must be numbers.
    int64_t columns = 0;
  };

  /// Makes the output that `argument` describes, whose extents may name tables
  /// of `tables`; all three must outlive it. The descriptor for the function
  /// stays in place. Errors: a table's handle is out of range.
  StatusOr<MemrefDescriptor *> add(const ArgumentSpecification &argument,
                                   StepTables &tables);

  /// Makes room for the outputs of a step, after its tables. Errors: an output
  /// of more elements than can be counted.
  Status resize(const StepInput &input);

  /// The output of that role, the one of number `place` where several share it;
  /// empty where there is none.
  View find(std::string_view role, size_t place = 0) const;

  /// Errors: no output has this form; `function` is whose outputs they are.
  Status check(const OutputForm &form, std::string_view function) const;

private:
  struct Term {
    int64_t factor;
    StepCount count;
    /// Whose rows count; null for a count of the step.
    const Table *table;
  };
  struct Output {
    const ArgumentSpecification *argument;
    /// Of each extent.
    std::vector<std::vector<Term>> terms;
    MemrefDescriptor descriptor;
    AlignedBuffer storage;
    View view;
  };

  const Output *findOutput(std::string_view role, size_t place) const;

  /// At fixed places: functions are bound to their descriptors.
  std::vector<std::unique_ptr<Output>> outputs;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_STEPOUTPUTS_H
