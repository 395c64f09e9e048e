//===- Manifest.cpp - What a program's arguments are ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Manifest.h"

#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>

using namespace orcinus;
using nlohmann::json;

static constexpr int manifestVersion = 2;

const FunctionSpecification *Manifest::function(std::string_view name) const {
  auto found = std::find_if(
      functions.begin(), functions.end(),
      [&](const FunctionSpecification &each) { return each.name == name; });
  return found == functions.end() ? nullptr : &*found;
}

namespace {

/// The largest number of a sum that gradients are added in.
constexpr int32_t mostSums = 1 << 16;

/// How a kind of binding is spelled and what it is.
struct BindingForm {
  /// The whole spelling, or its part up to the colon where a name follows.
  std::string_view spelling;
  bool named;
  BindingKind kind;
  ElementType type;
};

} // namespace

static constexpr BindingForm bindingForms[] = {
    {"parameter", true, BindingKind::Parameter, ElementType::F32},
    {"first_moment", true, BindingKind::FirstMoment, ElementType::F32},
    {"second_moment", true, BindingKind::SecondMoment, ElementType::F32},
    {"velocity", true, BindingKind::Velocity, ElementType::F32},
    {"gradient", true, BindingKind::Gradient, ElementType::F32},
    {"prepared", true, BindingKind::Prepared, ElementType::F32},
    {"state", true, BindingKind::State, ElementType::F32},
    {"message", true, BindingKind::Message, ElementType::F32},
    {"mail", true, BindingKind::Mail, ElementType::F32},
    {"cache", true, BindingKind::Cache, ElementType::F32},
    {"features:edge", false, BindingKind::EdgeFeatures, ElementType::F32},
    {"features:node", false, BindingKind::NodeFeatures, ElementType::F32},
    {"table", true, BindingKind::Table, ElementType::I32},
    {"input:learning_rate", false, BindingKind::LearningRate, ElementType::F32},
    {"input:step", false, BindingKind::Step, ElementType::I64},
    {"input:dropout_seed", false, BindingKind::DropoutSeed, ElementType::I64},
    {"output", true, BindingKind::Output, ElementType::F32},
};

// The parser below throws within this file alone; parseManifest() turns every
// exception, the JSON library's too, into a status.

[[noreturn]] static void reject(std::string message) {
  throw std::runtime_error(std::move(message));
}

static ElementType parseElementType(const std::string &name) {
  if (name == "i32")
    return ElementType::I32;
  if (name == "i64")
    return ElementType::I64;
  if (name == "f32")
    return ElementType::F32;
  if (name == "f64")
    return ElementType::F64;
  reject(fmt::format("unknown element type '{}'", name));
}

/// `value`, which is `what`, if it is an integer from `least` to `most`.
template <typename T>
static T parseInteger(const json &value, std::string_view what, T least,
                      T most = std::numeric_limits<T>::max()) {
  std::optional<T> number = asInteger<T>(value, least, most);
  if (!number)
    reject(fmt::format("{} of {}", what, printJson(value)));
  return *number;
}

static std::vector<int64_t> parseShape(const json &value, int64_t minimum) {
  if (!value.is_array() || value.size() > MemrefDescriptor::maximumRank)
    reject("a shape is no list, or one of too many dimensions");
  std::vector<int64_t> shape;
  for (const json &extent : value)
    shape.push_back(parseInteger<int64_t>(extent, "an extent in a shape",
                                          minimum, INT32_MAX));
  return shape;
}

static int64_t parseWidth(const json &value) {
  return parseInteger<int64_t>(value, "a width", 0, 1 << 20);
}

/// The sizes by name: counts.
static std::map<std::string, int64_t> parseSizes(const json &manifest) {
  std::map<std::string, int64_t> sizes;
  const json values = manifest.value("sizes", json::object());
  for (const auto &[name, value] : values.items())
    sizes[name] =
        parseInteger<int64_t>(value, fmt::format("a size '{}'", name), 0);
  return sizes;
}

