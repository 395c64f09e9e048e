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

/// A file under construction, which takes its path's place in `commit`; without
/// that nothing remains of it. Until then it has no name, so that nothing is
/// left where the process is killed either; where the file system has no files
/// without a name, it has a temporary one in the folder of its path. What is no
/// regular file (a device, a pipe) is written to directly, and a symbolic link
/// is followed.
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

  /// Makes the file durable, and durably visible at its path.
  Status commit();

private:
  Status openNew();
  /// The first name that `make` makes a file of, as of open(2): 0, or an error
  /// of which EEXIST asks for another name.
  template <typename Make>
  Status makeTemporary(Make make);
  Status fail(const char *action, int error) const;

  /// As the user named it, for messages.
  std::string path;
  /// Where the file will be: `path` with symbolic links followed.
  std::string target;
  /// Whether it is a new file, which `target` is to become.
  bool isNew = false;
  /// The name of the new file; empty as long as it has none.
  std::string temporary;
  int descriptor = -1;
};

/// Makes the names of the folder that `path` is in durable: a file that is new
/// or renamed survives a power cut only then. A folder that cannot be opened is
/// left as it is.
void syncFolderOf(const std::string &path);

/// Writes the file at `path` whole, in place of what was there, or not at all.
/// Errors: those of the operating system.
Status writeWholeFile(const std::string &path, std::string_view contents);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_ATOMICFILE_H
