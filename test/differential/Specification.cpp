//===- Specification.cpp - A module before it is written ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specification.h"

#include "BodyText.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace orcinus;
using namespace orcinus::differential;

std::string OperationSchedule::toText() const {
  auto spell = [](const Schedule &schedule) {
    std::vector<std::string> entries;
    for (const auto &[name, value] : schedule.entries())
      entries.push_back(fmt::format("{} = {}", name, value));
    return fmt::format("<{}>", fmt::join(entries, ", "));
  };
  if (bounds.empty())
    return "#eto.schedule" + spell(schedules.front());
  std::string text = fmt::format("#eto.dispatch<loop {}", loop);
  for (size_t at = 0; at < schedules.size(); ++at) {
    text += ", " + spell(schedules[at]);
    if (at < bounds.size())
      text += fmt::format(" to {}", bounds[at]);
  }
  return text + ">";
}

std::vector<int64_t> Specification::shapeOf(const Buffer &buffer) const {
  std::vector<int64_t> shape;
  for (const Index &index : buffer.shape) {
    int64_t last = index.offset;
    bool isEmpty = false;
    for (auto [dimension, factor] : index.terms) {
      int64_t extent = dimensions[dimension].extent;
      isEmpty |= extent == 0 && index.terms.size() == 1;
      last += factor * (std::max<int64_t>(extent, 1) - 1);
    }
    shape.push_back(isEmpty ? 0 : last + 1);
  }
  return shape;
}

bool Specification::isDynamic(const Index &index) const {
  return std::any_of(index.terms.begin(), index.terms.end(),
                     [&](auto term) { return dimensions[term.first].dynamic; });
}

bool Specification::hasDynamic(const Buffer &buffer) const {
  return std::any_of(buffer.shape.begin(), buffer.shape.end(),
                     [&](const Index &index) { return isDynamic(index); });
}

int64_t Specification::iterations() const {
  int64_t total = 0;
  for (const Operation &operation : operations) {
    int64_t product = 1;
    for (unsigned loop : operation.loops)
      product *= std::max<int64_t>(dimensions[loop].extent, 1);
    total += product;
  }
  return total;
}

namespace {

/// Writes one module.
class Writer {
public:
  Writer(const Specification &specification, bool numbered)
      : spec(specification), numbered(numbered) {}

  std::string write();
  std::vector<ArgumentLayout> layouts() const;

private:
  std::string shapedType(const Buffer &buffer) const;
  std::string layoutText(const Buffer &buffer) const;
  ArgumentLayout layoutOf(const Buffer &buffer) const;
  std::string mapText(const Operation &operation, const IndexList &map) const;
  std::string operationText(size_t number);
  std::string padText(const Operation &pad);
  std::string genericText(const Operation &operation, size_t number);
  std::string attributesOf(size_t number) const;
  std::string typeOf(unsigned buffer) const {
    return shapedType(spec.buffers[buffer]);
  }

  /// What is passed in: with values, to be written, or with extents that only
  /// the caller knows.
  bool isArgument(const Buffer &buffer) const {
    return buffer.argument || spec.hasDynamic(buffer) ||
           (buffer.result && !spec.tensors);
  }
  /// Whether results go to memrefs that are passed in, as they must where
  /// extents are not known.
  bool passesResults() const {
    return spec.tensors && std::any_of(spec.buffers.begin(), spec.buffers.end(),
                                       [&](const Buffer &buffer) {
                                         return buffer.result &&
                                                spec.hasDynamic(buffer);
                                       });
  }

  const Specification &spec;
  bool numbered;
  /// The value of each buffer so far.
  std::vector<std::string> names;
  unsigned fresh = 0;
};

} // namespace

static bool hasLayout(const Buffer &buffer) { return !buffer.order.empty(); }

ArgumentLayout Writer::layoutOf(const Buffer &buffer) const {
  ArgumentLayout layout = ArgumentLayout::dense(spec.shapeOf(buffer));
  if (spec.tensors || !hasLayout(buffer))
    return layout;
  int64_t stride = 1;
  for (size_t at = buffer.order.size(); at-- > 0;) {
    unsigned dimension = buffer.order[at];
    layout.strides[dimension] = stride;
    stride *= std::max<int64_t>(layout.shape[dimension], 1) +
              buffer.padding[dimension];
  }
  layout.offset = buffer.offset;
  return layout;
}