static CacheSpecification parseCache(const json &value) {
  CacheSpecification cache;
  cache.name = value.at("name").get<std::string>();
  cache.width = parseWidth(value.at("width"));
  auto choose = [&](const char *key, std::string_view first,
                    std::string_view second) {
    auto text = value.at(key).get<std::string>();
    if (text != first && text != second)
      reject(fmt::format("cache '{}': unknown {} '{}'", cache.name, key, text));
    return text == second;
  };
  auto count = [&](const char *key) {
    return parseInteger<int32_t>(
        value.at(key), fmt::format("cache '{}': a {}", cache.name, key), 0);
  };
  cache.key = choose("key", "query_time", "event_time") ? NeighbourTime::Event
                                                        : NeighbourTime::Query;
  cache.recomputesMisses = choose("miss", "zeros", "recompute");
  auto share = value.value("share", std::string("paper"));
  if (share != "paper" && share != "causal" && share != "separate")
    reject(fmt::format("cache '{}': unknown share '{}'", cache.name, share));
  cache.separate = share == "separate";
  if (value.contains("max_age"))
    cache.maxAge = count("max_age");
  cache.sharesMemory = value.contains("policy") && !value.contains("capacity");
  if (!cache.sharesMemory && !value.contains("capacity"))
    return cache;
  if (!cache.sharesMemory)
    cache.capacity = count("capacity");
  auto policy = parsePolicyKind(value.at("policy").get<std::string>());
  if (!policy.ok())
    reject(policy.status().message());
  cache.policy = *policy;
  return cache;
}

static WalkSpecification parseWalks(const json &value) {
  WalkSpecification walks;
  walks.name = value.at("name").get<std::string>();
  auto order = parseInteger<int64_t>(value.at("order"), "walks' order", 1,
                                     WalkOptions::mostOrder);
  auto width =
      parseInteger<int64_t>(value.at("width"), "walks' width", 1, 1 << 16);
  walks.options.decay = value.at("decay").get<double>();
  if (!(walks.options.decay >= 0))
    reject(fmt::format("walks '{}' of order {}, width {} and decay {}",
                       walks.name, order, width, walks.options.decay));
  walks.options.order = static_cast<int>(order);
  walks.options.width = static_cast<int>(width);
  return walks;
}

static MailKeep parseKeep(const std::string &name) {
  if (name == "mean")
    return MailKeep::Mean;
  if (name == "last")
    return MailKeep::Last;
  if (name == "all")
    return MailKeep::All;
  reject(fmt::format("a mailbox that keeps '{}'", name));
}

static MailboxSpecification parseMailbox(const json &value) {
  MailboxSpecification mailbox;
  mailbox.name = value.at("name").get<std::string>();
  mailbox.width = parseWidth(value.at("width"));
  mailbox.options.slots = parseInteger<int>(
      value.at("slots"), "a mailbox's slots", 1, MailboxOptions::mostSlots);
  mailbox.options.neighbours =
      parseInteger<int>(value.at("neighbours"), "a mailbox's neighbours", 0,
                        MailboxOptions::mostNeighbours);
  mailbox.options.keep = parseKeep(value.at("keep").get<std::string>());
  return mailbox;
}

/// Takes "HANDLE.COMPONENT" apart.
static TableName parseTable(std::string_view text) {
  TableName table;
  const char *end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, table.handle);
  if (error != std::errc() || rest == end || *rest != '.')
    reject(fmt::format("'{}' is not HANDLE.COMPONENT", text));
  std::optional<Component> component =
      Component::declare({rest + 1, static_cast<size_t>(end - rest - 1)});
  if (!component)
    reject(fmt::format("'{}' is no name of a table",
                       std::string_view(rest + 1, end)));
  table.component = *component;
  return table;
}

/// "events" and the like, or "table:HANDLE.COMPONENT".
static std::variant<StepCount, TableName> parseCounted(std::string_view name) {
  constexpr std::string_view ofTable = "table:";
  if (name.starts_with(ofTable))
    return parseTable(name.substr(ofTable.size()));
  if (std::optional<StepCount> count = parseStepCount(name))
    return *count;
  reject(fmt::format("a step counts no '{}', but its {}", name,
                     fmt::join(stepCountNames, ", ")));
}

static OutputExtent parseExtent(const json &value) {
  if (!value.is_object())
    return {parseInteger<int64_t>(value, "an extent", 1, INT32_MAX), {}};
  OutputExtent extent;
  for (const auto &[name, factor] : value.items())
    extent.terms.push_back(
        {parseInteger<int64_t>(factor, fmt::format("an extent in '{}'", name),
                               1, 1 << 20),
         parseCounted(name)});
  if (extent.terms.empty())
    reject("an extent is the sum of nothing");
  return extent;
}

static void parseOutput(const json &value, ArgumentSpecification &argument) {
  if (argument.name.empty())
    reject("an output without a role");
  const json &extents = value.at("extents");
  if (!extents.is_array() || extents.size() > MemrefDescriptor::maximumRank)
    reject("its extents are no list, or too many");
  for (const json &extent : extents)
    argument.extents.push_back(parseExtent(extent));
}

