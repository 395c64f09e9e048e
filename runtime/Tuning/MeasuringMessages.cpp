//===- MeasuringMessages.cpp - What measuring processes say ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/MeasuringMessages.h"

#include "lib/Support/Json.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <utility>

using namespace orcinus;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

static json toJson(const MeasuringPlace &place) {
  return {{"machine", place.machine},
          {"identity", place.identity},
          {"processors", place.processors},
          {"target", place.target},
          {"target_key", place.context.target},
          {"compiler", place.context.compiler},
          {"origin", originName(place.origin)},
          {"problem", place.problem}};
}

static json toJson(const Measurement &measurement) {
  return {{"status", statusName(measurement.status)},
          {"origin", originName(measurement.origin)},
          {"microseconds", measurement.microseconds},
          {"baseline_microseconds", measurement.baselineMicroseconds},
          {"compile_seconds", measurement.compileSeconds},
          {"run_seconds", measurement.runSeconds},
          {"load_seconds", measurement.loadSeconds},
          {"message", measurement.message}};
}

static bool readNumbers(const json &object, const char *name,
                        std::vector<int> &numbers) {
  auto list = object.find(name);
  if (list == object.end() || !list->is_array())
    return false;
  for (const json &each : *list) {
    std::optional<int> number = asInteger<int>(each, 0);
    if (!number)
      return false;
    numbers.push_back(*number);
  }
  return true;
}

static bool readOrigin(const json &object, TimeOrigin &origin) {
  std::string name;
  if (!readField(object, "origin", name))
    return false;
  StatusOr<TimeOrigin> parsed = parseOrigin(name);
  if (parsed.ok())
    origin = *parsed;
  return parsed.ok();
}

static bool readPlace(const json &object, MeasuringPlace &place) {
  return readField(object, "machine", place.machine) &&
         readField(object, "identity", place.identity) &&
         readNumbers(object, "processors", place.processors) &&
         readField(object, "target", place.target) &&
         readField(object, "target_key", place.context.target) &&
         readField(object, "compiler", place.context.compiler) &&
         readOrigin(object, place.origin) &&
         readField(object, "problem", place.problem);
}

static bool readMeasurement(const json &object, Measurement &measurement) {
  std::string status;
  if (!readField(object, "status", status))
    return false;
  StatusOr<MeasureStatus> parsed = parseStatus(status);
  if (!parsed.ok())
    return false;
  measurement.status = *parsed;
  return readOrigin(object, measurement.origin) &&
         readField(object, "microseconds", measurement.microseconds) &&
         readField(object, "baseline_microseconds",
                   measurement.baselineMicroseconds) &&
         readField(object, "compile_seconds", measurement.compileSeconds) &&
         readField(object, "run_seconds", measurement.runSeconds) &&
         readField(object, "load_seconds", measurement.loadSeconds) &&
         readField(object, "message", measurement.message);
}

static bool readOperator(const json &object, TunableOperator &op) {
  std::string description;
  if (!readField(object, "operator", description) ||
      !readField(object, "module", op.module))
    return false;
  StatusOr<OperatorDescription> parsed =
      OperatorDescription::fromJson(description);
  if (parsed.ok())
    op.description = std::move(*parsed);
  return parsed.ok();
}

