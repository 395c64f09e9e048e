//===- ETOAttributes.cpp - Schedules, programs, reuse ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <charconv>
#include <cmath>

using namespace mlir;
using namespace orcinus;
using namespace orcinus::eto;

#include "dialects/ETO/IR/ETOEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ETO/IR/ETOAttributes.cpp.inc"

void ETODialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/ETO/IR/ETOAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Prints the shortest decimal that reads back as `value`, with the point that
/// the parser wants.
static void printNumber(AsmPrinter &printer, double value) {
  char text[32];
  char *end = std::to_chars(text, text + sizeof(text), value).ptr;
  StringRef digits(text, end - text);
  StringRef mantissa = digits.take_until([](char c) { return c == 'e'; });
  printer << mantissa << (mantissa.contains('.') ? "" : ".0")
          << digits.drop_front(mantissa.size());
}

static LogicalResult verifyNumber(function_ref<InFlightDiagnostic()> emitError,
                                  StringRef what, double value) {
  if (std::isfinite(value) && value >= 0)
    return success();
  return emitError() << what << " must be a number of at least 0";
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

ScheduleAttr ScheduleAttr::get(MLIRContext *context, const Schedule &schedule) {
  SmallVector<StringAttr> names;
  SmallVector<int64_t> values;
  for (const auto &[name, value] : schedule.entries()) {
    names.push_back(StringAttr::get(context, name));
    values.push_back(value);
  }
  return get(context, names, values);
}

Schedule ScheduleAttr::toSchedule() const {
  Schedule schedule;
  for (auto [name, value] : llvm::zip(getNames(), getValues()))
    schedule.set(name.getValue(), value);
  return schedule;
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<StringAttr> names,
                                   ArrayRef<int64_t> values) {
  if (names.size() != values.size())
    return emitError() << "has " << names.size() << " names and "
                       << values.size() << " values";
  llvm::SmallDenseSet<StringAttr> seen;
  for (auto [name, value] : llvm::zip(names, values)) {
    if (!seen.insert(name).second)
      return emitError() << "names '" << name.getValue() << "' twice";
    if (value < 0)
      return emitError() << "'" << name.getValue()
                         << "' must be at least 0, is " << value;
  }
  return success();
}

Attribute ScheduleAttr::parse(AsmParser &parser, Type) {
  SmallVector<StringAttr> names;
  SmallVector<int64_t> values;
  SMLoc location = parser.getCurrentLocation();
  auto parseEntry = [&]() -> ParseResult {
    std::string name;
    if (parser.parseKeywordOrString(&name) || parser.parseEqual() ||
        parser.parseInteger(values.emplace_back()))
      return failure();
    names.push_back(parser.getBuilder().getStringAttr(name));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseEntry, " in a schedule"))
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), names, values);
}

void ScheduleAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(llvm::zip(getNames(), getValues()), printer,
                        [&](auto entry) {
                          auto [name, value] = entry;
                          printer.printKeywordOrString(name.getValue());
                          printer << " = " << value;
                        });
  printer << ">";
}

LogicalResult DispatchAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   unsigned, ArrayRef<ScheduleAttr> schedules,
                                   ArrayRef<int64_t> bounds) {
  if (schedules.size() != bounds.size() + 1)
    return emitError() << "needs a bound for each schedule but the last, has "
                       << schedules.size() << " schedules and " << bounds.size()
                       << " bounds";
  int64_t below = 0;
  for (int64_t bound : bounds) {
    if (bound <= below)
      return emitError() << "bounds must ascend from 1 on, " << bound
                         << " follows " << below;
    below = bound;
  }
  return success();
}

Attribute DispatchAttr::parse(AsmParser &parser, Type) {
  unsigned loop = 0;
  SmallVector<ScheduleAttr> schedules;
  SmallVector<int64_t> bounds;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword("loop") ||
      parser.parseInteger(loop))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    auto schedule =
        dyn_cast_or_null<ScheduleAttr>(ScheduleAttr::parse(parser, Type()));
    if (!schedule)
      return {};
    schedules.push_back(schedule);
    if (succeeded(parser.parseOptionalKeyword("to")) &&
        parser.parseInteger(bounds.emplace_back()))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), loop, schedules, bounds);
}