static const BindingForm &findForm(std::string_view binding) {
  for (const BindingForm &form : bindingForms) {
    bool fits = binding.starts_with(form.spelling) &&
                (form.named ? binding.substr(form.spelling.size(), 1) == ":"
                            : binding == form.spelling);
    if (fits)
      return form;
  }
  reject("there is no such binding");
}

static ArgumentSpecification parseArgument(const json &value) {
  ArgumentSpecification argument;
  argument.binding = value.at("binding").get<std::string>();
  try {
    const BindingForm &form = findForm(argument.binding);
    argument.kind = form.kind;
    argument.type = form.type;
    if (form.named)
      argument.name = argument.binding.substr(
          std::min(form.spelling.size() + 1, argument.binding.size()));
    ElementType type = parseElementType(value.at("type").get<std::string>());
    if (form.kind == BindingKind::Table) {
      argument.table = parseTable(argument.name);
      argument.rowsOf = value.value("rows_of", std::string());
      // The index function decides; it is compared once the table is made.
      argument.type = type;
    }
    if (form.kind == BindingKind::Gradient && value.contains("sum"))
      argument.sum = parseInteger<int32_t>(value["sum"], "sum", 0, mostSums);
    if (type != argument.type)
      reject("its type is not the contract's");
    if (form.kind == BindingKind::Output)
      parseOutput(value, argument);
    else if (form.kind == BindingKind::Prepared)
      argument.shape = parseShape(value.at("shape"), 1);
    else if (value.contains("shape"))
      argument.shape = parseShape(value["shape"], -1);
  } catch (const std::exception &error) {
    reject(fmt::format("argument '{}': {}", argument.binding, error.what()));
  }
  return argument;
}

static FunctionSpecification parseFunction(const json &value) {
  FunctionSpecification function;
  function.name = value.at("name").get<std::string>();
  try {
    for (const json &argument : value.at("arguments"))
      function.arguments.push_back(parseArgument(argument));
  } catch (const std::exception &error) {
    reject(fmt::format("function '{}': {}", function.name, error.what()));
  }
  return function;
}

static DeviceKind parseTarget(const json &manifest) {
  auto kind = parseDeviceKind(manifest.value("target", "host"));
  if (!kind.ok())
    reject(kind.message());
  return *kind;
}

static void parseOptimizer(const json &value, Manifest &manifest) {
  if (!value.contains("optimizer"))
    return;
  const json &optimizer = value["optimizer"];
  manifest.learningRate = optimizer.at("learning_rate").get<double>();
  if (!(manifest.learningRate >= 0 && std::isfinite(manifest.learningRate)))
    reject(fmt::format("a learning rate of {}",
                       printJson(optimizer["learning_rate"])));
  manifest.optimizer = printJson(optimizer);
}

static Manifest parse(const std::string &text) {
  json value = json::parse(text);
  if (value.at("version") != manifestVersion)
    reject(fmt::format("it has version {}, this runtime reads version {}: "
                       "compile the model again",
                       printJson(value["version"]), manifestVersion));
  Manifest manifest;
  manifest.model = value.at("model").get<std::string>();
  manifest.target = parseTarget(value);
  manifest.neighbours = parseInteger<int32_t>(value.at("neighbours"),
                                              "a number of neighbours", 0);
  manifest.sizes = parseSizes(value);
  manifest.dropout = value.value("dropout", std::vector<double>());
  parseOptimizer(value, manifest);
  manifest.head = value.value("head", std::string());
  if (value.contains("tuned"))
    manifest.tunedDigest = value["tuned"].at("digest").get<std::string>();
  for (const json &each : value.at("parameters"))
    manifest.parameters.push_back({each.at("name").get<std::string>(),
                                   parseShape(each.at("shape"), 1),
                                   each.at("initializer").get<std::string>()});
  for (const json &each : value.value("walks", json::array()))
    manifest.walks.push_back(parseWalks(each));
  for (const json &each : value.value("mailboxes", json::array()))
    manifest.mailboxes.push_back(parseMailbox(each));
  for (const json &each : value.value("caches", json::array()))
    manifest.caches.push_back(parseCache(each));
  for (const json &each : value.at("states"))
    manifest.states.push_back({each.at("name").get<std::string>(),
                               parseWidth(each.at("width")),
                               parseWidth(each.at("message_width"))});
  for (const json &each : value.at("functions"))
    manifest.functions.push_back(parseFunction(each));
  return manifest;
}

StatusOr<Manifest> orcinus::parseManifest(const std::string &text) {
  try {
    return parse(text);
  } catch (const std::exception &error) {
    std::string reason = error.what();
    // It may quote a name of several lines.
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    return Status::error(
        fmt::format("the program's manifest is malformed: {}", reason),
        StatusCode::Damaged);
  }
}
