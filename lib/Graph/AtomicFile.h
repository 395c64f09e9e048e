//===- AtomicFile.h - A file that appears whole or not at all ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_ATOMICFILE_H
#define ORCINUS_LIB_GRAPH_ATOMICFILE_H

#include "orcinus/Support/Status.h"

#include <string>
#include <string_view>

namespace orcinus {

/// A file under construction. It is written under a temporary name in the
/// folder of its path and takes its path's place in `commit`; without that
/// nothing remains of it. What is no regular file (a device, a pipe) is written
/// to directly, and a symbolic link is followed.
class AtomicFile {
public:
  explicit AtomicFile(std::string path);
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  ~AtomicFile();

  /// Opens the file. Errors: those of the operating system.
  Status open();

  /// Writes `bytes` behind what was written.
  Status write(std::string_view bytes);

  /// Makes the file durable and visible at its path.
  Status commit();

private:
  Status fail(const char *action, int error) const;

  /// As the user named it, for messages.
  std::string path;
  /// Where the file will be: `path` with symbolic links followed.
  std::string target;
  /// Where it is written; empty where that is `target` itself.
  std::string temporary;
  int descriptor = -1;
};

/// Writes the file at `path` whole, in place of what was there, or not at all.
/// Errors: those of the operating system.
Status writeWholeFile(const std::string &path, std::string_view contents);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_ATOMICFILE_H