static bool readSchedules(const json &object,
                          std::vector<Schedule> &schedules) {
  auto list = object.find("schedules");
  if (list == object.end() || !list->is_array())
    return false;
  for (const json &each : *list) {
    if (!each.is_string())
      return false;
    StatusOr<Schedule> schedule = Schedule::parse(each.get<std::string>());
    if (!schedule.ok())
      return false;
    schedules.push_back(std::move(*schedule));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

static constexpr const char *prepareName = "prepare", *measureName = "measure",
                            *endName = "end";

static json toJson(const MeasuringOrder &order) {
  switch (order.kind) {
  case MeasuringOrder::Kind::Prepare:
    return {{"order", prepareName}, {"processors", order.processors}};
  case MeasuringOrder::Kind::Measure: {
    json schedules = json::array();
    for (const Schedule &schedule : order.schedules)
      schedules.push_back(schedule.toString());
    return {{"order", measureName},
            {"batch", order.batch},
            {"operator", order.op.description.toJson()},
            {"module", order.op.module},
            {"schedules", std::move(schedules)}};
  }
  case MeasuringOrder::Kind::End:
    break;
  }
  return {{"order", endName}, {"stopped", int64_t(order.isStopped)}};
}

static bool readOrder(const json &object, MeasuringOrder &order) {
  std::string name;
  if (!readField(object, "order", name))
    return false;
  if (name == prepareName) {
    order.kind = MeasuringOrder::Kind::Prepare;
    return readNumbers(object, "processors", order.processors);
  }
  if (name == measureName) {
    order.kind = MeasuringOrder::Kind::Measure;
    return readField(object, "batch", order.batch) &&
           readOperator(object, order.op) &&
           readSchedules(object, order.schedules);
  }
  int64_t isStopped = 0;
  order.kind = MeasuringOrder::Kind::End;
  bool isRead = name == endName && readField(object, "stopped", isStopped);
  order.isStopped = isStopped != 0;
  return isRead;
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

static constexpr const char *placeName = "place", *readyName = "ready",
                            *measuredName = "measured", *failedName = "failed",
                            *stopName = "stop";

static json toJson(const MeasuringAnswer &answer) {
  switch (answer.kind) {
  case MeasuringAnswer::Kind::Place:
    return {{"answer", placeName}, {"place", toJson(answer.place)}};
  case MeasuringAnswer::Kind::Ready:
    return {{"answer", readyName}, {"problem", answer.problem}};
  case MeasuringAnswer::Kind::Measured:
    return {{"answer", measuredName},
            {"batch", answer.batch},
            {"candidate", answer.candidate},
            {"measurement", toJson(answer.measurement)}};
  case MeasuringAnswer::Kind::Failed:
    return {{"answer", failedName},
            {"batch", answer.batch},
            {"problem", answer.problem}};
  case MeasuringAnswer::Kind::Stop:
    break;
  }
  return {{"answer", stopName}};
}

static bool readAnswer(const json &object, MeasuringAnswer &answer) {
  std::string name;
  if (!readField(object, "answer", name))
    return false;
  if (name == placeName) {
    answer.kind = MeasuringAnswer::Kind::Place;
    auto place = object.find("place");
    return place != object.end() && readPlace(*place, answer.place);
  }
  if (name == readyName) {
    answer.kind = MeasuringAnswer::Kind::Ready;
    return readField(object, "problem", answer.problem);
  }
  if (name == measuredName) {
    answer.kind = MeasuringAnswer::Kind::Measured;
    auto measurement = object.find("measurement");
    return readField(object, "batch", answer.batch) &&
           readField(object, "candidate", answer.candidate) &&
           measurement != object.end() &&
           readMeasurement(*measurement, answer.measurement);
  }
  if (name == failedName) {
    answer.kind = MeasuringAnswer::Kind::Failed;
    return readField(object, "batch", answer.batch) &&
           readField(object, "problem", answer.problem);
  }
  answer.kind = MeasuringAnswer::Kind::Stop;
  return name == stopName;
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

static Status sendLine(Communicator &processes, int partner,
                       const json &message) {
  std::string text = printJson(message);
  return processes.send(partner, std::as_bytes(std::span(text)));
}

Status orcinus::send(Communicator &processes, int partner,
                     const MeasuringOrder &order) {
  return sendLine(processes, partner, toJson(order));
}

Status orcinus::send(Communicator &processes, int partner,
                     const MeasuringAnswer &answer) {
  return sendLine(processes, partner, toJson(answer));
}

/// A message of `partner` as `read` understands it.
template <typename Message>
static StatusOr<std::optional<Message>>
tryReceive(Communicator &processes, int partner,
           bool (*read)(const json &, Message &)) {
  auto bytes = processes.tryReceive(partner);
  if (!bytes.ok())
    return bytes.status();
  if (!*bytes)
    return std::optional<Message>();
  auto *text = reinterpret_cast<const char *>((*bytes)->data());
  json object = json::parse(text, text + (*bytes)->size(), nullptr,
                            /*allow_exceptions=*/false);
  Message message;
  if (object.is_object() && read(object, message))
    return std::optional<Message>(std::move(message));
  return Status::error("process " + std::to_string(partner) +
                       " is of another version of Orcinus: start the same "
                       "program everywhere");
}

StatusOr<std::optional<MeasuringOrder>>
orcinus::tryReceiveOrder(Communicator &processes) {
  return tryReceive<MeasuringOrder>(processes, 0, readOrder);
}

StatusOr<std::optional<MeasuringAnswer>>
orcinus::tryReceiveAnswer(Communicator &processes, int partner) {
  return tryReceive<MeasuringAnswer>(processes, partner, readAnswer);
}
