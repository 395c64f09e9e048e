//===- Tensor.cpp - Tensors and their types -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Module/Tensor.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

using namespace orcinus;

namespace {

struct ElementDescription {
  TensorElement element;
  std::string_view name;
  size_t bytes;
};

} // namespace

static constexpr ElementDescription elements[] = {
    {TensorElement::I1, "i1", 1},   {TensorElement::I8, "i8", 1},
    {TensorElement::I16, "i16", 2}, {TensorElement::I32, "i32", 4},
    {TensorElement::I64, "i64", 8}, {TensorElement::Index, "index", 8},
    {TensorElement::F16, "f16", 2}, {TensorElement::BF16, "bf16", 2},
    {TensorElement::F32, "f32", 4}, {TensorElement::F64, "f64", 8},
};

std::string_view orcinus::tensorElementName(TensorElement element) {
  return elements[static_cast<size_t>(element)].name;
}

std::optional<TensorElement>
orcinus::parseTensorElement(std::string_view name) {
  for (const ElementDescription &each : elements)
    if (each.name == name)
      return each.element;
  return std::nullopt;
}

size_t orcinus::tensorElementBytes(TensorElement element) {
  return elements[static_cast<size_t>(element)].bytes;
}

bool TensorType::isStatic() const {
  return std::all_of(extents.begin(), extents.end(),
                     [](int64_t extent) { return extent >= 0; });
}

std::string TensorType::toString() const {
  std::string name(tensorElementName(element));
  if (kind == Kind::Scalar)
    return name;
  std::string text = kind == Kind::Tensor ? "tensor<" : "memref<";
  for (int64_t extent : extents)
    text += (extent < 0 ? "?" : std::to_string(extent)) + "x";
  return text + name + ">";
}

static std::string listTypes(const std::vector<TensorType> &types) {
  std::string text;
  for (const TensorType &type : types)
    text += (text.empty() ? "" : ", ") + type.toString();
  return "(" + text + ")";
}

std::string EntryPoint::toString() const {
  return name + listTypes(arguments) + " -> " + listTypes(results);
}

int64_t orcinus::byteCountOf(TensorElement element,
                             std::span<const int64_t> extents) {
  return saturatedProduct(saturatedElements(extents),
                          static_cast<int64_t>(tensorElementBytes(element)));
}

void Tensor::Release::operator()(void *block) const { std::free(block); }

StatusOr<Tensor> Tensor::create(TensorElement element,
                                std::vector<int64_t> extents) {
  for (int64_t extent : extents)
    if (extent < 0)
      return Status::error("a tensor cannot have the extent " +
                           std::to_string(extent));
  constexpr int64_t alignment = 64;
  int64_t bytes = byteCountOf(element, extents);
  Tensor tensor;
  if (bytes < std::numeric_limits<int64_t>::max() - alignment)
    tensor.memory.reset(std::aligned_alloc(
        alignment, (bytes + alignment) / alignment * alignment));
  if (!tensor.memory)
    return Status::error("out of memory: a tensor of " + std::to_string(bytes) +
                             " bytes does not fit",
                         StatusCode::OutOfMemory);
  tensor.kind = element;
  tensor.shape = std::move(extents);
  tensor.byteCount = static_cast<size_t>(bytes);
  return tensor;
}

Tensor Tensor::adopt(TensorElement element, std::vector<int64_t> extents,
                     void *memory) {
  Tensor tensor;
  tensor.kind = element;
  tensor.byteCount = static_cast<size_t>(byteCountOf(element, extents));
  tensor.shape = std::move(extents);
  tensor.memory.reset(memory);
  return tensor;
}
