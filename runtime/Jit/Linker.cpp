//===- Linker.cpp - Objects to libraries ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Linker.h"

#include "runtime/Jit/ModuleSupport.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Module/ModuleManifest.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <dlfcn.h>
#include <link.h>
#include <optional>
#include <vector>

using namespace orcinus;

std::string orcinus::pathOfLibrary(void *handle) {
  link_map *map = nullptr;
  if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
    return "";
  return map->l_name;
}

/// The path of a library that this process has loaded.
static std::string pathOfLoaded(const char *name) {
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  std::string path = pathOfLibrary(handle);
  if (handle)
    dlclose(handle);
  return path;
}

/// The path of one of LLVM's tools: beside those that this was built with, or
/// on PATH under its own or its Debian name.
static StatusOr<std::string> findLlvmTool(const std::string &name) {
  for (const std::string &each : {name, name + "-22"}) {
    if (auto found = llvm::sys::findProgramByName(each, {ORCINUS_LINKER_TOOLS}))
      return *found;
    if (auto found = llvm::sys::findProgramByName(each))
      return *found;
  }
  return Status::error("no " + name +
                           " of LLVM on PATH: install lld-22 and llvm-22",
                       StatusCode::Unavailable);
}

namespace {

/// A folder for the linker's files, removed with what is in it.
class WorkFolder {
public:
  WorkFolder() {
    error = llvm::sys::fs::createUniqueDirectory("orcinus-link", path);
  }
  WorkFolder(const WorkFolder &) = delete;
  WorkFolder &operator=(const WorkFolder &) = delete;
  ~WorkFolder() {
    if (!error)
      llvm::sys::fs::remove_directories(path);
  }

  std::string file(llvm::StringRef name) const {
    llvm::SmallString<128> result(path);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  llvm::SmallString<128> path;
  std::error_code error;
};

} // namespace

static Status writeTo(const std::string &path, std::string_view bytes) {
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

static StatusOr<std::string> readFrom(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return Status::error("cannot read '" + path +
                             "': " + buffer.getError().message(),
                         StatusCode::InputOutput);
  return (*buffer)->getBuffer().str();
}

/// Runs `tool` on `arguments`. Errors: the first line that it writes.
static Status runTool(const WorkFolder &folder, const std::string &tool,
                      const std::vector<std::string> &arguments) {
  StatusOr<std::string> program = findLlvmTool(tool);
  if (!program.ok())
    return program.status();
  llvm::SmallVector<llvm::StringRef> words{*program};
  for (const std::string &argument : arguments)
    words.push_back(argument);
  std::string report = folder.file("messages");
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(), llvm::StringRef(report), llvm::StringRef(report)};
  std::string message;
  int code = llvm::sys::ExecuteAndWait(*program, words, std::nullopt, redirects,
                                       0, 0, &message);
  if (code == 0)
    return Status();
  if (StatusOr<std::string> said = readFrom(report);
      said.ok() && !said->empty())
    message = llvm::StringRef(*said).split('\n').first.str();
  return Status::error("cannot link the module: " + message,
                       StatusCode::Internal);
}

/// What the linker is told for a shared library of `inputs`.
static StatusOr<std::vector<std::string>>
libraryArguments(const WorkFolder &folder, std::string_view code,
                 const std::string &name) {
  std::string script = folder.file("exports");
  Status written =
      writeTo(script, "{ global: " + std::string(moduleManifestSymbol) + "; " +
                          name + ".*; local: *; };\n");
  if (!written.ok())
    return written;
  std::vector<std::string> arguments = {"-shared",
                                        "-z",
                                        "defs",
                                        "-z",
                                        "now",
                                        "-z",
                                        "noexecstack",
                                        "--gc-sections",
                                        "-soname",
                                        name + ".so",
                                        "--version-script",
                                        script};
  for (const char *library : {"libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2"})
    if (std::string path = pathOfLoaded(library); !path.empty())
      arguments.push_back(path);
  if (code.find("__kmpc_fork_call") == std::string_view::npos)
    return arguments;
  StatusOr<OpenMP *> runtime = OpenMP::open();
  if (!runtime.ok())
    return runtime.status();
  std::string path = (*runtime)->path();
  arguments.push_back(path);
  // Where it is now it will be found again.
  arguments.push_back("-rpath=" + llvm::sys::path::parent_path(path).str());
  return arguments;
}

StatusOr<std::string> orcinus::linkModule(std::string_view code,
                                          const std::string &name,
                                          LinkKind kind) {
  WorkFolder folder;
  if (folder.error)
    return Status::error("cannot make a temporary folder: " +
                             folder.error.message(),
                         StatusCode::InputOutput);
  std::string module = folder.file("module.o"),
              support = folder.file("support.o"),
              output = folder.file("output");
  for (const auto &[path, bytes] :
       {std::pair(module, code), std::pair(support, moduleSupport())})
    if (Status status = writeTo(path, bytes); !status.ok())
      return status;
  std::vector<std::string> arguments = {"-o", output, module, support,
                                        ORCINUS_COMPILER_BUILTINS};
  StatusOr<std::vector<std::string>> more =
      kind == LinkKind::Library ? libraryArguments(folder, code, name)
                                : std::vector<std::string>{"-r"};
  if (!more.ok())
    return more.status();
  arguments.insert(arguments.end(), more->begin(), more->end());
  if (Status status = runTool(folder, "ld.lld", arguments); !status.ok())
    return status;
  // Two such objects may become parts of one program.
  if (kind == LinkKind::Object)
    if (Status status = runTool(
            folder, "llvm-objcopy",
            {"--wildcard", "--keep-global-symbol=" + name + ".*", output});
        !status.ok())
      return status;
  return readFrom(output);
}
