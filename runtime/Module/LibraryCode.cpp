//===- LibraryCode.cpp - Modules in shared libraries ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"
#include "runtime/Module/ModuleCode.h"
#include "runtime/Module/ModuleManifest.h"

#include <dlfcn.h>
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

StatusOr<std::shared_ptr<const Module>> Module::load(const std::string &path) {
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
