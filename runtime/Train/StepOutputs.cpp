//===- StepOutputs.cpp - What a step function gives -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/StepOutputs.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string>

using namespace orcinus;

/// Of one output; so many cannot be counted in bytes, or nearly so.
static constexpr int64_t mostElements = int64_t(1) << 48;

StatusOr<MemrefDescriptor *>
StepOutputs::add(const ArgumentSpecification &argument, StepTables &tables) {
  auto output = std::make_unique<Output>();
  output->argument = &argument;
  for (const OutputExtent &extent : argument.extents) {
    std::vector<Term> &terms = output->terms.emplace_back();
    for (const ExtentTerm &term : extent.terms) {
      const auto *count = std::get_if<StepCount>(&term.of);
      const auto *name = std::get_if<TableName>(&term.of);
      const Table *table =
          name ? tables.bind(name->handle, name->component) : nullptr;
      if (name && !table)
        return Status::error(
            fmt::format("the program gives '{}' with as many rows as a table "
                        "whose handle is out of range",
                        argument.binding),
            StatusCode::Internal);
      terms.push_back({term.factor, count ? *count : StepCount::Events, table});
    }
  }
  // Known before the first step.
  output->view.columns = 1;
  for (size_t at = 1; at < argument.extents.size(); ++at)
    output->view.columns =
        saturatedProduct(output->view.columns, argument.extents[at].number);
  outputs.push_back(std::move(output));
  return &outputs.back()->descriptor;
}

Status StepOutputs::resize(const StepInput &input) {
  for (const std::unique_ptr<Output> &output : outputs) {
    std::array<int64_t, MemrefDescriptor::maximumRank> extents;
    size_t rank = output->terms.size();
    for (size_t at = 0; at != rank; ++at) {
      extents[at] = output->argument->extents[at].number;
      for (const Term &term : output->terms[at]) {
        int64_t count =
            term.table ? term.table->shape()[0] : input.count(term.count);
        extents[at] =
            saturatedSum(extents[at], saturatedProduct(term.factor, count));
      }
    }
    auto shape = std::span<const int64_t>(extents).first(rank);
    int64_t elements = saturatedElements(shape);
    if (elements > mostElements)
      return Status::error(fmt::format("the program gives '{}' of shape [{}], "
                                       "which is more than memory can hold",
                                       output->argument->binding,
                                       fmt::join(shape, ", ")),
                           StatusCode::OutOfMemory);
    std::span<float> values = output->storage.reserve<float>(elements);
    output->descriptor.set(values.data(), shape);
    output->view.values = values;
  }
  return Status();
}

const StepOutputs::Output *StepOutputs::findOutput(std::string_view role,
                                                   size_t place) const {
  for (const std::unique_ptr<Output> &output : outputs)
    if (output->argument->name == role && place-- == 0)
      return output.get();
  return nullptr;
}

StepOutputs::View StepOutputs::find(std::string_view role, size_t place) const {
  const Output *output = findOutput(role, place);
  return output ? output->view : View();
}

/// As `[2 * events, 100]`.
static std::string describe(std::span<const OutputExtent> extents) {
  std::vector<std::string> texts;
  for (const OutputExtent &extent : extents) {
    std::vector<std::string> terms;
    for (const ExtentTerm &term : extent.terms) {
      const auto *count = std::get_if<StepCount>(&term.of);
      terms.push_back(
          fmt::format("{} * {}", term.factor,
                      count ? stepCountName(*count) : "rows of a table"));
    }
    if (terms.empty())
      terms.push_back(std::to_string(extent.number));
    texts.push_back(fmt::format("{}", fmt::join(terms, " + ")));
  }
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

/// Whether the extent is `count`, as often as there are.
static bool isCount(const OutputExtent &extent, StepCount count) {
  if (extent.terms.size() != 1 || extent.terms[0].factor != 1)
    return false;
  const auto *of = std::get_if<StepCount>(&extent.terms[0].of);
  return of && *of == count;
}

static bool fits(std::span<const OutputExtent> extents,
                 const OutputForm &form) {
  if (!form.rows)
    return extents.empty();
  if (extents.size() != (form.hasColumns ? 2 : 1) ||
      !isCount(extents[0], *form.rows))
    return false;
  return !form.hasColumns || extents[1].terms.empty();
}

Status StepOutputs::check(const OutputForm &form,
                          std::string_view function) const {
  const Output *output = findOutput(form.role, 0);
  if (output && fits(output->argument->extents, form))
    return Status();
  std::string expected = form.rows
                             ? fmt::format("[{}{}]", stepCountName(*form.rows),
                                           form.hasColumns ? ", N" : "")
                             : "[]";
  return Status::error(fmt::format(
      "{} gives {} '{}', which is taken with the extents {}: compile the model "
      "for this use",
      function, output ? describe(output->argument->extents) + " as its" : "no",
      form.role, expected));
}
