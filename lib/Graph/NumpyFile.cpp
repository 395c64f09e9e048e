//===- NumpyFile.cpp - Matrices in NumPy's npy format ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format: the magic "\x93NUMPY", two bytes of version, the length of the
// header (16 bits in version 1, else 32), the header, which is the text of a
// Python dictionary with the keys descr, fortran_order and shape, and the data.
//
//===----------------------------------------------------------------------===//

#include "NumpyFile.h"

#include "TextRows.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

using namespace orcinus;

/// The text of the value of `key` in `dictionary`, up to and without the first
/// of `terminators` behind it; empty if it is not there.
static std::string_view findValue(std::string_view dictionary,
                                  std::string_view key,
                                  std::string_view terminators) {
  std::string quoted = "'" + std::string(key) + "':";
  size_t begin = dictionary.find(quoted);
  if (begin == std::string_view::npos)
    return {};
  dictionary.remove_prefix(begin + quoted.size());
  size_t end = dictionary.find_first_of(terminators);
  if (end == std::string_view::npos)
    return {};
  std::string_view value = dictionary.substr(0, end);
  size_t first = value.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view()
                                         : value.substr(first);
}

static std::string quoteShape(std::string_view extents) {
  return quoteForMessage("(" + std::string(extents) + ")");
}

/// The extents between the brackets of a shape; nothing where they are none.
static std::optional<std::vector<int64_t>> parseShape(std::string_view text) {
  std::vector<int64_t> extents;
  if (text.ends_with(","))
    text.remove_suffix(1);
  if (text.empty())
    return extents;
  FieldSplitter splitter(Separator::Comma);
  for (std::string_view field : splitter.split(text)) {
    int64_t extent = 0;
    if (parseInteger(field, extent) != NumberKind::Valid || extent < 0)
      return std::nullopt;
    extents.push_back(extent);
  }
  return extents;
}

StatusOr<NumpyHeader> NumpyHeader::parse(std::string_view bytes,
                                         const std::string &path) {
  constexpr std::string_view magic = "\x93NUMPY";
  constexpr size_t versionEnd = 8;
  if (!bytes.starts_with(magic))
    return Status::error("'" + path +
                         "' is not a npy file; write it with numpy.save");
  Status truncated =
      Status::error("'" + path +
                    "' is truncated: its npy header is incomplete; copy or "
                    "write it again");
  if (bytes.size() < versionEnd + 4)
    return truncated;
  size_t lengthSize = bytes[6] == 1 ? 2 : 4;
  size_t length = 0;
  for (size_t i = lengthSize; i-- > 0;)
    length = length << 8 | static_cast<uint8_t>(bytes[versionEnd + i]);
  NumpyHeader header;
  header.dataOffset = versionEnd + lengthSize + length;
  if (bytes.size() < header.dataOffset)
    return truncated;
  std::string_view dictionary = bytes.substr(versionEnd + lengthSize, length);
  std::string_view type = findValue(dictionary, "descr", ",");
  if (type.size() >= 2 && type.front() == '\'' && type.back() == '\'')
    type = type.substr(1, type.size() - 2);
  header.type = type;
  if (findValue(dictionary, "fortran_order", ",}") != "False")
    return Status::error("'" + path +
                         "' is in Fortran order; write it with "
                         "numpy.ascontiguousarray");
  std::string_view shape = findValue(dictionary, "shape", ")");
  if (!shape.starts_with("("))
    return Status::error("'" + path + "' has no shape; write it again");
  shape.remove_prefix(1);
  std::optional<std::vector<int64_t>> extents = parseShape(shape);
  if (!extents)
    return Status::error("'" + path + "' has the shape " + quoteShape(shape) +
                         "; expected extents");
  header.extents = std::move(*extents);
  return header;
}

StatusOr<NumpyFile> NumpyFile::read(const std::string &path) {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  NumpyFile array(std::move(*file));
  if (Status status = array.readHeader(); !status.ok())
    return status;
  return array;
}

