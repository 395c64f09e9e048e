//===- TuningReport.cpp - What a tuning has come to, as JSON --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/TuningReport.h"

#include "Names.h"

#include "lib/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

using namespace orcinus;
using Json = nlohmann::ordered_json;

static constexpr EnumName<TuningStrategy> strategyNames[] = {
    {TuningStrategy::Search, "search"},
    {TuningStrategy::Reuse, "reuse"},
    {TuningStrategy::Default, "default"},
};

std::string_view orcinus::strategyName(TuningStrategy strategy) {
  return nameOf(strategyNames, strategy);
}

StatusOr<TuningStrategy> orcinus::parseStrategy(std::string_view name) {
  return valueOf(strategyNames, name, "strategy");
}

static Json jsonOf(const std::vector<CandidateOutcome> &outcomes) {
  Json counts = Json::object();
  for (const CandidateOutcome &outcome : outcomes)
    counts[std::string(statusName(outcome.status))] = outcome.count;
  return counts;
}

static Json jsonOf(const OperatorResult &result) {
  const TunedProgram &program = result.program;
  return {{"name", result.name},
          {"calls", result.calls},
          {"microseconds", program.microseconds},
          {"untuned_microseconds", result.untunedMicroseconds},
          {"trials", program.trials},
          {"seconds", program.seconds},
          {"source", sourceName(program.source)},
          {"origin", originName(program.origin)},
          {"schedule", program.schedule.toString()},
          {"candidates", jsonOf(result.outcomes)}};
}

static Json jsonOf(const TuningStep &step) {
  Json source;
  if (!step.source.empty())
    source = step.source;
  return {{"name", step.name},
          {"bridge", step.bridge},
          {"source", source},
          {"expected_seconds", step.expectedSeconds},
          {"seconds", step.seconds},
          {"trials", step.trials},
          {"mending_trials", step.mendingTrials}};
}

static Json jsonOf(const std::vector<LeftOutOperator> &leftOut) {
  Json json = Json::array();
  for (const LeftOutOperator &op : leftOut)
    json.push_back({{"name", op.name}, {"reason", op.reason}});
  return json;
}

static Json jsonOf(const NetworkReport &report) {
  Json latencies = Json::array(), operators = Json::array();
  for (const NetworkLatency &latency : report.latencies) {
    Json moments = Json::array();
    for (const LatencyMoment &moment : latency.moments)
      moments.push_back({{"seconds", moment.seconds},
                         {"milliseconds", moment.milliseconds},
                         {"what", moment.what}});
    latencies.push_back({{"extent", latency.extent},
                         {"milliseconds_before", latency.millisecondsBefore},
                         {"milliseconds_after", latency.millisecondsAfter},
                         {"ratio", latency.ratio},
                         {"moments", moments}});
  }
  for (const NetworkOperatorResult &op : report.operators)
    operators.push_back({{"name", op.name},
                         {"calls", op.calls},
                         {"untuned_microseconds", op.untunedMicroseconds},
                         {"microseconds", op.microseconds},
                         {"kept", op.isKept},
                         {"fate", op.fate}});
  return {{"network", report.network},
          {"latencies", latencies},
          {"operators", operators},
          {"by_default", jsonOf(report.byDefault)}};
}

template <typename Element>
static void append(std::vector<Element> &all, std::vector<Element> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()),
             std::make_move_iterator(more.end()));
}

void TuningReport::add(TuningReport other) {
  seconds += other.seconds;
  bridges += other.bridges;
  trials += other.trials;
  append(operators, std::move(other.operators));
  append(leftOut, std::move(other.leftOut));
  append(failed, std::move(other.failed));
  // What was tuned before comes again where others reuse it.
  for (TuningStep &step : other.steps) {
    auto known =
        std::find_if(steps.begin(), steps.end(), [&](const TuningStep &each) {
          return each.name == step.name;
        });
    if (known == steps.end()) {
      steps.push_back(std::move(step));
      continue;
    }
    known->bridge &= step.bridge;
    known->expectedSeconds += step.expectedSeconds;
    known->seconds += step.seconds;
    known->trials += step.trials;
    known->mendingTrials += step.mendingTrials;
  }
}

std::string TuningReport::toJson() const {
  Json json = {{"strategy", strategyName(strategy)},
               {"target", target},
               {"seconds", seconds},
               {"operators", Json::array()},
               {"left_out", jsonOf(leftOut)},
               {"failed", Json::array()},
               {"plan", {{"steps", Json::array()}}}};
  for (const OperatorResult &result : operators)
    json["operators"].push_back(jsonOf(result));
  for (const FailedOperator &op : failed)
    json["failed"].push_back({{"name", op.name},
                              {"reason", op.reason},
                              {"candidates", jsonOf(op.outcomes)}});
  for (const TuningStep &step : steps)
    json["plan"]["steps"].push_back(jsonOf(step));
  if (network)
    json["network"] = jsonOf(*network);
  return printJson(json);
}
