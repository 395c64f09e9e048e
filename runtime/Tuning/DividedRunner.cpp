//===- DividedRunner.cpp - Candidates by several processes ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/DividedRunner.h"

#include "lib/Tuning/OperatorFamilies.h"
#include "runtime/Communicator/MessageWait.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

using namespace orcinus;

/// What cuts short whatever is waited for.
Status DividedRunner::stopped() {
  isCutShort = true;
  return Status::error("stopped, as asked for", StatusCode::Interrupted);
}

std::string DividedRunner::nameOf(size_t process) const {
  return fmt::format("process {} on {}", process, places[process].machine);
}

void DividedRunner::end(bool isStopped) {
  if (std::exchange(hasEnded, true))
    return;
  MeasuringOrder order;
  order.kind = MeasuringOrder::Kind::End;
  order.isStopped = isStopped;
  // Where one is gone, there is nobody to be told.
  for (int process = 1; process < processes->size(); ++process)
    (void)send(*processes, process, order);
}

bool DividedRunner::wantsStop() {
  // What others have to say between two batches; what they had measured of one
  // that ended before its end is nobody's any more.
  for (int process = 1; process < processes->size(); ++process)
    while (!isMeasuring && !isStopAsked) {
      auto answer = tryReceiveAnswer(*processes, process);
      if (!answer.ok() || !*answer)
        break;
      isStopAsked |= (*answer)->kind == MeasuringAnswer::Kind::Stop;
    }
  return isStopAsked || own.wantsStop();
}

//===----------------------------------------------------------------------===//
// Who measures
//===----------------------------------------------------------------------===//

void DividedRunner::leaveOut(size_t process, const std::string &reason) {
  std::erase(measuring, process);
  note(fmt::format("{} is left out: {}", nameOf(process), reason));
}

/// What `process` says next, but for that it was asked to stop, which is noted.
StatusOr<MeasuringAnswer> DividedRunner::nextAnswer(size_t process) {
  MessageWait wait;
  while (true) {
    auto answer = tryReceiveAnswer(*processes, static_cast<int>(process));
    if (!answer.ok())
      return answer.status();
    if (*answer && (*answer)->kind != MeasuringAnswer::Kind::Stop)
      return std::move(**answer);
    isStopAsked |= answer->has_value();
    if (isStopAsked || own.wantsStop())
      return stopped();
    wait.sleep();
  }
}

Status DividedRunner::collectPlaces() {
  size_t count = static_cast<size_t>(processes->size());
  places.resize(count);
  places[0] = own.place;
  for (size_t process = 1; process < count; ++process) {
    StatusOr<MeasuringAnswer> answer = nextAnswer(process);
    if (!answer.ok())
      return answer.status();
    places[process] = std::move(answer->place);
  }
  return Status();
}

/// Leaves out who has another target, whose times say nothing of this one. One
/// that compiles otherwise is a mistake of whoever started it.
Status DividedRunner::keepAlike() {
  measuring = {0};
  speeds.assign(places.size(), 1);
  for (size_t process = 1; process < places.size(); ++process) {
    const MeasuringPlace &place = places[process];
    if (!place.problem.empty())
      leaveOut(process, place.problem);
    else if (place.context.compiler != own.place.context.compiler)
      return Status::error(fmt::format(
          "{} has another build of Orcinus ({}) than process 0 ({}): start the "
          "same program everywhere",
          nameOf(process), place.context.compiler, own.place.context.compiler));
    else if (place.target != own.place.target)
      leaveOut(process, fmt::format("it is {}, and process 0 {}", place.target,
                                    own.place.target));
    else if (place.context.target != own.place.context.target)
      leaveOut(process, "its processor has other features than process 0's");
    else if (place.origin != own.place.origin)
      leaveOut(process, fmt::format("its times are {}, and process 0's {}",
                                    originName(place.origin),
                                    originName(own.place.origin)));
    else
      measuring.push_back(process);
  }
  return Status();
}

/// Gives each of the processes of a machine processors of its own.
void DividedRunner::divideMachines() {
  std::map<std::string, std::vector<size_t>> machines;
  for (size_t process : measuring)
    machines[places[process].identity].push_back(process);
  shares.assign(places.size(), {});
  for (const auto &[identity, members] : machines) {
    std::vector<ProcessorList> usable;
    for (size_t process : members)
      usable.push_back(places[process].processors);
    std::vector<ProcessorList> divided = divideProcessors(usable, own.threads);
    for (size_t at = 0; at < members.size(); ++at)
      shares[members[at]] = std::move(divided[at]);
  }
  for (size_t process : std::vector(measuring))
    if (shares[process].empty())
      leaveOut(process,
               fmt::format("the other processes of that machine take all of "
                           "its processors, {} each: give less --threads, or "
                           "start fewer processes",
                           own.threads));
}

