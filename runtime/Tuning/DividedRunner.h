//===- DividedRunner.h - Candidates by several processes --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TUNING_DIVIDEDRUNNER_H
#define RUNTIME_TUNING_DIVIDEDRUNNER_H

#include "runtime/Tuning/MeasuringProcess.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// Divides the candidates of a batch among processes, on one machine or many:
/// number i goes to the process number i modulo their number. That is process
/// 0, which has this runner; all others call `measureForFirst`. Candidates are
/// reported in their order, however many processes there are, so that what is
/// proposed next depends on their times alone. Times are those of the usual
/// process: what each of them measures is multiplied by its speed at a
/// reference program. One that cannot measure any more is left out, and the
/// others take its candidates over.
class DividedRunner : public CandidateRunner {
public:
  /// Is told which processes measure, and which do not, and why.
  using Note = std::function<void(const std::string &)>;

  DividedRunner(std::shared_ptr<Communicator> processes, Note note)
      : processes(std::move(processes)), note(std::move(note)) {}
  /// Ends the others' part, so that none waits for orders.
  ~DividedRunner() override { end(/*isStopped=*/false); }

  /// Finds out who can measure: all of the same target as this process, which
  /// is `process`, have a reference program measured, and those are left out
  /// that have no processors of their own, or for which it takes much less, or
  /// more, than for most. To be called once, before anything is measured.
  /// Errors: this process cannot measure; one is of another build.
  Status begin(MeasuringProcess process);

  TimeOrigin origin() const override { return own.place.origin; }
  int64_t concurrency() const override { return std::ssize(measuring); }
  Status measure(const TunableOperator &op, std::span<const Schedule> schedules,
                 const Report &report) override;

  /// Whether one of the processes was asked to stop.
  bool wantsStop();
  /// Whether a batch ended before its end for that. Who asks only between
  /// batches would not learn it of the last one.
  bool hasStopped() const { return isCutShort; }

  /// Has the others end, those that are left out, too, which wait for it;
  /// `isStopped` says that all were asked to.
  void end(bool isStopped);

private:
  class Batch;

  Status stopped();
  std::string nameOf(size_t process) const;
  void leaveOut(size_t process, const std::string &reason);
  StatusOr<MeasuringAnswer> nextAnswer(size_t process);
  Status collectPlaces();
  Status keepAlike();
  void divideMachines();
  Status prepareAll();
  Status keepAsFast();
  void noteProcesses() const;
  Status measureAll(const TunableOperator &op,
                    std::span<const Schedule> schedules, Batch &batch);
  Measurement asForMost(size_t process, Measurement measurement) const;
  Status take(size_t process, const MeasuringAnswer &answer, Batch &batch);
  Status collect(Batch &batch);
  Status measureOwn(const TunableOperator &op,
                    std::span<const Schedule> schedules, size_t place,
                    Batch &batch);

  std::shared_ptr<Communicator> processes;
  MeasuringProcess own;
  Note note;
  std::unique_ptr<CandidateRunner> runner;
  /// By their number, and those that measure.
  std::vector<MeasuringPlace> places;
  std::vector<size_t> measuring;
  std::vector<ProcessorList> shares;
  /// By their number: how fast each measures the reference program, as a
  /// multiple of the usual speed.
  std::vector<double> speeds;
  bool hasBegun = false;
  /// Who cannot measure any more, and why.
  struct Broken {
    size_t process;
    std::string problem;
  };
  std::optional<Broken> broken;
  int64_t batchNumber = 0;
  /// Whether answers are those of a batch, which takes them.
  bool isMeasuring = false;
  bool isStopAsked = false;
  bool isCutShort = false;
  /// Whether the others were told to end.
  bool hasEnded = false;
};

} // namespace orcinus

#endif // RUNTIME_TUNING_DIVIDEDRUNNER_H
