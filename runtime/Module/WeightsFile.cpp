//===- WeightsFile.cpp - The weights of a module --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Module/WeightsFile.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Support/Json.h"
#include "runtime/Module/Tensor.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

using namespace orcinus;

namespace {

struct ElementName {
  TensorElement element;
  std::string_view name;
};

} // namespace

/// What safetensors calls element types, first what is written.
static constexpr ElementName names[] = {
    {TensorElement::I1, "BOOL"},   {TensorElement::I8, "I8"},
    {TensorElement::I8, "U8"},     {TensorElement::I16, "I16"},
    {TensorElement::I16, "U16"},   {TensorElement::I32, "I32"},
    {TensorElement::I32, "U32"},   {TensorElement::I64, "I64"},
    {TensorElement::I64, "U64"},   {TensorElement::F16, "F16"},
    {TensorElement::BF16, "BF16"}, {TensorElement::F32, "F32"},
    {TensorElement::F64, "F64"},
};

/// The bytes of the length of the header.
static constexpr size_t lengthBytes = 8;

std::string orcinus::weightsPathOf(const std::string &path) {
  return std::filesystem::path(path).replace_extension(".safetensors").string();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

StatusOr<std::shared_ptr<const WeightsFile>>
WeightsFile::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped.ok())
    return mapped.status();
  std::shared_ptr<WeightsFile> result(new WeightsFile);
  result->file = path;
  result->mapping = std::move(*mapped);
  if (Status parsed = result->parse(); !parsed.ok())
    return parsed.within("'" + path + "'");
  return std::shared_ptr<const WeightsFile>(std::move(result));
}

/// The integers of a list; nothing where it is none.
static std::optional<std::vector<int64_t>>
integers(const nlohmann::json &json) {
  if (!json.is_array())
    return std::nullopt;
  std::vector<int64_t> values;
  for (const nlohmann::json &each : json) {
    std::optional<int64_t> value = asInteger<int64_t>(each, 0);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

/// The weight that `json` describes, among `available` bytes of elements;
/// nothing where it is none.
static std::optional<Weight> toWeight(const std::string &name,
                                      const nlohmann::json &json,
                                      size_t available) {
  if (!json.is_object())
    return std::nullopt;
  auto type = json.find("dtype"), shape = json.find("shape"),
       place = json.find("data_offsets");
  if (type == json.end() || !type->is_string() || shape == json.end() ||
      place == json.end())
    return std::nullopt;
  std::optional<std::vector<int64_t>> extents = integers(*shape),
                                      range = integers(*place);
  const auto *known =
      std::find_if(std::begin(names), std::end(names),
                   [&](const ElementName &each) { return *type == each.name; });
  if (!extents || !range || range->size() != 2 || known == std::end(names))
    return std::nullopt;
  Weight weight;
  weight.name = name;
  weight.element = known->element;
  weight.extents = std::move(*extents);
  int64_t bytes = byteCountOf(weight.element, weight.extents);
  auto [begin, end] = std::pair((*range)[0], (*range)[1]);
  if (begin > end || std::cmp_greater(end, available) || end - begin != bytes)
    return std::nullopt;
  weight.offset = static_cast<size_t>(begin);
  weight.bytes = static_cast<size_t>(bytes);
  return weight;
}

Status WeightsFile::parse() {
  auto malformed = [](const std::string &what) {
    return Status::error("is no file of safetensors: " + what,
                         StatusCode::Damaged);
  };
  const char *begin = mapping->bytes().data();
  size_t bytes = mapping->bytes().size();
  if (bytes < lengthBytes)
    return malformed("it is too short");
  size_t length = 0;
  for (size_t at = lengthBytes; at-- > 0;)
    length = length << 8 | static_cast<uint8_t>(begin[at]);
  if (length > bytes - lengthBytes)
    return malformed("its header is incomplete");
  headerText = {begin + lengthBytes, length};
  nlohmann::json json = nlohmann::json::parse(headerText, nullptr, false);
  if (!json.is_object())
    return malformed("its header is no JSON object");
  size_t first = lengthBytes + length;
  for (const auto &[name, description] : json.items()) {
    if (name == "__metadata__")
      continue;
    std::optional<Weight> weight = toWeight(name, description, bytes - first);
    if (!weight)
      return malformed("it does not say what '" + name + "' is");
    weight->offset += first;
    weight->data = begin + weight->offset;
    entries.push_back(std::move(*weight));
  }
  return Status();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Status orcinus::writeWeights(const std::string &path,
                             std::span<const Weight> weights) {
  constexpr size_t alignment = 64;
  // The format has no gaps: what would leave one comes last.
  std::vector<const Weight *> order;
  for (const Weight &weight : weights)
    order.push_back(&weight);
  std::stable_partition(order.begin(), order.end(), [](const Weight *weight) {
    return weight->bytes % alignment == 0;
  });
  nlohmann::json json = nlohmann::json::object();
  size_t end = 0;
  for (const Weight *weight : order) {
    const auto *known = std::find_if(std::begin(names), std::end(names),
                                     [&](const ElementName &each) {
                                       return each.element == weight->element;
                                     });
    if (known == std::end(names))
      return Status::error("the weight '" + weight->name +
                           "' has elements that safetensors has no name for");
    json[weight->name] = {{"dtype", known->name},
                          {"shape", weight->extents},
                          {"data_offsets", {end, end + weight->bytes}}};
    end += weight->bytes;
  }
  std::string header = printJson(json);
  header.resize((lengthBytes + header.size() + alignment - 1) / alignment *
                        alignment -
                    lengthBytes,
                ' ');
  std::string length;
  for (size_t at = 0; at != lengthBytes; ++at)
    length += static_cast<char>(header.size() >> (8 * at) & 0xff);
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = file.write(length + header);
  for (const Weight *weight : order)
    if (status.ok())
      status =
          file.write({static_cast<const char *>(weight->data), weight->bytes});
  return status.ok() ? file.commit() : status;
}