std::string Writer::layoutText(const Buffer &buffer) const {
  if (spec.tensors || !isArgument(buffer) || !hasLayout(buffer))
    return "";
  if (buffer.unknownLayout)
    return fmt::format(
        ", strided<[{}], offset: ?>",
        fmt::join(std::vector<std::string>(buffer.shape.size(), "?"), ", "));
  return fmt::format(", strided<[{}], offset: {}>",
                     fmt::join(layoutOf(buffer).strides, ", "), buffer.offset);
}

std::string Writer::shapedType(const Buffer &buffer) const {
  std::string shape;
  std::vector<int64_t> extents = spec.shapeOf(buffer);
  for (size_t at = 0; at < extents.size(); ++at)
    shape += spec.isDynamic(buffer.shape[at])
                 ? "?x"
                 : std::to_string(extents[at]) + "x";
  return fmt::format("{}<{}{}{}>", spec.tensors ? "tensor" : "memref", shape,
                     nameOf(buffer.type), layoutText(buffer));
}

std::string Writer::mapText(const Operation &operation,
                            const IndexList &map) const {
  std::vector<std::string> loops, results;
  for (size_t at = 0; at < operation.loops.size(); ++at)
    loops.push_back(fmt::format("d{}", at));
  for (const Index &index : map) {
    std::string text;
    for (auto [dimension, factor] : index.terms) {
      auto loop =
          std::find(operation.loops.begin(), operation.loops.end(), dimension) -
          operation.loops.begin();
      text += fmt::format("{}d{}", text.empty() ? "" : " + ", loop);
      if (factor != 1)
        text += fmt::format(" * {}", factor);
    }
    if (index.offset || text.empty())
      text += fmt::format("{}{}", text.empty() ? "" : " + ", index.offset);
    results.push_back(text);
  }
  return fmt::format("affine_map<({}) -> ({})>", fmt::join(loops, ", "),
                     fmt::join(results, ", "));
}

std::string Writer::attributesOf(size_t number) const {
  std::string text;
  if (numbered)
    text += fmt::format("number = {}", number);
  if (auto found = spec.schedules.find(number); found != spec.schedules.end())
    text += (text.empty() ? "" : ", ") +
            ("eto.schedule = " + found->second.toText());
  return text;
}

std::string Writer::genericText(const Operation &operation, size_t number) {
  std::vector<std::string> maps, iterators;
  std::vector<ElementType> types;
  for (const OperandUse &input : operation.inputs) {
    maps.push_back(mapText(operation, input.map));
    types.push_back(spec.buffers[input.buffer].type);
  }
  maps.push_back(mapText(operation, operation.output.map));
  types.push_back(spec.buffers[operation.output.buffer].type);
  for (bool isReduced : operation.reduced)
    iterators.push_back(isReduced ? "\"reduction\"" : "\"parallel\"");
  std::string extra = attributesOf(number);
  return fmt::format("linalg.generic {{indexing_maps = [{}], iterator_types = "
                     "[{}]{}}}",
                     fmt::join(maps, ", "), fmt::join(iterators, ", "),
                     extra.empty() ? "" : ", " + extra);
}

std::string Writer::padText(const Operation &pad) {
  const Buffer &buffer = spec.buffers[pad.output.buffer];
  std::string made = fmt::format("%t{}", fresh++);
  std::string text =
      fmt::format("  {} = tensor.pad {} low[{}] high[{}] {{\n  ^bb0(", made,
                  names[pad.inputs[0].buffer], fmt::join(pad.low, ", "),
                  fmt::join(pad.high, ", "));
  for (size_t at = 0; at < pad.low.size(); ++at)
    text += fmt::format("{}%i{}: index", at ? ", " : "", at);
  names[pad.output.buffer] = made;
  return text + fmt::format("):\n    %v = arith.constant {0} : {1}\n    "
                            "tensor.yield %v : {1}\n  }} : {2} to {3}\n",
                            constantText(pad.constant, buffer.type),
                            nameOf(buffer.type), typeOf(pad.inputs[0].buffer),
                            typeOf(pad.output.buffer));
}

