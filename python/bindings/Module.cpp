//===- Module.cpp - The extension module orcinus._core --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "python/bindings/Bindings.h"

using namespace orcinus;
using namespace orcinus::python;

/// The class of orcinus.errors for a kind of error.
static const char *className(StatusCode code) {
  switch (code) {
  case StatusCode::Damaged:
    return "DamagedError";
  case StatusCode::InputOutput:
    return "InputOutputError";
  case StatusCode::OutOfMemory:
    return "OutOfMemoryError";
  case StatusCode::Unavailable:
    return "UnavailableError";
  case StatusCode::Unusable:
    return "UnusableError";
  case StatusCode::Internal:
    return "InternalError";
  case StatusCode::Interrupted:
    return "InterruptedRun";
  case StatusCode::Ok:
  case StatusCode::InvalidArgument:
    break;
  }
  return "InvalidArgumentError";
}

static void translate(const std::exception_ptr &thrown, void *) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Failure &failure) {
    nb::object type = nb::module_::import_("orcinus.errors")
                          .attr(className(failure.status.code()));
    PyErr_SetString(type.ptr(), failure.status.message().c_str());
  }
}

NB_MODULE(_core, module) {
  module.doc() = "The engine of Orcinus, without comfort: see orcinus";
  module.attr("version") = ORCINUS_VERSION;
  nb::register_exception_translator(translate);
  // Objects that a traceback still holds when the interpreter ends are no leak.
  nb::set_leak_warnings(false);
  bindStreams(module);
  bindModels(module);
  bindTrainers(module);
  bindSessions(module);
  bindEvaluation(module);
  bindModules(module);
}
