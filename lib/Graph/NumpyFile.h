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

namespace orcinus {

/// A matrix of little-endian float32 or float64 in a .npy file (versions 1 to
/// 3, rows contiguous), perhaps gzipped. A vector of n elements is n × 1.
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

  Status parseHeader();
  Status parseDictionary(std::string_view dictionary);

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
