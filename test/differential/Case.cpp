//===- Case.cpp - A module, and how it is compiled and called -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Case.h"

#include <nlohmann/json.hpp>

using namespace orcinus;
using namespace orcinus::differential;

/// What the first line of a case begins with.
static constexpr std::string_view firstLine = "// orcinus-differential ";

ArgumentLayout ArgumentLayout::dense(std::vector<int64_t> shape) {
  ArgumentLayout layout;
  layout.strides.resize(shape.size());
  int64_t stride = 1;
  for (size_t at = shape.size(); at-- > 0; stride *= shape[at])
    layout.strides[at] = stride;
  layout.shape = std::move(shape);
  return layout;
}

int64_t ArgumentLayout::span() const {
  int64_t last = offset;
  for (size_t at = 0; at < shape.size(); ++at) {
    if (shape[at] == 0)
      return offset;
    last += (shape[at] - 1) * strides[at];
  }
  return last + 1;
}

std::string Case::toText() const {
  nlohmann::ordered_json line;
  line["vector_bits"] = vectorBits;
  line["vector_registers"] = vectorRegisters;
  line["threads"] = threads;
  line["outlined"] = outlined;
  line["data_seed"] = dataSeed;
  line["integers"] = integers;
  line["poison"] = memory.poison;
  line["at_end"] = memory.atEnd;
  for (const ArgumentLayout &layout : layouts)
    line["layouts"].push_back({layout.shape, layout.strides, layout.offset});
  return std::string(firstLine) + line.dump() + "\n" + module;
}

StatusOr<Case> Case::fromText(std::string_view text) {
  Case result;
  if (!text.starts_with(firstLine)) {
    result.module = text;
    return result;
  }
  size_t end = text.find('\n');
  std::string_view json = text.substr(firstLine.size(), end - firstLine.size());
  result.module = end == std::string_view::npos ? "" : text.substr(end + 1);
  try {
    nlohmann::json line = nlohmann::json::parse(json);
    result.vectorBits = line.at("vector_bits");
    result.vectorRegisters = line.at("vector_registers");
    result.threads = line.at("threads");
    result.outlined = line.at("outlined");
    result.dataSeed = line.at("data_seed");
    result.integers = line.at("integers");
    result.memory.poison = line.at("poison");
    result.memory.atEnd = line.at("at_end");
    for (const nlohmann::json &layout :
         line.value("layouts", nlohmann::json::array()))
      result.layouts.push_back({layout.at(0), layout.at(1), layout.at(2)});
  } catch (const nlohmann::json::exception &error) {
    return Status::error(
        std::string("the first line of the case is damaged: ") + error.what());
  }
  return result;
}

std::string_view differential::nameOf(Verdict verdict) {
  static constexpr std::string_view names[] = {"right",   "refused", "wrong",
                                               "unknown", "crashed", "hung"};
  return names[static_cast<size_t>(verdict)];
}
