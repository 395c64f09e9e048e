//===- FakeCompiler.cpp - A compiler that knows one model -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "orcinus/Runtime/Module.h"
#include "orcinus/Runtime/Plugin.h"

using namespace orcinus;

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileModel(const CompileOptions &options) {
  if (options.model == "missing" && options.modelText.empty())
    return Status::error("there is no model 'missing'");
  return test::makeFakeModel(options);
}

StatusOr<std::optional<std::string>>
orcinus::compileFunctions(const CompileOptions & /*options*/) {
  return std::optional<std::string>();
}

StatusOr<std::shared_ptr<const Module>>
orcinus::openModule(const ModuleOptions &options) {
  return Status::error("there are no functions in " + options.path);
}

StatusOr<ModuleFiles> orcinus::compileModuleFiles(const ModuleOptions &options,
                                                  const std::string & /*name*/,
                                                  bool /*asObject*/) {
  return Status::error("there are no functions in " + options.path);
}

StatusOr<GpuObject> orcinus::compileForGpu(const CompileOptions &options,
                                           bool /*asText*/) {
  return Status::error("there are no kernels for " + options.target);
}

Status orcinus::loadPlugin(const std::string &path) {
  return Status::error("cannot load the plugin '" + path + "'");
}
