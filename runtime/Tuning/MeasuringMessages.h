//===- MeasuringMessages.h - What measuring processes say -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first process of a tuning gives orders, the others answer. A message is a
// line of JSON.
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TUNING_MEASURINGMESSAGES_H
#define RUNTIME_TUNING_MEASURINGMESSAGES_H

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Measure.h"
#include "runtime/Tuning/ProcessorShares.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// Where a process would measure.
struct MeasuringPlace {
  /// The machine's name, and what tells it from others.
  std::string machine, identity;
  ProcessorList processors;
  /// What is tuned for, for people, and with the compiler as what must be
  /// alike.
  std::string target;
  TuningContext context;
  TimeOrigin origin = TimeOrigin::Measured;
  /// Why it cannot; empty where it can.
  std::string problem;
};

/// What the first process has another one do.
struct MeasuringOrder {
  enum class Kind {
    /// Make a runner, on these processors.
    Prepare,
    /// Measure `op` under each of `schedules`.
    Measure,
    /// Nothing more is to be done.
    End,
  };
  Kind kind = Kind::End;
  ProcessorList processors;
  /// The batch that candidates are of, which their measurements name.
  int64_t batch = 0;
  TunableOperator op;
  std::vector<Schedule> schedules;
  /// Whether all end before their time, as somebody asked for.
  bool isStopped = false;
};

/// What another process says.
struct MeasuringAnswer {
  enum class Kind {
    /// Where it is.
    Place,
    /// It is prepared, or `problem` says why not.
    Ready,
    /// What became of a candidate of a batch, by its number in the order.
    Measured,
    /// A batch cannot be measured, as `problem` says.
    Failed,
    /// Somebody has asked this process to stop.
    Stop,
  };
  Kind kind = Kind::Stop;
  MeasuringPlace place;
  int64_t batch = 0;
  int64_t candidate = 0;
  Measurement measurement;
  std::string problem;
};

Status send(Communicator &processes, int partner, const MeasuringOrder &order);
Status send(Communicator &processes, int partner,
            const MeasuringAnswer &answer);

/// The next order of the first process; nothing where none has come yet.
/// Errors: it is gone, or of another version.
StatusOr<std::optional<MeasuringOrder>>
tryReceiveOrder(Communicator &processes);

/// The next answer of `partner`; nothing where none has come yet. Errors: it is
/// gone, or of another version.
StatusOr<std::optional<MeasuringAnswer>>
tryReceiveAnswer(Communicator &processes, int partner);

} // namespace orcinus

#endif // RUNTIME_TUNING_MEASURINGMESSAGES_H
