//===- ToolProcess.cpp - Programs of others, run on files -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ToolProcess.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>

using namespace orcinus;

StatusOr<WorkFolder> WorkFolder::make() {
  WorkFolder folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("orcinus", folder.path))
    return Status::error("cannot make a temporary folder: " + error.message(),
                         StatusCode::InputOutput);
  return folder;
}

WorkFolder::WorkFolder(WorkFolder &&other) noexcept : path(other.path) {
  other.path.clear();
}

WorkFolder::~WorkFolder() {
  if (!path.empty())
    llvm::sys::fs::remove_directories(path);
}

std::string WorkFolder::file(llvm::StringRef name) const {
  llvm::SmallString<128> result(path);
  llvm::sys::path::append(result, name);
  return result.str().str();
}

Status orcinus::writeBytes(const std::string &path, std::string_view bytes) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (!error) {
    stream << llvm::StringRef(bytes);
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  if (!error)
    return Status();
  return Status::error("cannot write '" + path + "': " + error.message(),
                       StatusCode::InputOutput);
}

StatusOr<std::string> orcinus::readBytes(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return Status::error("cannot read '" + path +
                             "': " + buffer.getError().message(),
                         StatusCode::InputOutput);
  return (*buffer)->getBuffer().str();
}

/// The first line of `text` that speaks of an error, else its last one: where
/// Python says what went wrong. Of a crash the lines are a stack.
static std::string errorLine(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines)
    if (line.contains("error:"))
      return line.trim().str();
  if (text.contains("Stack dump:"))
    return "it crashed, which is a mistake of its own";
  return lines.empty() ? std::string() : lines.back().trim().str();
}

Status orcinus::runTool(const WorkFolder &folder, const std::string &program,
                        const std::vector<std::string> &arguments,
                        unsigned mostSeconds) {
  llvm::SmallVector<llvm::StringRef> words{program};
  words.append(arguments.begin(), arguments.end());
  std::string report = folder.file("messages");
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(), llvm::StringRef(report), llvm::StringRef(report)};
  std::string message;
  int code = llvm::sys::ExecuteAndWait(program, words, std::nullopt, redirects,
                                       mostSeconds, 0, &message);
  if (code == 0)
    return Status();
  // What LLVM returns of a crash as well as of one that it has killed in time.
  bool isKilled = code == -2 && message.find("timed out") != std::string::npos;
  if (isKilled) {
    message = "it was stopped after " + std::to_string(mostSeconds) +
              " s, in which it did not end";
  } else if (StatusOr<std::string> said = readBytes(report); said.ok()) {
    if (std::string line = errorLine(*said); !line.empty())
      message = line;
  }
  if (message.empty())
    message = "it ended with " + std::to_string(code);
  std::string prefix = llvm::sys::path::filename(program).str() + ": ";
  return Status::error(llvm::StringRef(message).starts_with(prefix)
                           ? message
                           : prefix + message);
}
