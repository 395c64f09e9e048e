//===- OperatorJson.cpp - Operators as JSON -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Operator.h"

#include "IndexMap.h"

#include "lib/Support/Json.h"
#include "orcinus/Support/CheckedArithmetic.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace orcinus;
using nlohmann::ordered_json;

std::string OperatorDescription::toJson() const {
  ordered_json json = {{"name", name},
                       {"family", familyName(family)},
                       {"body", body},
                       {"loops", ordered_json::array()},
                       {"operands", ordered_json::array()},
                       {"epilogue", epilogue}};
  for (const OperatorLoop &loop : loops)
    json["loops"].push_back(
        {{"name", loop.name},
         {"kind", loop.kind == LoopKind::Parallel ? "parallel" : "reduction"},
         {"extent", loop.extent},
         {"bucketed", loop.bucketed}});
  for (const OperatorOperand &operand : operands)
    json["operands"].push_back({{"type", operand.elementType},
                                {"map", operand.map},
                                {"role", roleName(operand.role)}});
  return printJson(json);
}

namespace {

/// Reads the fields of one JSON object, and remembers the first error.
class FieldReader {
public:
  FieldReader(const ordered_json &json, std::string_view what)
      : json(json), what(what) {
    if (!json.is_object())
      fail(fmt::format("an {} must be a JSON object", what));
  }

  /// Sets `value` to the field `name`.
  template <typename Value>
  void read(const char *name, Value &value) {
    if (!status.ok())
      return;
    readNames.insert(name);
    auto field = json.find(name);
    if (field == json.end())
      return fail(fmt::format("an {} needs the field '{}'", what, name));
    if (!holds(*field, value))
      return fail(
          fmt::format("the field '{}' of an {} has a wrong type", name, what));
    field->get_to(value);
  }

  /// The first error, unknown fields included.
  Status finish() {
    for (const auto &[name, value] : json.items())
      if (status.ok() && !readNames.contains(name))
        fail(fmt::format("an {} has no field '{}'", what, name));
    return status;
  }

private:
  static bool holds(const ordered_json &field, const std::string &) {
    return field.is_string();
  }
  static bool holds(const ordered_json &field, int64_t) {
    return asInteger<int64_t>(field).has_value();
  }
  static bool holds(const ordered_json &field, bool) {
    return field.is_boolean();
  }
  static bool holds(const ordered_json &field, const ordered_json &) {
    return field.is_array();
  }

  void fail(std::string message) { status = Status::error(std::move(message)); }

  const ordered_json &json;
  std::string_view what;
  std::set<std::string> readNames;
  Status status;
};

} // namespace

static StatusOr<OperatorLoop> readLoop(const ordered_json &json) {
  OperatorLoop loop;
  std::string kind;
  FieldReader reader(json, "operator's loop");
  reader.read("name", loop.name);
  reader.read("kind", kind);
  reader.read("extent", loop.extent);
  reader.read("bucketed", loop.bucketed);
  if (Status status = reader.finish(); !status.ok())
    return status;
  if (kind != "parallel" && kind != "reduction")
    return Status::error(
        fmt::format("loop '{}' is neither parallel nor reduction but '{}'",
                    loop.name, kind));
  if (loop.extent < 1)
    return Status::error(fmt::format("loop '{}' has the extent {}; it must be "
                                     "at least 1",
                                     loop.name, loop.extent));
  loop.kind = kind == "parallel" ? LoopKind::Parallel : LoopKind::Reduction;
  return loop;
}

/// Whether no index of `map` is below 0 for any iteration.
static bool staysInside(const IndexMap &map,
                        const std::vector<OperatorLoop> &loops) {
  return std::all_of(
      map.begin(), map.end(), [&](const IndexExpression &expression) {
        int64_t least = expression.constant;
        for (auto [loop, coefficient] : expression.terms)
          least = saturatedSum(
              least,
              std::min<int64_t>(
                  0, saturatedProduct(coefficient, loops[loop].extent - 1)));
        return least >= 0;
      });
}

static StatusOr<OperatorOperand>
readOperand(const ordered_json &json, const std::vector<OperatorLoop> &loops) {
  OperatorOperand operand;
  std::string role;
  FieldReader reader(json, "operator's operand");
  reader.read("type", operand.elementType);
  reader.read("map", operand.map);
  reader.read("role", role);
  if (Status status = reader.finish(); !status.ok())
    return status;
  StatusOr<OperandRole> parsed = parseRole(role);
  if (!parsed.ok())
    return parsed.status();
  operand.role = *parsed;
  StatusOr<IndexMap> map = parseIndexMap(operand.map, loops);
  if (!map.ok())
    return map.status();
  if (!staysInside(*map, loops))
    return Status::error(fmt::format(
        "the index map '{}' reaches an index below 0", operand.map));
  return operand;
}

StatusOr<OperatorDescription>
OperatorDescription::fromJson(std::string_view text) {
  ordered_json json =
      ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return Status::error("an operator's description is not JSON");
  OperatorDescription description;
  std::string family;
  ordered_json loops, operands;
  FieldReader reader(json, "operator");
  reader.read("name", description.name);
  reader.read("family", family);
  reader.read("body", description.body);
  reader.read("loops", loops);
  reader.read("operands", operands);
  reader.read("epilogue", description.epilogue);
  if (Status status = reader.finish(); !status.ok())
    return status;
  StatusOr<OperatorFamily> parsed = parseFamily(family);
  if (!parsed.ok())
    return parsed.status();
  description.family = *parsed;
  for (const ordered_json &each : loops) {
    StatusOr<OperatorLoop> loop = readLoop(each);
    if (!loop.ok())
      return loop.status();
    for (const OperatorLoop &other : description.loops)
      if (other.name == loop->name)
        return Status::error(
            fmt::format("an operator has two loops '{}'", loop->name));
    description.loops.push_back(std::move(*loop));
  }
  for (const ordered_json &each : operands) {
    StatusOr<OperatorOperand> operand = readOperand(each, description.loops);
    if (!operand.ok())
      return operand.status();
    description.operands.push_back(std::move(*operand));
  }
  if (Status status = description.checkSize(); !status.ok())
    return status;
  return description;
}