Status NumpyFile::readHeader() {
  StatusOr<NumpyHeader> header =
      NumpyHeader::parse(file.bytes.view(), file.path);
  if (!header.ok())
    return header.status();
  elementSize = header->type == "<f8" ? 8 : header->type == "<f4" ? 4 : 0;
  if (elementSize == 0)
    return Status::error("'" + file.path + "' has elements of type " +
                         quoteForMessage(header->type) +
                         "; expected '<f4' or '<f8': convert it with "
                         "astype('float32')");
  std::string shape;
  for (int64_t extent : header->extents)
    shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  if (header->extents.empty() || header->extents.size() > 2)
    return Status::error("'" + file.path + "' has the shape " +
                         quoteShape(shape) +
                         "; expected a matrix (rows, columns)");
  rowCount = header->extents[0];
  if (header->extents.size() == 2)
    columnCount = header->extents[1];
  dataOffset = header->dataOffset;

  // Dividing instead of multiplying keeps an absurd shape from overflowing.
  size_t available = (file.bytes.size() - dataOffset) / elementSize;
  size_t rows = static_cast<size_t>(rowCount);
  size_t columns = static_cast<size_t>(columnCount);
  bool fits = columns == 0 || rows <= available / columns;
  if (fits && file.bytes.size() - dataOffset == rows * columns * elementSize)
    return Status();
  return Status::error(
      "'" + file.path + "' is " + (fits ? "too long" : "truncated") +
      " for its shape (" + std::to_string(rowCount) + ", " +
      std::to_string(columnCount) + "); copy or write it again");
}

/// Converts `count` elements of type T at `bytes`, which need not be aligned.
/// Returns whether all are finite.
template <typename T>
static bool convert(const char *bytes, size_t count, float *result) {
  bool finite = true;
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    // A double beyond the largest float must not be converted.
    bool fits = std::abs(value) <= std::numeric_limits<float>::max();
    result[i] = fits ? static_cast<float>(value) : 0;
    finite &= fits;
  }
  return finite;
}

StatusOr<FeatureMatrix>
NumpyFile::gather(std::span<const int64_t> indices) const {
  FeatureMatrix matrix;
  matrix.rows = static_cast<int64_t>(indices.size());
  matrix.columns = columnCount;
  size_t columns = static_cast<size_t>(columnCount);
  std::vector<float> values(indices.size() * columns);
  for (size_t row = 0; row < indices.size(); ++row) {
    const char *bytes =
        file.bytes.view().data() + dataOffset +
        static_cast<size_t>(indices[row]) * columns * elementSize;
    float *result = values.data() + row * columns;
    bool finite = elementSize == 8 ? convert<double>(bytes, columns, result)
                                   : convert<float>(bytes, columns, result);
    if (!finite)
      return Status::error("'" + file.path + "' holds, in row " +
                           std::to_string(indices[row]) +
                           ", a value that is not finite in single precision; "
                           "replace it");
  }
  matrix.values = std::move(values);
  return matrix;
}

std::string orcinus::npyHeader(std::string_view type,
                               std::span<const int64_t> extents) {
  std::string shape;
  for (int64_t extent : extents)
    shape += std::to_string(extent) + ", ";
  // A tuple of one keeps its comma.
  if (extents.size() > 1)
    shape.resize(shape.size() - 2);
  std::string dictionary = "{'descr': '" + std::string(type) +
                           "', 'fortran_order': False, 'shape': (" + shape +
                           "), }";
  // The data begins at a multiple of 64 bytes, behind magic, version and
  // length.
  constexpr size_t prologue = 10, alignment = 64;
  while ((prologue + dictionary.size() + 1) % alignment)
    dictionary += ' ';
  dictionary += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(dictionary.size() % 256);
  text += static_cast<char>(dictionary.size() / 256);
  return text + dictionary;
}

std::string orcinus::npyText(std::span<const float> values, int64_t rows,
                             int64_t columns) {
  std::string text = npyHeader("<f4", std::array{rows, columns});
  text.append(reinterpret_cast<const char *>(values.data()),
              values.size_bytes());
  return text;
}
