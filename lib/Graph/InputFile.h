//===- InputFile.h - The bytes of an input file -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_INPUTFILE_H
#define ORCINUS_LIB_GRAPH_INPUTFILE_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace orcinus {

/// A growing array of bytes that, unlike std::string, does not clear what is
/// about to be overwritten.
class ByteBuffer {
public:
  /// Makes room for `capacity` bytes; keeps the first `size()`.
  void reserve(size_t capacity);

  char *data() { return storage.get(); }
  size_t size() const { return used; }
  size_t capacity() const { return available; }
  void setSize(size_t size) { used = size; }
  std::string_view view() const { return {storage.get(), used}; }

private:
  std::unique_ptr<char[]> storage;
  size_t used = 0;
  size_t available = 0;
};

/// A file read whole into memory and, where it is gzipped, decompressed. It is
/// read and not mapped: a mapped file that another process shortens would kill
/// the process.
struct InputFile {
  std::string path;
  ByteBuffer bytes;
  bool gzipped = false;

  /// Reads `path`. Errors: it cannot be opened or read, is a folder, is empty,
  /// or is a truncated or corrupt gzip file.
  static StatusOr<InputFile> read(const std::string &path);
};

/// Whether something can be found at `path`.
bool fileExists(const std::string &path);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_INPUTFILE_H