/// Has all make their runners, at the same time.
Status DividedRunner::prepareAll() {
  for (size_t process : measuring) {
    MeasuringOrder order;
    order.kind = MeasuringOrder::Kind::Prepare;
    order.processors = shares[process];
    if (process != 0)
      if (Status status = send(*processes, static_cast<int>(process), order);
          !status.ok())
        return status;
  }
  if (Status status = own.moveTo(shares[0]); !status.ok())
    return status;
  auto made = own.makeRunner();
  if (!made.ok())
    return made.status();
  runner = std::move(*made);
  for (size_t process : std::vector(measuring)) {
    if (process == 0)
      continue;
    StatusOr<MeasuringAnswer> answer = nextAnswer(process);
    if (!answer.ok())
      return answer.status();
    if (!answer->problem.empty())
      leaveOut(process, answer->problem);
  }
  return Status();
}

/// Has all measure the same program at the same time, and leaves out those for
/// which it takes another time than for most.
Status DividedRunner::keepAsFast() {
  constexpr size_t rounds = 3;
  constexpr double mostTimes = 1.2;
  constexpr int64_t extent = 256;
  if (measuring.size() == 1)
    return Status();
  StatusOr<TunableOperator> reference =
      makeOperator(matmul(extent, extent, extent));
  if (!reference.ok())
    return reference.status();
  std::vector<Schedule> schedules(rounds * measuring.size());
  std::vector<double> times(measuring.size());
  std::vector<std::string> failures(measuring.size());
  Status status =
      measure(*reference, schedules,
              [&](size_t candidate, const Measurement &measurement) {
                size_t place = candidate % measuring.size();
                double &time = times[place];
                if (!measurement.ok())
                  failures[place] = measurement.message;
                else if (time == 0 || measurement.microseconds < time)
                  time = measurement.microseconds;
                return Status();
              });
  if (!status.ok())
    return status;
  std::vector<double> sorted;
  for (double time : times)
    if (time > 0)
      sorted.push_back(time);
  if (sorted.empty())
    return Status::error("no process can measure the reference program: " +
                             failures.front(),
                         StatusCode::Unavailable);
  std::ranges::sort(sorted);
  double usual = sorted[(sorted.size() - 1) / 2];
  std::vector<size_t> all = measuring;
  for (size_t at = 0; at < all.size(); ++at) {
    if (times[at] == 0)
      leaveOut(all[at],
               "it cannot measure the reference program: " + failures[at]);
    else if (std::max(times[at] / usual, usual / times[at]) > mostTimes)
      leaveOut(all[at],
               fmt::format("the reference program takes {:.0f} us there, and "
                           "{:.0f} us for most processes",
                           times[at], usual));
    else
      speeds[all[at]] = usual / times[at];
  }
  return Status();
}

void DividedRunner::noteProcesses() const {
  std::set<std::string> machines;
  for (size_t process : measuring)
    machines.insert(places[process].identity);
  note(fmt::format("candidates are measured by {} process{} on {} machine{}",
                   measuring.size(), measuring.size() == 1 ? "" : "es",
                   machines.size(), machines.size() == 1 ? "" : "s"));
}

