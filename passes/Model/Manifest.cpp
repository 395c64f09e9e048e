//===- Manifest.cpp - What a compiled program needs -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Model/Manifest.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "dialects/TGNN/IR/TGNNOps.h"
#include "lib/Support/Json.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA1.h"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

using namespace mlir;
using namespace orcinus;
using nlohmann::json;

static std::string nameOf(Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << getElementTypeOrSelf(type);
  return name;
}

static json describeShape(MemRefType type) {
  json shape = json::array();
  for (int64_t extent : type.getShape())
    shape.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
  return shape;
}

/// Of an output: each a number, or how often what is in it.
static json describeExtents(ArrayAttr extents) {
  json result = json::array();
  for (auto extent : extents.getAsRange<DictionaryAttr>()) {
    if (std::optional<int64_t> number = tgnn::constantValue(extent)) {
      result.push_back(*number);
      continue;
    }
    json terms = json::object();
    for (NamedAttribute term : extent)
      terms[term.getName().str()] = cast<IntegerAttr>(term.getValue()).getInt();
    result.push_back(std::move(terms));
  }
  return result;
}

static json describeArguments(func::FuncOp function) {
  json arguments = json::array();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto binding = function.getArgAttrOfType<StringAttr>(index, "tgnn.binding");
    if (!binding)
      continue;
    json argument{{"binding", binding.str()}, {"type", nameOf(type)}};
    if (auto extents =
            function.getArgAttrOfType<ArrayAttr>(index, "tgnn.extents"))
      argument["extents"] = describeExtents(extents);
    else if (auto memref = dyn_cast<MemRefType>(type))
      argument["shape"] = describeShape(memref);
    if (auto rows =
            function.getArgAttrOfType<StringAttr>(index, "tgnn.rows_of"))
      argument["rows_of"] = rows.str();
    if (auto sum = function.getArgAttrOfType<IntegerAttr>(index, "tgnn.sum"))
      argument["sum"] = sum.getInt();
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

namespace {
/// The parameters and states of all functions, each once, by name.
struct Bindings {
  std::map<std::string, json> parameters;
  std::map<std::string, int64_t> widths, messageWidths;

  void add(func::FuncOp function) {
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
      auto binding =
          function.getArgAttrOfType<StringAttr>(index, "tgnn.binding");
      auto memref = dyn_cast<MemRefType>(type);
      if (!binding || !memref)
        continue;
      auto [kind, name] = binding.getValue().split(':');
      if (kind == "state")
        widths[name.str()] = memref.getShape().back();
      if (kind == "message")
        messageWidths[name.str()] = memref.getShape().back();
      if (kind != "parameter")
        continue;
      auto initializer =
          function.getArgAttrOfType<StringAttr>(index, "tgnn.initializer");
      parameters[name.str()] = {{"name", name.str()},
                                {"shape", describeShape(memref)},
                                {"initializer", initializer.str()}};
    }
  }
};
} // namespace

/// A cache by the attributes of its op.
static json describeCache(DictionaryAttr cache) {
  auto row = cast<RankedTensorType>(cache.getAs<TypeAttr>("row").getValue());
  json result{{"name", cache.getAs<StringAttr>("sym_name").str()},
              {"width", row.getDimSize(0)},
              {"key", tgnn::stringifyFrontierKey(
                          cache.getAs<tgnn::FrontierKeyAttr>("key").getValue())
                          .str()},
              {"miss", tgnn::stringifyCacheMiss(
                           cache.getAs<tgnn::CacheMissAttr>("miss").getValue())
                           .str()}};
  if (auto share = cache.getAs<tgnn::ReuseShareAttr>("share"))
    result["share"] = tgnn::stringifyReuseShare(share.getValue()).str();
  for (StringRef name : {"capacity", "max_age"})
    if (auto value = cache.getAs<IntegerAttr>(name))
      result[name.str()] = value.getInt();
  if (auto policy = cache.getAs<StringAttr>("policy"))
    result["policy"] = policy.str();
  return result;
}

static json describeWalks(DictionaryAttr walks) {
  return {{"name", walks.getAs<StringAttr>("sym_name").str()},
          {"order", walks.getAs<IntegerAttr>("order").getInt()},
          {"width", tgnn::constantValue(walks.get("width")).value_or(0)},
          {"decay", walks.getAs<FloatAttr>("decay").getValueAsDouble()}};
}

