//===- ToolProcess.h - Programs of others, run on files ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_TOOLPROCESS_H
#define ORCINUS_RUNTIME_JIT_TOOLPROCESS_H

#include "orcinus/Support/Status.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// A temporary folder for a tool's files, removed with what is in it.
class WorkFolder {
public:
  /// Errors: those of the operating system.
  static StatusOr<WorkFolder> make();
  WorkFolder(WorkFolder &&other) noexcept;
  WorkFolder &operator=(WorkFolder &&) = delete;
  ~WorkFolder();

  /// The path of a file of that name in it.
  std::string file(llvm::StringRef name) const;

private:
  WorkFolder() = default;

  llvm::SmallString<128> path;
};

/// Writes a file, or reads one whole. Errors: those of the operating system.
Status writeBytes(const std::string &path, std::string_view bytes);
StatusOr<std::string> readBytes(const std::string &path);

/// Runs the file `program` on `arguments` and waits. Errors: a program that
/// cannot be run or fails, with the first line that it writes of an error, or
/// does not end within `mostSeconds`: torch-mlir's rewrites of some ops never
/// come to an end.
Status runTool(const WorkFolder &folder, const std::string &program,
               const std::vector<std::string> &arguments,
               unsigned mostSeconds = 1800);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_TOOLPROCESS_H
