//===- TuningPage.cpp - What a tuning has come to, as a page --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PageFigures.h"

#include "orcinus/Tuning/TuningReport.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace orcinus;

namespace {

class TuningPage {
public:
  explicit TuningPage(const TuningReport &report) : report(report) {
    for (const TuningStep &step : report.steps)
      stepOf.emplace(step.name, &step);
  }

  std::string print() {
    addSummary();
    if (report.network) {
      addLatencies();
      addNetworkOperators();
    }
    addTree();
    addOperators();
    addSteps();
    addReasons();
    return pageOf(title(), body);
  }

private:
  std::string title() const {
    return report.network
               ? "Tuning of " + report.network->network
               : "Tuning of " + std::to_string(report.operators.size()) +
                     " operators";
  }
  void section(std::string_view heading) {
    body += fmt::format("<h2>{}</h2>\n", escaped(heading));
  }
  void paragraph(std::string_view text) {
    body += fmt::format("<p>{}</p>\n", escaped(text));
  }

  void addSummary();
  void addLatencies();
  void addNetworkOperators();
  void addTree();
  void addOperators();
  void addSteps();
  void addReasons();

  const TuningReport &report;
  std::map<std::string_view, const TuningStep *> stepOf;
  std::string body;
};

} // namespace

void TuningPage::addSummary() {
  paragraph(fmt::format("{:.1f} s, {} candidates, {} operators and {} bridges, "
                        "strategy {}. Times are {} on {}.",
                        report.seconds, report.trials, report.operators.size(),
                        report.bridges, strategyName(report.strategy),
                        originName(report.origin), report.target));
}

void TuningPage::addLatencies() {
  section("A call of the network");
  for (const NetworkLatency &latency : report.network->latencies) {
    std::string extent =
        latency.extent > 0 ? fmt::format("Open extents of {}: ", latency.extent)
                           : "";
    paragraph(fmt::format("{}{:.4g} ms before, {:.4g} ms after: {:.3f} times "
                          "as long.",
                          extent, latency.millisecondsBefore,
                          latency.millisecondsAfter, latency.ratio));
    std::vector<TimelinePoint> points;
    std::vector<std::vector<TableCell>> rows;
    for (const LatencyMoment &moment : latency.moments) {
      points.push_back(
          {moment.seconds, moment.milliseconds,
           fmt::format("{:.4g} ms: {}", moment.milliseconds, moment.what)});
      rows.push_back({TableCell::text(fmt::format("{:.1f}", moment.seconds)),
                      TableCell::number(moment.milliseconds, 4),
                      TableCell::text(moment.what)});
    }
    body += timelineFigure(points, "ms");
    body += tableOf("A call while the network was tuned",
                    {"seconds", "ms", "the network"}, rows);
  }
}

void TuningPage::addNetworkOperators() {
  section("Where a call's time goes");
  paragraph("Pale by the compiler's own schedules, each operator by itself, "
            "times its calls; below it by the programs that it has now.");
  double most = 0;
  for (const NetworkOperatorResult &op : report.network->operators)
    most = std::max(most, double(op.calls) * op.untunedMicroseconds);
  std::vector<std::vector<TableCell>> rows;
  for (const NetworkOperatorResult &op : report.network->operators) {
    double calls = double(op.calls);
    rows.push_back({TableCell::text(op.name),
                    TableCell::number(calls, 0),
                    TableCell::number(op.untunedMicroseconds, 1),
                    TableCell::number(op.microseconds, 1),
                    {barPair(calls * op.untunedMicroseconds,
                             calls * op.microseconds, most)},
                    TableCell::text(op.fate)});
  }
  body += tableOf(
      "Operators, those first that most time goes into",
      {"operator", "calls", "µs before", "µs now", "of a call", "its program"},
      rows);
}

