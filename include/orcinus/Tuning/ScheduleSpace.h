//===- ScheduleSpace.h - The schedules an operator can have -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A space says which parameters an operator's schedules have, what each may be,
// and which combinations can work at all. Search and reuse are generic over it:
// they know of a parameter its role, the loop that it cuts and its choices.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_SCHEDULESPACE_H
#define ORCINUS_TUNING_SCHEDULESPACE_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"
#include "orcinus/Tuning/Target.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// What a parameter is to the reuse of programs. What decides on registers,
/// cache footprint and the shape of the innermost loops stays in reuse; what
/// the extents change is searched.
enum class ParameterRole {
  /// Extent of a tile below the outermost level. Stays.
  InnerTile,
  /// Extent of a tile of the outermost level. Searched.
  OuterTile,
  /// Number of a permutation of the outer loops. Searched.
  LoopOrder,
  /// Parts that a loop is divided into among threads; 0 or 1 does not divide.
  /// Searched.
  ParallelSplit,
  /// Copies of an innermost loop's body. Stays.
  Unroll,
  /// Lanes of a vector operation. Stays.
  VectorWidth,
  /// Whether, or how, an operand is copied into tile order first. Stays.
  Pack,
  /// Whether an extent is rounded up to the tile. Stays.
  Pad,
};

struct ScheduleParameter {
  /// As in the schedule: `tile_rows`.
  std::string name;
  ParameterRole role = ParameterRole::InnerTile;
  /// Index into the operator's `loops` of the loop that it cuts; -1 where it
  /// cuts none.
  int loop = -1;
  /// Iterations of that loop that a value of 1 stands for: the lanes of a
  /// vector where the value counts vectors.
  int64_t unit = 1;
  /// The values that search tries, ascending and not empty. A tile of 0 is the
  /// whole loop.
  std::vector<int64_t> choices;
};

/// The schedules of one operator on one target.
class ScheduleSpace {
public:
  virtual ~ScheduleSpace();

  const OperatorDescription &description() const { return operatorDescription; }
  const TargetDescription &target() const { return targetDescription; }

  /// The parameters, in the order of a schedule's entries. Their names, roles
  /// and units are the same for all operators of one kind; choices may differ.
  const std::vector<ScheduleParameter> &parameters() const {
    return parameterList;
  }

  /// Whether `schedule` can work: it has exactly the parameters, each in its
  /// range, and the combination fits the machine. Values that are no choice may
  /// be legal. Errors: the first rule that is broken; nothing is compiled.
  virtual Status legal(const Schedule &schedule) const;

  /// A good schedule without measuring anything. Always legal.
  virtual Schedule defaultSchedule() const = 0;

  /// What the compiler does where no schedule is given: the empty schedule,
  /// which is no point of the space, or `defaultSchedule()` where that is the
  /// same.
  virtual Schedule compilerSchedule() const { return Schedule(); }

  /// What the cost model sees of `schedule`: as many numbers for all operators
  /// of one kind. The base class gives the logarithms of extents, bytes and
  /// values, and for each tile how often it fits and what it wastes.
  virtual std::vector<float> features(const Schedule &schedule) const;

protected:
  ScheduleSpace(OperatorDescription description, TargetDescription target)
      : operatorDescription(std::move(description)),
        targetDescription(std::move(target)) {}

  void addParameter(ScheduleParameter parameter) {
    parameterList.push_back(std::move(parameter));
  }

private:
  OperatorDescription operatorDescription;
  TargetDescription targetDescription;
  std::vector<ScheduleParameter> parameterList;
};

/// The space of `description` on `target`. Errors: a family that the target has
/// no space for, an operator that is too large for any machine.
StatusOr<std::unique_ptr<ScheduleSpace>>
createScheduleSpace(const OperatorDescription &description,
                    const TargetDescription &target);

} // namespace orcinus

#endif // ORCINUS_TUNING_SCHEDULESPACE_H
