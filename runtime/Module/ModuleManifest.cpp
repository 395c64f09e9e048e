//===- ModuleManifest.cpp - What is in a module ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Module/ModuleManifest.h"

#include "lib/Support/Json.h"

#include <array>
#include <optional>
#include <utility>

using namespace orcinus;

/// Changes with what the text means.
static constexpr int64_t version = 2;

static constexpr std::array<std::pair<TensorType::Kind, std::string_view>, 3>
    kindNames = {{{TensorType::Kind::Tensor, "tensor"},
                  {TensorType::Kind::Scalar, "scalar"},
                  {TensorType::Kind::Memory, "memory"}}};

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static nlohmann::json toJson(const std::vector<TensorType> &types) {
  nlohmann::json list = nlohmann::json::array();
  for (const TensorType &type : types) {
    std::string_view kind;
    for (const auto &[each, name] : kindNames)
      if (each == type.kind)
        kind = name;
    list.push_back({{"kind", kind},
                    {"element", tensorElementName(type.element)},
                    {"extents", type.extents}});
  }
  return list;
}

std::string ModuleManifest::print() const {
  nlohmann::json entries = nlohmann::json::array();
  for (const EntryPoint &entry : entryPoints)
    entries.push_back({{"name", entry.name},
                       {"arguments", toJson(entry.arguments)},
                       {"results", toJson(entry.results)},
                       {"temporary_bytes", entry.temporaryBytes}});
  return printJson(nlohmann::json{
      {"version", version}, {"name", name}, {"functions", entries}});
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// The text at `key`; nothing where there is none.
static std::optional<std::string> textAt(const nlohmann::json &json,
                                         const char *key) {
  auto found = json.find(key);
  if (found == json.end() || !found->is_string())
    return std::nullopt;
  return found->get<std::string>();
}

static std::optional<TensorType> toType(const nlohmann::json &json) {
  if (!json.is_object())
    return std::nullopt;
  std::optional<std::string> kind = textAt(json, "kind"),
                             element = textAt(json, "element");
  auto extents = json.find("extents");
  if (!kind || !element || extents == json.end() || !extents->is_array())
    return std::nullopt;
  TensorType type;
  bool known = false;
  for (const auto &[each, name] : kindNames)
    if (name == *kind) {
      type.kind = each;
      known = true;
    }
  std::optional<TensorElement> parsed = parseTensorElement(*element);
  if (!known || !parsed)
    return std::nullopt;
  type.element = *parsed;
  for (const nlohmann::json &each : *extents) {
    std::optional<int64_t> extent = asInteger<int64_t>(each, -1);
    if (!extent)
      return std::nullopt;
    type.extents.push_back(*extent);
  }
  return type;
}

/// The types at `key`; nothing where they are none.
static std::optional<std::vector<TensorType>>
typesAt(const nlohmann::json &json, const char *key) {
  auto found = json.find(key);
  if (found == json.end() || !found->is_array())
    return std::nullopt;
  std::vector<TensorType> types;
  for (const nlohmann::json &each : *found) {
    std::optional<TensorType> type = toType(each);
    if (!type)
      return std::nullopt;
    types.push_back(std::move(*type));
  }
  return types;
}

StatusOr<ModuleManifest> ModuleManifest::parse(std::string_view text) {
  Status malformed = Status::error(
      "the module's manifest is not what this version of Orcinus writes: "
      "compile the module again",
      StatusCode::Damaged);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return malformed;
  auto number = json.find("version"), functions = json.find("functions");
  std::optional<std::string> name = textAt(json, "name");
  if (number == json.end() || asInteger<int64_t>(*number) != version || !name ||
      functions == json.end() || !functions->is_array())
    return malformed;
  ModuleManifest manifest;
  manifest.name = *name;
  for (const nlohmann::json &each : *functions) {
    if (!each.is_object())
      return malformed;
    std::optional<std::string> entry = textAt(each, "name");
    std::optional<std::vector<TensorType>> arguments =
        typesAt(each, "arguments");
    std::optional<std::vector<TensorType>> results = typesAt(each, "results");
    auto bytes = each.find("temporary_bytes");
    std::optional<int64_t> temporaries;
    if (bytes != each.end())
      temporaries = asInteger<int64_t>(*bytes, -1);
    if (!entry || !arguments || !results || !temporaries)
      return malformed;
    manifest.entryPoints.push_back({std::move(*entry), std::move(*arguments),
                                    std::move(*results), *temporaries});
  }
  return manifest;
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

// No function of C has a point in its name.

std::string ModuleManifest::symbolOf(std::string_view entry) const {
  return name + ".call." + std::string(entry);
}

std::string ModuleManifest::weightSymbol(std::string_view weight) const {
  return name + ".weight." + std::string(weight);
}

std::string ModuleManifest::threadsSymbol() const { return name + ".threads"; }
