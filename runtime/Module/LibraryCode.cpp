//===- LibraryCode.cpp - Modules in shared libraries ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"
#include "runtime/Module/ModuleCode.h"
#include "runtime/Module/ModuleManifest.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <utility>

using namespace orcinus;

namespace {

/// A shared library, closed with the module: all that it may have started are
/// OpenMP's threads, which wait in OpenMP's own library.
class LibraryCode : public ModuleCode {
public:
  LibraryCode(void *handle, const char *text) : handle(handle), text(text) {}
  LibraryCode(const LibraryCode &) = delete;
  LibraryCode &operator=(const LibraryCode &) = delete;
  ~LibraryCode() override { dlclose(handle); }

  std::string manifest() const override { return text; }
  void *lookup(std::string_view symbol) const override {
    return dlsym(handle, std::string(symbol).c_str());
  }

private:
  void *handle;
  const char *text;
};

} // namespace

/// That the file at `path` is a library of this machine and holds what it says
/// is to be mapped: the loader would touch what is not there.
static Status checkLibrary(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  Elf64_Ehdr header{};
  if (!stream)
    return Status::error("cannot read '" + path + "': " + std::strerror(errno),
                         StatusCode::InputOutput);
  stream.read(reinterpret_cast<char *>(&header), sizeof(header));
  if (!stream || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_type != ET_DYN ||
      header.e_phentsize != sizeof(Elf64_Phdr))
    return Status::error("'" + path + "' is no shared library");
  std::error_code error;
  uint64_t size = std::filesystem::file_size(path, error);
  stream.seekg(static_cast<std::streamoff>(header.e_phoff));
  for (int at = 0; at != header.e_phnum; ++at) {
    Elf64_Phdr segment{};
    stream.read(reinterpret_cast<char *>(&segment), sizeof(segment));
    if (error || !stream || segment.p_filesz > size ||
        segment.p_offset > size - segment.p_filesz)
      return Status::error("'" + path +
                               "' is truncated: copy it or compile it again",
                           StatusCode::Damaged);
  }
  return Status();
}

StatusOr<std::shared_ptr<const Module>> Module::load(const std::string &path) {
  if (Status status = checkLibrary(path); !status.ok())
    return status;
  // Without a slash, the loader looks everywhere but here.
  bool isName = path.find('/') == std::string::npos;
  std::string place = isName ? "./" + path : path;
  void *handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return Status::error(std::string("cannot load the library: ") + dlerror(),
                         StatusCode::InputOutput);
  auto *text = static_cast<const char *>(dlsym(handle, moduleManifestSymbol));
  if (!text) {
    dlclose(handle);
    return Status::error("'" + path +
                         "' is a library, but none that orcinus compile wrote");
  }
  StatusOr<std::shared_ptr<const Module>> module =
      create(std::make_unique<LibraryCode>(handle, text));
  return module.ok() ? module
                     : StatusOr<std::shared_ptr<const Module>>(
                           module.status().within("'" + path + "'"));
}
