//===- CallMemory.cpp - What a compiled function is called with -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CallMemory.h"

#include "orcinus/Support/CounterRng.h"

#include <fmt/format.h>

#include <cstring>

using namespace orcinus;
using namespace orcinus::differential;

/// The extent of a dimension that a module does not know, where nothing else is
/// said.
static constexpr int64_t usualExtent = 5;

static ArgumentLayout denseLayout(mlir::Type type) {
  std::vector<int64_t> shape(cast<mlir::ShapedType>(type).getShape());
  for (int64_t &extent : shape)
    if (mlir::ShapedType::isDynamic(extent))
      extent = usualExtent;
  return ArgumentLayout::dense(std::move(shape));
}

std::vector<ArgumentLayout>
differential::denseLayouts(mlir::func::FuncOp function) {
  std::vector<ArgumentLayout> layouts;
  for (mlir::Type type : function.getArgumentTypes())
    layouts.push_back(denseLayout(type));
  for (mlir::Type type : function.getResultTypes())
    layouts.push_back(denseLayout(type));
  return layouts;
}

static ElementType typeOf(mlir::Type type) {
  return *elementTypeOf(mlir::getElementTypeOrSelf(type));
}

std::vector<Array>
differential::drawArguments(mlir::func::FuncOp function, const Case &tested,
                            const std::vector<ArgumentLayout> &layouts) {
  std::vector<Array> arguments;
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes())) {
    ElementType element = typeOf(type);
    Array array = Array::unwritten(element, layouts[number].shape);
    uint64_t stream = randomStream("differential argument") + number;
    // Narrow types hold sums of small integers alone.
    double reach =
        element == ElementType::BF16 || element == ElementType::F16 ? 1 : 3;
    for (size_t at = 0; at < array.elements.size(); ++at) {
      double drawn = 2 * randomUnit(tested.dataSeed, stream, at) - 1;
      bool whole = tested.integers || !isFloat(element);
      array.elements[at] = Number::exactly(
          whole ? std::round(drawn * (reach + 0.49)) : roundTo(element, drawn));
    }
    arguments.push_back(std::move(array));
  }
  return arguments;
}

/// Calls `body` with the place in `array` and in memory of each element.
static void forEachElement(const ArgumentLayout &layout,
                           llvm::function_ref<void(size_t, int64_t)> body) {
  size_t rank = layout.shape.size();
  std::vector<int64_t> index(rank, 0);
  for (int64_t extent : layout.shape)
    if (extent == 0)
      return;
  for (size_t number = 0;; ++number) {
    int64_t place = layout.offset;
    for (size_t at = 0; at < rank; ++at)
      place += index[at] * layout.strides[at];
    body(number, place);
    size_t at = rank;
    while (at-- > 0 && ++index[at] == layout.shape[at])
      index[at] = 0;
    if (at == static_cast<size_t>(-1))
      return;
  }
}

void CallMemory::append(std::string name, const ArgumentLayout &layout,
                        const Array *values, Array wanted, bool scratch,
                        const MemoryOptions &options) {
  int64_t bytes = bytesOf(wanted.type);
  GuardedBlock block(layout.span() * bytes, bytes, options);
  if (values)
    forEachElement(layout, [&](size_t number, int64_t place) {
      writeElement(values->type, values->elements[number].value,
                   block.data() + place * bytes);
    });
  std::vector<std::byte> image(block.pages().begin(), block.pages().end());
  auto address = reinterpret_cast<int64_t>(block.data());
  std::vector<int64_t> descriptor = {address, address, layout.offset};
  descriptor.insert(descriptor.end(), layout.shape.begin(), layout.shape.end());
  descriptor.insert(descriptor.end(), layout.strides.begin(),
                    layout.strides.end());
  operands.push_back({std::move(name), layout, std::move(block),
                      std::move(descriptor), std::move(image),
                      std::move(wanted), scratch});
}

StatusOr<CallMemory>
CallMemory::prepare(mlir::func::FuncOp function, const Case &tested,
                    const std::vector<ArgumentLayout> &layouts,
                    const Evaluation &wanted) {
  unsigned arguments = function.getNumArguments();
  if (layouts.size() != arguments + function.getNumResults())
    return Status::error("a case has a layout for each argument and result");
  CallMemory memory;
  std::vector<Array> drawn = drawArguments(function, tested, layouts);
  for (unsigned number = 0; number < arguments; ++number)
    memory.append(
        fmt::format("argument {}", number), layouts[number], &drawn[number],
        wanted.arguments[number],
        isa<mlir::RankedTensorType>(function.getArgumentTypes()[number]),
        tested.memory);
  for (unsigned number = 0; number < function.getNumResults(); ++number)
    memory.append(fmt::format("result {}", number), layouts[arguments + number],
                  nullptr, wanted.results[number], /*scratch=*/false,
                  tested.memory);
  for (Operand &operand : memory.operands)
    memory.pointers.push_back(operand.descriptor.data());
  return memory;
}

static std::string spell(size_t number, const std::vector<int64_t> &shape) {
  std::string text;
  auto rest = static_cast<int64_t>(number);
  for (size_t at = shape.size(); at-- > 0; rest /= shape[at])
    text = std::to_string(rest % shape[at]) + (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

std::string CallMemory::compare(Operand &operand) {
  const Array &wanted = operand.wanted;
  int64_t bytes = bytesOf(wanted.type);
  std::byte *data = operand.block.data();
  std::byte *copy =
      operand.image.data() + (data - operand.block.pages().data());
  std::string wrong;
  size_t count = 0;
  forEachElement(operand.layout, [&](size_t number, int64_t place) {
    double actual = readElement(wanted.type, data + place * bytes);
    // What lies between the elements is compared below.
    std::memcpy(copy + place * bytes, data + place * bytes, bytes);
    if (operand.scratch || wanted.elements[number].admits(actual, wanted.type))
      return;
    if (count++ == 0)
      wrong = fmt::format("{} of {} is {}, not {} (to {})",
                          spell(number, operand.layout.shape), operand.name,
                          actual, wanted.elements[number].value,
                          wanted.elements[number].error);
  });
  if (count > 1)
    wrong += fmt::format(", and {} more", count - 1);
  if (wrong.empty() &&
      std::memcmp(operand.image.data(), operand.block.pages().data(),
                  operand.image.size()) != 0)
    wrong = "writes beside the elements of " + operand.name;
  return wrong;
}

std::string CallMemory::compare() {
  for (Operand &operand : operands)
    if (std::string wrong = compare(operand); !wrong.empty())
      return wrong;
  return "";
}
