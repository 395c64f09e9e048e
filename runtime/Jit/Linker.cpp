//===- Linker.cpp - Objects to libraries ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Linker.h"

#include "runtime/Jit/ModuleSupport.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/ToolProcess.h"
#include "runtime/Module/ModuleManifest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <dlfcn.h>
#include <link.h>
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

/// Runs one of LLVM's tools.
static Status runLlvmTool(const WorkFolder &folder, const std::string &tool,
                          const std::vector<std::string> &arguments) {
  StatusOr<std::string> program = findLlvmTool(tool);
  if (!program.ok())
    return program.status();
  Status status = runTool(folder, *program, arguments);
  return status.ok() ? status : status.within("cannot link the module");
}

/// What the linker is told for a shared library.
static StatusOr<std::vector<std::string>>
libraryArguments(const WorkFolder &folder, const std::string &name,
                 bool isParallel) {
  std::string script = folder.file("exports");
  Status written =
      writeBytes(script, "{ global: " + std::string(moduleManifestSymbol) +
                             "; " + name + ".*; local: *; };\n");
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
  if (!isParallel)
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

StatusOr<std::string> orcinus::linkModule(std::span<const std::string> objects,
                                          const std::string &name,
                                          LinkKind kind) {
  StatusOr<WorkFolder> made = WorkFolder::make();
  if (!made.ok())
    return made.status();
  const WorkFolder &folder = *made;
  std::string output = folder.file("output"),
              support = folder.file("support.o");
  std::vector<std::string> arguments = {"-o", output, support,
                                        ORCINUS_COMPILER_BUILTINS};
  Status written = writeBytes(support, moduleSupport());
  for (const std::string &object : objects) {
    arguments.push_back(
        folder.file("module" + std::to_string(arguments.size()) + ".o"));
    if (written.ok())
      written = writeBytes(arguments.back(), object);
  }
  if (!written.ok())
    return written;
  bool isParallel = llvm::any_of(objects, [](llvm::StringRef object) {
    return object.contains("__kmpc_fork_call");
  });
  StatusOr<std::vector<std::string>> more =
      kind == LinkKind::Library ? libraryArguments(folder, name, isParallel)
                                : std::vector<std::string>{"-r"};
  if (!more.ok())
    return more.status();
  arguments.insert(arguments.end(), more->begin(), more->end());
  if (Status status = runLlvmTool(folder, "ld.lld", arguments); !status.ok())
    return status;
  // Two such objects may become parts of one program.
  if (kind == LinkKind::Object)
    if (Status status = runLlvmTool(
            folder, "llvm-objcopy",
            {"--wildcard", "--keep-global-symbol=" + name + ".*", output});
        !status.ok())
      return status;
  return readBytes(output);
}