void DispatchAttr::print(AsmPrinter &printer) const {
  printer << "<loop " << getLoop();
  for (auto [position, schedule] : llvm::enumerate(getSchedules())) {
    printer << ", ";
    schedule.print(printer);
    if (position < getBounds().size())
      printer << " to " << getBounds()[position];
  }
  printer << ">";
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

LogicalResult ProgramAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ScheduleAttr, APFloat time, Source) {
  return verifyNumber(emitError, "microseconds", time.convertToDouble());
}

Attribute ProgramAttr::parse(AsmParser &parser, Type) {
  double microseconds = 0;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword("schedule") ||
      parser.parseEqual())
    return {};
  auto schedule =
      dyn_cast_or_null<ScheduleAttr>(ScheduleAttr::parse(parser, Type()));
  if (!schedule || parser.parseComma() || parser.parseKeyword("microseconds") ||
      parser.parseEqual() || parser.parseFloat(microseconds) ||
      parser.parseComma() || parser.parseKeyword("source") ||
      parser.parseEqual())
    return {};
  FailureOr<Source> source = FieldParser<Source>::parse(parser);
  if (failed(source) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), schedule, APFloat(microseconds),
                    *source);
}

void ProgramAttr::print(AsmPrinter &printer) const {
  printer << "<schedule = ";
  getSchedule().print(printer);
  printer << ", microseconds = ";
  printNumber(printer, getMicroseconds());
  printer << ", source = " << stringifySource(getSource()) << ">";
}

//===----------------------------------------------------------------------===//
// Reuse graph and plan
//===----------------------------------------------------------------------===//

static ParseResult parseInstance(AsmParser &parser, InstanceAttr &instance) {
  StringAttr name;
  int64_t bucket = 0;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseSymbolName(name))
    return failure();
  if (succeeded(parser.parseOptionalLSquare()) &&
      (parser.parseInteger(bucket) || parser.parseRSquare()))
    return failure();
  instance = InstanceAttr::getChecked(
      [&] { return parser.emitError(location); }, parser.getContext(),
      FlatSymbolRefAttr::get(name), bucket);
  return success(bool(instance));
}

static void printInstance(AsmPrinter &printer, InstanceAttr instance) {
  printer.printSymbolName(instance.getOp().getValue());
  if (instance.getBucket())
    printer << "[" << instance.getBucket() << "]";
}

LogicalResult InstanceAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   FlatSymbolRefAttr, int64_t bucket) {
  if (bucket < 0)
    return emitError() << "a bucket must be at least 1, is " << bucket;
  return success();
}

Attribute InstanceAttr::parse(AsmParser &parser, Type) {
  InstanceAttr instance;
  if (parser.parseLess() || parseInstance(parser, instance) ||
      parser.parseGreater())
    return {};
  return instance;
}

void InstanceAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printInstance(printer, *this);
  printer << ">";
}

LogicalResult
ReuseEdgeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      InstanceAttr source, InstanceAttr target, APFloat cost) {
  if (source == target)
    return emitError() << "an edge must join two operators";
  return verifyNumber(emitError, "seconds", cost.convertToDouble());
}

Attribute ReuseEdgeAttr::parse(AsmParser &parser, Type) {
  InstanceAttr source, target;
  double seconds = 0;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() ||
      (failed(parser.parseOptionalKeyword("root")) &&
       parseInstance(parser, source)) ||
      parser.parseArrow() || parseInstance(parser, target) ||
      parser.parseComma() || parser.parseFloat(seconds) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), source, target, APFloat(seconds));
}

void ReuseEdgeAttr::print(AsmPrinter &printer) const {
  printer << "<";
  if (getSource())
    printInstance(printer, getSource());
  else
    printer << "root";
  printer << " -> ";
  printInstance(printer, getTarget());
  printer << ", ";
  printNumber(printer, getSeconds());
  printer << ">";
}

