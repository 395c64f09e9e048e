//===- NumpyFile.h - Matrices in NumPy's npy format -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_NUMPYFILE_H
#define ORCINUS_LIB_GRAPH_NUMPYFILE_H

#include "InputFile.h"
#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What the header of a npy file (versions 1 to 3) says.
struct NumpyHeader {
  /// What NumPy calls the elements: "<f4", "|i1" and so on.
  std::string type;
  /// None for a single number.
  std::vector<int64_t> extents;
  /// The bytes before the elements, which are row-major.
  size_t dataOffset = 0;

  /// Reads the beginning of `bytes`, of the file at `path`. Errors: not a npy
  /// file, a header that is incomplete, Fortran order, a shape that is none.
  static StatusOr<NumpyHeader> parse(std::string_view bytes,
                                     const std::string &path);
};

/// The bytes before the elements of a npy file.
std::string npyHeader(std::string_view type, std::span<const int64_t> extents);

/// A matrix of little-endian float32 or float64 in a .npy file, perhaps
/// gzipped. A vector of n elements is n × 1.
class NumpyFile {
public:
  /// Reads the file at `path`. Errors: those of `InputFile::read`, not a npy
  /// file, another element type, Fortran order, more than two dimensions, a
  /// length that does not fit the shape.
  static StatusOr<NumpyFile> read(const std::string &path);

  const std::string &path() const { return file.path; }
  int64_t rows() const { return rowCount; }
  int64_t columns() const { return columnCount; }

  /// The rows `indices`, each within [0, rows()), as float32. Errors: a value
  /// that is not finite in single precision.
  StatusOr<FeatureMatrix> gather(std::span<const int64_t> indices) const;

private:
  explicit NumpyFile(InputFile file) : file(std::move(file)) {}

  Status readHeader();

  InputFile file;
  int64_t rowCount = 0;
  int64_t columnCount = 1;
  size_t elementSize = 0;
  size_t dataOffset = 0;
};

/// The bytes of an npy file of the float32 array `values`, row-major.
std::string npyText(std::span<const float> values, int64_t rows,
                    int64_t columns);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_NUMPYFILE_H