Status DividedRunner::begin(MeasuringProcess process) {
  own = std::move(process);
  if (Status status = collectPlaces(); !status.ok())
    return status;
  if (Status status = keepAlike(); !status.ok())
    return status;
  divideMachines();
  if (Status status = prepareAll(); !status.ok())
    return status;
  if (Status status = keepAsFast(); !status.ok())
    return status;
  noteProcesses();
  hasBegun = true;
  return Status();
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Candidates of which some are known, and which are reported in their order.
class DividedRunner::Batch {
public:
  Batch(size_t size, const Report &report) : known(size), report(report) {}

  bool isComplete() const { return reported == known.size(); }

  /// Deals out, under the number `number`, what is not known yet: candidate i
  /// of these to member i modulo their number.
  void deal(int64_t newNumber, size_t members) {
    number = newNumber;
    given.assign(members, {});
    size_t place = 0;
    for (size_t candidate = 0; candidate < known.size(); ++candidate)
      if (!known[candidate])
        given[place++ % members].push_back(candidate);
  }
  int64_t currentNumber() const { return number; }
  const std::vector<size_t> &givenTo(size_t place) const {
    return given[place];
  }

  /// Takes what became of the candidate that was the one of number `index`
  /// given to `place`, and reports what can be.
  Status add(size_t place, size_t index, const Measurement &measurement) {
    if (place >= given.size() || index >= given[place].size() ||
        known[given[place][index]])
      return Status::error("a process has measured what it was not given",
                           StatusCode::Internal);
    known[given[place][index]] = measurement;
    for (; !isComplete() && known[reported]; ++reported)
      if (Status status = report(reported, *known[reported]); !status.ok())
        return status;
    return Status();
  }

private:
  int64_t number = 0;
  /// By place among those that measure.
  std::vector<std::vector<size_t>> given;
  std::vector<std::optional<Measurement>> known;
  size_t reported = 0;
  const Report &report;
};

/// What `process` measured, as the usual process would have: multiplied by its
/// speed.
Measurement DividedRunner::asForMost(size_t process,
                                     Measurement measurement) const {
  measurement.microseconds *= speeds[process];
  measurement.baselineMicroseconds *= speeds[process];
  return measurement;
}

/// Takes an answer of `process`. One about an earlier batch, which ended before
/// its end, is nobody's any more.
Status DividedRunner::take(size_t process, const MeasuringAnswer &answer,
                           Batch &batch) {
  isStopAsked |= answer.kind == MeasuringAnswer::Kind::Stop;
  if (answer.batch != batch.currentNumber())
    return Status();
  if (answer.kind == MeasuringAnswer::Kind::Failed) {
    broken = {process, answer.problem};
    return Status::error(fmt::format("{}: {}", nameOf(process), answer.problem),
                         StatusCode::Unavailable);
  }
  auto place = std::ranges::find(measuring, process) - measuring.begin();
  return batch.add(place, answer.candidate,
                   asForMost(process, answer.measurement));
}

/// Takes what the others have to say at the moment.
Status DividedRunner::collect(Batch &batch) {
  for (size_t process = 1; process < places.size(); ++process) {
    while (true) {
      auto answer = tryReceiveAnswer(*processes, static_cast<int>(process));
      if (!answer.ok())
        return answer.status();
      if (!*answer)
        break;
      if (Status status = take(process, **answer, batch); !status.ok())
        return status;
    }
  }
  return Status();
}

/// Measures the share of this process, whose place among those that measure is
/// `place`.
Status DividedRunner::measureOwn(const TunableOperator &op,
                                 std::span<const Schedule> schedules,
                                 size_t place, Batch &batch) {
  return runner->measure(
      op, schedules, [&](size_t index, const Measurement &measurement) {
        if (Status status = batch.add(place, index, asForMost(0, measurement));
            !status.ok())
          return status;
        return collect(batch);
      });
}

Status DividedRunner::measure(const TunableOperator &op,
                              std::span<const Schedule> schedules,
                              const Report &report) {
  Batch batch(schedules.size(), report);
  isMeasuring = true;
  Status status = Status::error("no process is left that can measure",
                                StatusCode::Unavailable);
  while (!measuring.empty()) {
    broken.reset();
    batch.deal(++batchNumber, measuring.size());
    status = measureAll(op, schedules, batch);
    if (!broken || !hasBegun)
      break;
    // The others measure what it was given.
    leaveOut(broken->process, broken->problem);
  }
  isMeasuring = false;
  return status;
}

Status DividedRunner::measureAll(const TunableOperator &op,
                                 std::span<const Schedule> schedules,
                                 Batch &batch) {
  // Of this process, where it measures.
  std::vector<Schedule> ownShare;
  size_t ownPlace = 0;
  for (size_t place = 0; place < measuring.size(); ++place) {
    MeasuringOrder order;
    order.kind = MeasuringOrder::Kind::Measure;
    order.batch = batch.currentNumber();
    for (size_t candidate : batch.givenTo(place))
      order.schedules.push_back(schedules[candidate]);
    if (measuring[place] == 0) {
      ownShare = std::move(order.schedules);
      ownPlace = place;
    } else if (!order.schedules.empty()) {
      order.op = op;
      if (Status status =
              send(*processes, static_cast<int>(measuring[place]), order);
          !status.ok())
        return status;
    }
  }
  if (!ownShare.empty())
    if (Status status = measureOwn(op, ownShare, ownPlace, batch); !status.ok())
      return status;
  for (MessageWait wait; !batch.isComplete(); wait.sleep()) {
    if (Status status = collect(batch); !status.ok())
      return status;
    if (isStopAsked || own.wantsStop())
      return stopped();
  }
  return Status();
}
