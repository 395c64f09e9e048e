//===- PerfMap.cpp - Names of compiled functions for profilers ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/PerfMap.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/Process.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

using namespace llvm;
using namespace llvm::orc;

namespace {

class PerfMapPlugin : public ObjectLinkingLayer::Plugin {
public:
  void modifyPassConfig(MaterializationResponsibility &, jitlink::LinkGraph &,
                        jitlink::PassConfiguration &config) override {
    config.PostFixupPasses.push_back(writeSymbols);
  }
  Error notifyFailed(MaterializationResponsibility &) override {
    return Error::success();
  }
  Error notifyRemovingResources(JITDylib &, ResourceKey) override {
    return Error::success();
  }
  void notifyTransferringResources(JITDylib &, ResourceKey,
                                   ResourceKey) override {}

private:
  static Error writeSymbols(jitlink::LinkGraph &graph) {
    std::string path =
        "/tmp/perf-" + std::to_string(sys::Process::getProcessId()) + ".map";
    std::FILE *file = std::fopen(path.c_str(), "a");
    if (!file)
      return Error::success();
    for (jitlink::Symbol *symbol : graph.defined_symbols())
      if (symbol->isCallable() && symbol->hasName())
        std::fprintf(file, "%" PRIx64 " %" PRIx64 " %s\n",
                     symbol->getAddress().getValue(),
                     static_cast<uint64_t>(symbol->getSize()),
                     (*symbol->getName()).str().c_str());
    std::fclose(file);
    return Error::success();
  }
};

} // namespace

void orcinus::enablePerfMap(LLJIT &jit) {
  if (!std::getenv("ORCINUS_PERF_MAP"))
    return;
  if (auto *layer = dyn_cast<ObjectLinkingLayer>(&jit.getObjLinkingLayer()))
    layer->addPlugin(std::make_shared<PerfMapPlugin>());
}