std::string Writer::operationText(size_t number) {
  const Operation &operation = spec.operations[number];
  if (operation.named == "tensor.pad")
    return padText(operation);
  std::vector<std::string> inputs, types;
  std::string text;
  if (operation.named == "linalg.fill") {
    ElementType type = spec.buffers[operation.output.buffer].type;
    std::string constant = fmt::format("%c{}", fresh++);
    text += fmt::format("  {} = arith.constant {} : {}\n", constant,
                        constantText(operation.constant, type), nameOf(type));
    inputs.push_back(constant);
    types.emplace_back(nameOf(type));
  }
  for (const OperandUse &input : operation.inputs) {
    inputs.push_back(names[input.buffer]);
    types.push_back(typeOf(input.buffer));
  }
  std::string extra = attributesOf(number);
  std::string head;
  if (operation.named.empty())
    head = genericText(operation, number);
  else if (operation.named == "linalg.softmax")
    head =
        fmt::format("{} dimension({})", operation.named, operation.attributes);
  else if (operation.named == "linalg.fill")
    head = operation.named;
  else
    head = fmt::format(
        "{} {{{}}}", operation.named,
        operation.attributes +
            (extra.empty() || operation.attributes.empty() ? "" : ", ") +
            extra);
  std::string target = names[operation.output.buffer];
  std::string type = typeOf(operation.output.buffer);
  std::string made = fmt::format("%t{}", fresh++);
  text += "  ";
  if (spec.tensors)
    text += made + " = ";
  text += head;
  if (!inputs.empty())
    text += fmt::format(" ins({} : {})", fmt::join(inputs, ", "),
                        fmt::join(types, ", "));
  text += fmt::format(" outs({} : {})", target, type);
  if (operation.named.empty()) {
    std::vector<ElementType> elements;
    for (const OperandUse &input : operation.inputs)
      elements.push_back(spec.buffers[input.buffer].type);
    elements.push_back(spec.buffers[operation.output.buffer].type);
    text +=
        " {\n" + bodyText(operation.body, elements, operation.constant) + "  }";
  }
  if (spec.tensors) {
    text += " -> " + type;
    names[operation.output.buffer] = made;
  }
  return text + "\n";
}

std::string Writer::write() {
  std::vector<std::string> parameters, results, resultTypes;
  std::string begin, end;
  for (size_t number = 0; number < spec.buffers.size(); ++number) {
    const Buffer &buffer = spec.buffers[number];
    names.push_back(fmt::format("%b{}", number));
    if (isArgument(buffer))
      parameters.push_back(names.back() + ": " + shapedType(buffer));
    else
      begin += fmt::format("  {} = {} : {}\n", names.back(),
                           spec.tensors ? "tensor.empty()" : "memref.alloc()",
                           shapedType(buffer));
  }
  for (size_t number = 0; number < spec.operations.size(); ++number)
    begin += operationText(number);
  for (size_t number = 0; spec.tensors && number < spec.buffers.size();
       ++number) {
    const Buffer &buffer = spec.buffers[number];
    if (!buffer.result)
      continue;
    std::string type = shapedType(buffer);
    if (passesResults()) {
      std::string memref = "memref" + type.substr(std::string("tensor").size());
      parameters.push_back(fmt::format("%r{}: {}", number, memref));
      end += fmt::format("  bufferization.materialize_in_destination {} in "
                         "restrict writable %r{} : ({}, {}) -> ()\n",
                         names[number], number, type, memref);
      continue;
    }
    results.push_back(names[number]);
    resultTypes.push_back(type);
  }
  std::string text =
      fmt::format("func.func @f({})", fmt::join(parameters, ", "));
  if (!results.empty())
    text += fmt::format(" -> ({})", fmt::join(resultTypes, ", "));
  text += " {\n" + begin + end + "  return";
  if (!results.empty())
    text += fmt::format(" {} : {}", fmt::join(results, ", "),
                        fmt::join(resultTypes, ", "));
  return text + "\n}\n";
}

std::vector<ArgumentLayout> Writer::layouts() const {
  std::vector<ArgumentLayout> list;
  for (const Buffer &buffer : spec.buffers)
    if (isArgument(buffer))
      list.push_back(layoutOf(buffer));
  if (spec.tensors)
    for (const Buffer &buffer : spec.buffers)
      if (buffer.result)
        list.push_back(ArgumentLayout::dense(spec.shapeOf(buffer)));
  return list;
}

Case Specification::toCase(bool numbered) const {
  Case made = options;
  Writer writer(*this, numbered);
  made.module = writer.write();
  made.layouts = writer.layouts();
  return made;
}
