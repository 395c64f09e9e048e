//===- MeasuringProcess.cpp - A process that measures ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/MeasuringProcess.h"

#include "runtime/Communicator/MessageWait.h"

#include <optional>
#include <utility>

using namespace orcinus;

namespace {

class OrderServer {
public:
  OrderServer(Communicator &processes, const MeasuringProcess &own)
      : processes(processes), own(own) {}

  Status serve();

private:
  StatusOr<MeasuringOrder> nextOrder();
  bool receiveFollowing();
  Status carryOut(const MeasuringOrder &order);
  Status prepare(const MeasuringOrder &order);
  Status measure(const MeasuringOrder &order);
  Status report(const MeasuringOrder &order, size_t candidate,
                const Measurement &measurement);
  Status tellOfStop();
  Status say(MeasuringAnswer::Kind kind, const std::string &problem = "",
             int64_t batch = 0);

  Communicator &processes;
  const MeasuringProcess &own;
  std::unique_ptr<CandidateRunner> runner;
  /// An order that came while another one was carried out.
  std::optional<MeasuringOrder> following;
  bool hasTold = false;
};

} // namespace

Status OrderServer::say(MeasuringAnswer::Kind kind, const std::string &problem,
                        int64_t batch) {
  MeasuringAnswer answer;
  answer.kind = kind;
  answer.problem = problem;
  answer.batch = batch;
  return send(processes, 0, answer);
}

Status OrderServer::tellOfStop() {
  if (hasTold || !own.wantsStop())
    return Status();
  hasTold = true;
  return say(MeasuringAnswer::Kind::Stop);
}

StatusOr<MeasuringOrder> OrderServer::nextOrder() {
  if (following)
    return *std::exchange(following, std::nullopt);
  MessageWait wait;
  while (true) {
    if (Status status = tellOfStop(); !status.ok())
      return status;
    auto order = tryReceiveOrder(processes);
    if (!order.ok())
      return order.status();
    if (*order)
      return std::move(**order);
    wait.sleep();
  }
}

/// Whether another order has come: the last one may be why nobody is there any
/// more to be answered.
bool OrderServer::receiveFollowing() {
  if (!following)
    if (auto next = tryReceiveOrder(processes); next.ok())
      following = std::move(*next);
  return following.has_value();
}

Status OrderServer::prepare(const MeasuringOrder &order) {
  Status status = own.moveTo(order.processors);
  if (status.ok()) {
    auto made = own.makeRunner();
    status = made.status();
    if (made.ok())
      runner = std::move(*made);
  }
  return say(MeasuringAnswer::Kind::Ready, status.message());
}

/// Tells what became of a candidate. Errors: Interrupted, where the others have
/// gone on without the rest.
Status OrderServer::report(const MeasuringOrder &order, size_t candidate,
                           const Measurement &measurement) {
  if (Status status = tellOfStop(); !status.ok())
    return status;
  MeasuringAnswer answer;
  answer.kind = MeasuringAnswer::Kind::Measured;
  answer.batch = order.batch;
  answer.candidate = static_cast<int64_t>(candidate);
  answer.measurement = measurement;
  if (Status status = send(processes, 0, answer); !status.ok())
    return status;
  return receiveFollowing()
             ? Status::error("nobody waits for the other candidates",
                             StatusCode::Interrupted)
             : Status();
}

Status OrderServer::measure(const MeasuringOrder &order) {
  Status status = Status::error("was not prepared", StatusCode::Internal);
  if (runner)
    status =
        runner->measure(order.op, order.schedules,
                        [&](size_t candidate, const Measurement &measurement) {
                          return report(order, candidate, measurement);
                        });
  if (status.ok() || following)
    return Status();
  return say(MeasuringAnswer::Kind::Failed, status.message(), order.batch);
}

Status OrderServer::carryOut(const MeasuringOrder &order) {
  switch (order.kind) {
  case MeasuringOrder::Kind::Prepare:
    return prepare(order);
  case MeasuringOrder::Kind::Measure:
    return measure(order);
  case MeasuringOrder::Kind::End:
    break;
  }
  return Status();
}

Status OrderServer::serve() {
  MeasuringAnswer place;
  place.kind = MeasuringAnswer::Kind::Place;
  place.place = own.place;
  Status status = send(processes, 0, place);
  while (status.ok() || receiveFollowing()) {
    StatusOr<MeasuringOrder> order = nextOrder();
    if (order.ok() && order->kind == MeasuringOrder::Kind::End)
      return order->isStopped ? Status::error("stopped, as asked for",
                                              StatusCode::Interrupted)
                              : Status();
    status = order.ok() ? carryOut(*order) : order.status();
  }
  return status;
}

Status orcinus::measureForFirst(Communicator &processes,
                                const MeasuringProcess &own) {
  return OrderServer(processes, own).serve();
}