static json describeMailbox(DictionaryAttr mailbox) {
  auto number = [&](StringRef name) -> int64_t {
    Attribute extent = mailbox.get(name);
    return extent ? tgnn::constantValue(extent).value_or(0) : 0;
  };
  return {{"name", mailbox.getAs<StringAttr>("sym_name").str()},
          {"width", number("width")},
          {"slots", number("slots")},
          {"neighbours", number("neighbours")},
          {"keep", tgnn::stringifyMailKeep(
                       mailbox.getAs<tgnn::MailKeepAttr>("keep").getValue())
                       .str()}};
}

static json describeSizes(DictionaryAttr sizes) {
  json result = json::object();
  for (NamedAttribute size : sizes)
    result[size.getName().str()] = cast<IntegerAttr>(size.getValue()).getInt();
  return result;
}

/// The rates as they are written: 0.4, not what it becomes in single precision.
static json describeDropout(ArrayAttr rates) {
  json result = json::array();
  for (auto rate : rates.getAsRange<FloatAttr>()) {
    char text[32];
    char *end = std::to_chars(text, text + sizeof(text),
                              rate.getValue().convertToFloat())
                    .ptr;
    result.push_back(json::parse(text, end));
  }
  return result;
}

/// The kind, the rate and what else is given.
static json describeOptimizer(tgnn::OptimizerAttr optimizer) {
  json result{{"kind", tgnn::stringifyOptimizerKind(optimizer.getKind()).str()},
              {"learning_rate", optimizer.getSetting("learning_rate")}};
  for (NamedAttribute setting : optimizer.getSettings()) {
    auto number = dyn_cast<FloatAttr>(setting.getValue());
    result[setting.getName().str()] =
        number ? json(number.getValueAsDouble()) : json(true);
  }
  return result;
}

std::string orcinus::buildManifest(ModuleOp module, StringRef target) {
  Bindings bindings;
  json functions = json::array();
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration())
      continue;
    bindings.add(function);
    functions.push_back({{"name", function.getSymName().str()},
                         {"arguments", describeArguments(function)}});
  }
  json parameters = json::array(), states = json::array();
  // What was declared by the ops that stood in the attribute's place.
  auto describeAll = [&](StringRef attribute,
                         json (*describe)(DictionaryAttr)) {
    json result = json::array();
    if (auto declared = module->getAttrOfType<ArrayAttr>(attribute))
      for (auto each : declared.getAsRange<DictionaryAttr>())
        result.push_back(describe(each));
    return result;
  };
  for (auto &[name, parameter] : bindings.parameters)
    parameters.push_back(parameter);
  for (auto &[name, width] : bindings.widths)
    states.push_back({{"name", name},
                      {"width", width},
                      {"message_width", bindings.messageWidths[name]}});
  auto model = module->getAttrOfType<StringAttr>("tgnn.model_name");
  auto sizes = module->getAttrOfType<DictionaryAttr>("tgnn.sizes");
  auto sizeOf = [&](StringRef name) {
    auto size = sizes.getAs<IntegerAttr>(name);
    return size ? size.getInt() : 0;
  };
  json manifest{{"version", 2},
                {"model", model.str()},
                {"layers", sizeOf("layers")},
                {"neighbours", sizeOf("neighbours")},
                {"sizes", describeSizes(sizes)},
                {"dropout", describeDropout(module->getAttrOfType<ArrayAttr>(
                                "tgnn.dropout"))},
                {"parameters", parameters},
                {"states", states},
                {"walks", describeAll("tgnn.walks", describeWalks)},
                {"caches", describeAll("tgnn.caches", describeCache)},
                {"functions", functions}};
  json mailboxes = describeAll("tgnn.mailboxes", describeMailbox);
  if (!mailboxes.empty())
    manifest["mailboxes"] = std::move(mailboxes);
  if (auto optimizer =
          module->getAttrOfType<tgnn::OptimizerAttr>("tgnn.optimizer"))
    manifest["optimizer"] = describeOptimizer(optimizer);
  if (auto head = module->getAttrOfType<StringAttr>("tgnn.head"))
    manifest["head"] = head.str();
  if (target != "host")
    manifest["target"] = target.str();
  return printJson(manifest);
}

std::string orcinus::addTunedPrograms(const std::string &manifest,
                                      ModuleOp module) {
  int64_t operators = 0;
  llvm::SHA1 digest;
  module.walk([&](Operation *op) {
    Attribute schedule = op->getAttr(eto::scheduleAttributeName);
    if (!schedule)
      return;
    ++operators;
    std::string text;
    llvm::raw_string_ostream(text) << schedule << "\n";
    digest.update(text);
  });
  json result = json::parse(manifest);
  result["tuned"] = {
      {"operators", operators},
      {"digest", operators ? llvm::toHex(digest.result(), true) : ""}};
  return printJson(result);
}
