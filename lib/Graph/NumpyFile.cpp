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

#include <cmath>
#include <cstring>
#include <limits>
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

StatusOr<NumpyFile> NumpyFile::read(const std::string &path) {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  NumpyFile array(std::move(*file));
  if (Status status = array.parseHeader(); !status.ok())
    return status;
  return array;
}

Status NumpyFile::parseHeader() {
  std::string_view bytes = file.bytes.view();
  constexpr std::string_view magic = "\x93NUMPY";
  constexpr size_t versionEnd = 8;
  if (!bytes.starts_with(magic))
    return Status::error("'" + file.path +
                         "' is not a npy file; write it with numpy.save");
  Status truncated =
      Status::error("'" + file.path +
                    "' is truncated: its npy header is incomplete; copy or "
                    "write it again");
  if (bytes.size() < versionEnd + 4)
    return truncated;
  size_t lengthSize = bytes[6] == 1 ? 2 : 4;
  size_t length = 0;
  for (size_t i = lengthSize; i-- > 0;)
    length = length << 8 | static_cast<uint8_t>(bytes[versionEnd + i]);
  dataOffset = versionEnd + lengthSize + length;
  if (bytes.size() < dataOffset)
    return truncated;
  if (Status status =
          parseDictionary(bytes.substr(versionEnd + lengthSize, length));
      !status.ok())
    return status;

  // Dividing instead of multiplying keeps an absurd shape from overflowing.
  size_t available = (bytes.size() - dataOffset) / elementSize;
  size_t rows = static_cast<size_t>(rowCount);
  size_t columns = static_cast<size_t>(columnCount);
  bool fits = columns == 0 || rows <= available / columns;
  if (fits && bytes.size() - dataOffset == rows * columns * elementSize)
    return Status();
  return Status::error(
      "'" + file.path + "' is " + (fits ? "too long" : "truncated") +
      " for its shape (" + std::to_string(rowCount) + ", " +
      std::to_string(columnCount) + "); copy or write it again");
}

Status NumpyFile::parseDictionary(std::string_view dictionary) {
  std::string_view type = findValue(dictionary, "descr", ",");
  if (type.size() >= 2 && type.front() == '\'' && type.back() == '\'')
    type = type.substr(1, type.size() - 2);
  elementSize = type == "<f8" ? 8 : type == "<f4" ? 4 : 0;
  if (elementSize == 0)
    return Status::error("'" + file.path + "' has elements of type " +
                         quoteForMessage(type) +
                         "; expected '<f4' or '<f8': convert it with "
                         "astype('float32')");
  if (findValue(dictionary, "fortran_order", ",}") != "False")
    return Status::error("'" + file.path +
                         "' is in Fortran order; write it with "
                         "numpy.ascontiguousarray");
  std::string_view shape = findValue(dictionary, "shape", ")");
  if (!shape.empty())
    shape.remove_prefix(1);
  if (shape.ends_with(","))
    shape.remove_suffix(1);
  FieldSplitter splitter(Separator::Comma);
  std::vector<std::string_view> extents = splitter.split(shape);
  bool valid = extents.size() == 1 || extents.size() == 2;
  if (valid)
    valid = parseInteger(extents[0], rowCount) == NumberKind::Valid &&
            rowCount >= 0;
  if (valid && extents.size() == 2)
    valid = parseInteger(extents[1], columnCount) == NumberKind::Valid &&
            columnCount >= 0;
  if (!valid)
    return Status::error("'" + file.path + "' has the shape " +
                         quoteForMessage("(" + std::string(shape) + ")") +
                         "; expected a matrix (rows, columns)");
  return Status();
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

std::string orcinus::npyText(std::span<const float> values, int64_t rows,
                             int64_t columns) {
  std::string dictionary =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
      std::to_string(rows) + ", " + std::to_string(columns) + "), }";
  // The data begins at a multiple of 64 bytes, behind magic, version and
  // length.
  constexpr size_t prologue = 10, alignment = 64;
  while ((prologue + dictionary.size() + 1) % alignment)
    dictionary += ' ';
  dictionary += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(dictionary.size() % 256);
  text += static_cast<char>(dictionary.size() / 256);
  text += dictionary;
  text.append(reinterpret_cast<const char *>(values.data()),
              values.size_bytes());
  return text;
}