/// `<edge>, <edge>` in brackets.
static ParseResult parseEdges(AsmParser &parser,
                              SmallVector<ReuseEdgeAttr> &edges) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    edges.push_back(
        dyn_cast_or_null<ReuseEdgeAttr>(ReuseEdgeAttr::parse(parser, Type())));
    return success(bool(edges.back()));
  });
}

static void printEdges(AsmPrinter &printer, ArrayRef<ReuseEdgeAttr> edges) {
  printer << "[";
  llvm::interleaveComma(edges, printer,
                        [&](ReuseEdgeAttr edge) { edge.print(printer); });
  printer << "]";
}

/// `KEYWORD [instances]`.
static ParseResult parseInstances(AsmParser &parser, StringRef keyword,
                                  SmallVector<InstanceAttr> &instances) {
  return failure(
      parser.parseKeyword(keyword) ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parseInstance(parser, instances.emplace_back());
      }));
}

static void printInstances(AsmPrinter &printer,
                           ArrayRef<InstanceAttr> instances) {
  printer << "[";
  llvm::interleaveComma(instances, printer, [&](InstanceAttr instance) {
    printInstance(printer, instance);
  });
  printer << "]";
}

/// `instance` as it is printed.
static std::string spell(InstanceAttr instance) {
  std::string text = "@" + instance.getOp().getValue().str();
  if (instance.getBucket())
    text += "[" + std::to_string(instance.getBucket()) + "]";
  return text;
}

LogicalResult
ReuseGraphAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       ArrayRef<InstanceAttr> operators,
                       ArrayRef<InstanceAttr> bridges,
                       ArrayRef<ReuseEdgeAttr> edges) {
  llvm::DenseSet<InstanceAttr> nodes;
  for (InstanceAttr instance :
       llvm::concat<const InstanceAttr>(operators, bridges))
    if (!nodes.insert(instance).second)
      return emitError() << "has " << spell(instance) << " twice";
  for (ReuseEdgeAttr edge : edges)
    for (InstanceAttr end : {edge.getSource(), edge.getTarget()})
      if (end && !nodes.contains(end))
        return emitError() << "has an edge at " << spell(end)
                           << ", which is neither an operator nor a bridge";
  return success();
}

Attribute ReuseGraphAttr::parse(AsmParser &parser, Type) {
  SmallVector<InstanceAttr> operators, bridges;
  SmallVector<ReuseEdgeAttr> edges;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parseInstances(parser, "operators", operators) ||
      parser.parseComma() || parseInstances(parser, "bridges", bridges) ||
      parser.parseComma() || parser.parseKeyword("edges") ||
      parseEdges(parser, edges) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), operators, bridges, edges);
}

void ReuseGraphAttr::print(AsmPrinter &printer) const {
  printer << "<operators ";
  printInstances(printer, getOperators());
  printer << ", bridges ";
  printInstances(printer, getBridges());
  printer << ", edges ";
  printEdges(printer, getEdges());
  printer << ">";
}

LogicalResult PlanAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<ReuseEdgeAttr> steps) {
  llvm::DenseSet<InstanceAttr> tuned;
  for (ReuseEdgeAttr step : steps) {
    if (step.getSource() && !tuned.contains(step.getSource()))
      return emitError() << "tunes " << spell(step.getTarget()) << " from "
                         << spell(step.getSource())
                         << ", which no step before it tunes";
    if (!tuned.insert(step.getTarget()).second)
      return emitError() << "tunes " << spell(step.getTarget()) << " twice";
  }
  return success();
}

Attribute PlanAttr::parse(AsmParser &parser, Type) {
  SmallVector<ReuseEdgeAttr> steps;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() || parseEdges(parser, steps) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(location); },
                    parser.getContext(), steps);
}

void PlanAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printEdges(printer, getSteps());
  printer << ">";
}

double PlanAttr::getSeconds() const {
  double seconds = 0;
  for (ReuseEdgeAttr step : getSteps())
    seconds += step.getSeconds();
  return seconds;
}