void TuningPage::addTree() {
  if (report.steps.empty())
    return;
  section("What was tuned from what");
  paragraph("An operator reuses the program of the one that it hangs from; "
            "those under the root were searched. Hollow ones are bridges, "
            "which nobody asked for.");
  std::vector<TreeNode> nodes;
  std::map<std::string_view, size_t> numbers;
  for (const TuningStep &step : report.steps) {
    auto source = numbers.find(step.source);
    nodes.push_back(
        {source == numbers.end() ? TreeNode::root : source->second, step.name,
         fmt::format("{}: {:.1f} s, {} candidates{}", step.name, step.seconds,
                     step.trials,
                     step.mendingTrials > 0
                         ? fmt::format(", {} of them to mend what was reused",
                                       step.mendingTrials)
                         : ""),
         step.bridge});
    numbers.emplace(step.name, nodes.size() - 1);
  }
  body += treeFigure(nodes, "search");
}

void TuningPage::addOperators() {
  if (report.operators.empty())
    return;
  section("What each operator costs");
  double most = 0;
  for (const OperatorResult &op : report.operators)
    most = std::max({most, op.untunedMicroseconds, op.program.microseconds});
  std::vector<std::vector<TableCell>> rows;
  for (const OperatorResult &op : report.operators) {
    const TunedProgram &program = op.program;
    double ratio = op.untunedMicroseconds > 0
                       ? program.microseconds / op.untunedMicroseconds
                       : 0;
    auto step = stepOf.find(op.name);
    std::string source(sourceName(program.source));
    if (step != stepOf.end() && !step->second->source.empty())
      source += " of " + step->second->source;
    rows.push_back(
        {TableCell::text(op.name),
         TableCell::number(op.untunedMicroseconds, 1),
         TableCell::number(program.microseconds, 1),
         TableCell::number(ratio, 3),
         {barPair(op.untunedMicroseconds, program.microseconds, most)},
         TableCell::text(source),
         TableCell::number(double(program.trials), 0),
         TableCell::number(program.seconds, 1),
         TableCell::text(program.schedule.empty()
                             ? "the compiler's"
                             : program.schedule.toString())});
  }
  body += tableOf("Times of a call by the compiler's own schedule and by the "
                  "program that was found",
                  {"operator", "µs before", "µs now", "times as long", "",
                   "found by", "candidates", "seconds", "schedule"},
                  rows);
}

void TuningPage::addSteps() {
  if (report.steps.empty())
    return;
  section("Where the time of tuning went");
  std::vector<std::vector<TableCell>> rows;
  for (const TuningStep &step : report.steps)
    rows.push_back(
        {TableCell::text(step.name + (step.bridge ? " (bridge)" : "")),
         TableCell::text(step.source.empty() ? "search" : step.source),
         TableCell::number(step.expectedSeconds, 1),
         TableCell::number(step.seconds, 1),
         TableCell::number(double(step.trials), 0),
         TableCell::number(double(step.mendingTrials), 0)});
  body += tableOf("In the order in which operators were tuned",
                  {"operator", "from", "seconds expected", "seconds",
                   "candidates", "of them to mend"},
                  rows);
}

void TuningPage::addReasons() {
  std::vector<std::vector<TableCell>> rows;
  for (const FailedOperator &op : report.failed)
    rows.push_back({TableCell::text(op.name), TableCell::text("failed"),
                    TableCell::text(op.reason)});
  for (const LeftOutOperator &op : report.leftOut)
    rows.push_back({TableCell::text(op.name), TableCell::text("left out"),
                    TableCell::text(op.reason)});
  if (report.network)
    for (const LeftOutOperator &op : report.network->byDefault)
      rows.push_back({TableCell::text(op.name), TableCell::text("by default"),
                      TableCell::text(op.reason)});
  if (rows.empty())
    return;
  section("What was not tuned");
  body += tableOf("Each with the reason", {"operator", "", "reason"}, rows);
}

std::string orcinus::tuningPage(const TuningReport &report) {
  return TuningPage(report).print();
}
