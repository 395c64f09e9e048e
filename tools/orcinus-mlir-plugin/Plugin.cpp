//===- Plugin.cpp - Orcinus in other MLIR tools ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `mlir-opt --load-dialect-plugin` and `--load-pass-plugin` ask for: the
// dialects, and the passes and pipelines, of Orcinus. The tool is to be of the
// same LLVM and to link its libraries dynamically, as Debian's mlir-opt-22.
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/CompilerDialects.h"
#include "tools/RegisterAll.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Orcinus", ORCINUS_VERSION,
          [](mlir::DialectRegistry *registry) {
            orcinus::registerCompilerDialects(*registry);
          }};
}

extern "C" mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Orcinus", ORCINUS_VERSION,
          [] { orcinus::registerAllOrcinusPasses(); }};
}
