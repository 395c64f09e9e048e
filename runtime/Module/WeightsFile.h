//===- WeightsFile.h - The weights of a module ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights lie beside a module's text in the format of safetensors: the length
// of a header in 8 bytes, little-endian, the header, which is JSON and names
// the element type, the extents and the place of each tensor, and their
// elements.
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MODULE_WEIGHTSFILE_H
#define RUNTIME_MODULE_WEIGHTSFILE_H

#include "lib/Graph/MappedFile.h"
#include "orcinus/Runtime/Module.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// A named tensor, its elements in memory that somebody else owns.
struct Weight {
  std::string name;
  TensorElement element = TensorElement::F32;
  std::vector<int64_t> extents;
  const void *data = nullptr;
  /// Where its elements are in its file.
  size_t offset = 0;
  size_t bytes = 0;
};

/// A file of weights, mapped: a weight is read from the disk when it is used.
class WeightsFile {
public:
  /// Maps the file at `path`. Errors: a file that cannot be read, or that is
  /// none of safetensors.
  static StatusOr<std::shared_ptr<const WeightsFile>>
  open(const std::string &path);

  const std::string &path() const { return file; }
  const std::vector<Weight> &weights() const { return entries; }
  /// What says all but the elements.
  std::string_view header() const { return headerText; }

private:
  WeightsFile() = default;
  Status parse();

  std::string file;
  std::shared_ptr<const MappedFile> mapping;
  std::string_view headerText;
  std::vector<Weight> entries;
};

/// Writes `weights`, whose offsets do not count, to `path`.
Status writeWeights(const std::string &path, std::span<const Weight> weights);

/// The file of weights that belongs to the module at `path`: its name with
/// .safetensors for its ending.
std::string weightsPathOf(const std::string &path);

} // namespace orcinus

#endif // RUNTIME_MODULE_WEIGHTSFILE_H
