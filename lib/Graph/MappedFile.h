//===- MappedFile.h - A file in memory --------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_MAPPEDFILE_H
#define ORCINUS_LIB_GRAPH_MAPPEDFILE_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace orcinus {

/// A file whose pages the system reads when they are read here, and drops when
/// it needs their memory. It has to stay as it is.
class MappedFile {
public:
  /// Errors: it cannot be opened or mapped, or is empty.
  static StatusOr<std::shared_ptr<const MappedFile>>
  open(const std::string &path);
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  std::string_view bytes() const {
    return {static_cast<const char *>(memory), size};
  }

private:
  MappedFile(void *memory, size_t size) : memory(memory), size(size) {}

  void *memory;
  size_t size;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_MAPPEDFILE_H
