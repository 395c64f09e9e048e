//===- Plugins.cpp - Dialects and index work of other projects ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Plugins.h"

#include "orcinus/Runtime/Plugin.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SHA256.h"

#include <mutex>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

struct LoadedPlugin {
  mlir::DialectPlugin dialects;
  llvm::sys::DynamicLibrary library;
  std::string digest;
};

struct Plugins {
  std::mutex mutex;
  std::vector<LoadedPlugin> loaded;
};

} // namespace

static Plugins &plugins() {
  static Plugins all;
  return all;
}

static Status cannotLoad(const std::string &path, const std::string &why) {
  return Status::error("cannot load the plugin '" + path + "': " + why);
}

Status orcinus::loadPlugin(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return cannotLoad(path, file.getError().message());
  auto hash =
      llvm::SHA256::hash(llvm::arrayRefFromStringRef((*file)->getBuffer()));
  std::string digest = llvm::toHex(hash, /*LowerCase=*/true);
  std::lock_guard lock(plugins().mutex);
  for (const LoadedPlugin &plugin : plugins().loaded)
    if (plugin.digest == digest)
      return Status();
  std::string problem;
  auto library =
      llvm::sys::DynamicLibrary::getPermanentLibrary(path.c_str(), &problem);
  if (!library.isValid())
    return cannotLoad(path, problem);
  auto dialects = mlir::DialectPlugin::load(path);
  if (!dialects)
    return cannotLoad(path, llvm::toString(dialects.takeError()));
  plugins().loaded.push_back({*dialects, library, std::move(digest)});
  return Status();
}

void orcinus::registerPluginDialects(mlir::DialectRegistry &registry) {
  std::lock_guard lock(plugins().mutex);
  for (const LoadedPlugin &plugin : plugins().loaded)
    plugin.dialects.registerDialectRegistryCallbacks(registry);
}

std::string orcinus::pluginDigest() {
  std::lock_guard lock(plugins().mutex);
  std::string digest;
  for (const LoadedPlugin &plugin : plugins().loaded)
    digest += plugin.digest + "\n";
  return digest;
}

void *orcinus::findPluginFunction(const char *name) {
  std::lock_guard lock(plugins().mutex);
  for (LoadedPlugin &plugin : plugins().loaded)
    if (void *address = plugin.library.getAddressOfSymbol(name))
      return address;
  return nullptr;
}
