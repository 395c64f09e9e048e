//===- Models.cpp - Compiled models in Python -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "models/BuiltinModels.h"
#include "orcinus/Runtime/Plugin.h"
#include "orcinus/Runtime/Trainer.h"
#include "python/bindings/Bindings.h"

using namespace orcinus;
using namespace orcinus::python;

/// Compiles for the features of `stream` and, of a task that has labels, for
/// `labels`.
static Program compile(const NamedOptions &options, const Stream &stream,
                       const Labels *labels) {
  CompileOptions chosen = options.compile;
  chosen.threads = options.train.threads;
  if (labels)
    chosen.outputs = labels->set->columns();
  nb::gil_scoped_release unlocked;
  return {take(
      compileModel(streamCompileOptions(std::move(chosen), *stream.events)))};
}

void orcinus::python::bindModels(nb::module_ &module) {
  nb::class_<Program>(module, "Program")
      .def_static("compile", &compile, nb::arg("options"), nb::arg("stream"),
                  nb::arg("labels").none())
      .def_prop_ro("manifest",
                   [](const Program &self) { return self.model->manifest(); })
      .def_prop_ro("text",
                   [](const Program &self) { return self.model->modelText(); })
      .def_prop_ro(
          "compile_seconds",
          [](const Program &self) { return self.model->compileSeconds(); })
      .def_prop_ro("from_cache",
                   [](const Program &self) { return self.model->cacheHit(); })
      .def_prop_ro("object_code",
                   [](const Program &self) {
                     std::string_view code = self.model->objectCode();
                     return nb::bytes(code.data(), code.size());
                   })
      .def_prop_ro("tuned_operators", [](const Program &self) {
        return self.model->tuningUse().operators;
      });
  module.def("load_plugin",
             [](const std::string &path) { check(loadPlugin(path)); });
  module.def("model_names", [] {
    std::vector<std::string> names;
    for (const BuiltinModel &model : builtinModels())
      names.emplace_back(model.name);
    return names;
  });
}
