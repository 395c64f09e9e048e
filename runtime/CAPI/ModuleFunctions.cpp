//===- ModuleFunctions.cpp - The C API of modules -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"
#include "orcinus/c/Orcinus.h"
#include "runtime/CAPI/CallResult.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

struct orcinus_module {
  std::shared_ptr<const Module> module;
};

static_assert(int(TensorElement::I1) == ORCINUS_I1 &&
              int(TensorElement::I8) == ORCINUS_I8 &&
              int(TensorElement::I16) == ORCINUS_I16 &&
              int(TensorElement::I32) == ORCINUS_I32 &&
              int(TensorElement::I64) == ORCINUS_I64 &&
              int(TensorElement::Index) == ORCINUS_INDEX &&
              int(TensorElement::F16) == ORCINUS_F16 &&
              int(TensorElement::BF16) == ORCINUS_BF16 &&
              int(TensorElement::F32) == ORCINUS_F32 &&
              int(TensorElement::F64) == ORCINUS_F64);

orcinus_module *orcinus_module_open(const char *path,
                                    const orcinus_options *options,
                                    char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_module>> {
    NamedOptions named = given(options);
    ModuleOptions wanted;
    wanted.path = textOrEmpty(path);
    wanted.threads = named.train.threads;
    wanted.tuningDatabase = named.compile.tuningDatabase;
    wanted.cacheDirectory = named.compile.cacheDirectory;
    wanted.useCache = named.compile.useCache;
    StatusOr<std::shared_ptr<const Module>> module = openModule(wanted);
    if (!module.ok())
      return module.status();
    (*module)->useThreads(wanted.threads);
    return std::make_unique<orcinus_module>(orcinus_module{std::move(*module)});
  });
}

void orcinus_module_free(orcinus_module *module) { delete module; }

void orcinus_module_use_threads(const orcinus_module *module, int threads) {
  module->module->useThreads(threads);
}

//===----------------------------------------------------------------------===//
// Description
//===----------------------------------------------------------------------===//

/// Null for one out of range.
static const EntryPoint *entryAt(const orcinus_module *module,
                                 int64_t function) {
  const std::vector<EntryPoint> &entries = module->module->entryPoints();
  return function >= 0 && function < std::ssize(entries) ? &entries[function]
                                                         : nullptr;
}

int64_t orcinus_module_function_count(const orcinus_module *module) {
  return std::ssize(module->module->entryPoints());
}

char *orcinus_module_function_name(const orcinus_module *module,
                                   int64_t number) {
  const EntryPoint *entry = entryAt(module, number);
  return entry ? strdup(entry->name.c_str()) : nullptr;
}

char *orcinus_module_function_text(const orcinus_module *module,
                                   int64_t number) {
  const EntryPoint *entry = entryAt(module, number);
  return orElse<char *>(nullptr, [&] {
    return entry ? strdup(entry->toString().c_str()) : nullptr;
  });
}

int64_t orcinus_module_argument_count(const orcinus_module *module,
                                      int64_t function) {
  const EntryPoint *entry = entryAt(module, function);
  return entry ? std::ssize(entry->arguments) : 0;
}

int64_t orcinus_module_result_count(const orcinus_module *module,
                                    int64_t function) {
  const EntryPoint *entry = entryAt(module, function);
  return entry ? std::ssize(entry->results) : 0;
}

/// Fills in what entry `number` of `types` is.
static int describe(const std::vector<TensorType> *types, int64_t number,
                    orcinus_tensor *type, char **error) {
  return perform(error, [&] {
    if (!types || number < 0 || number >= std::ssize(*types))
      return Status::error("the module has no function, argument or result of "
                           "that number");
    const TensorType &found = (*types)[number];
    type->element = static_cast<orcinus_element>(found.element);
    type->rank = std::ssize(found.extents);
    type->extents = found.extents.data();
    type->data = nullptr;
    return Status();
  });
}

int orcinus_module_argument(const orcinus_module *module, int64_t function,
                            int64_t number, orcinus_tensor *type,
                            char **error) {
  const EntryPoint *entry = entryAt(module, function);
  return describe(entry ? &entry->arguments : nullptr, number, type, error);
}

int orcinus_module_result(const orcinus_module *module, int64_t function,
                          int64_t number, orcinus_tensor *type, char **error) {
  const EntryPoint *entry = entryAt(module, function);
  return describe(entry ? &entry->results : nullptr, number, type, error);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static StatusOr<TensorView> viewOf(const orcinus_tensor &tensor) {
  if (tensor.element < ORCINUS_I1 || tensor.element > ORCINUS_F64 ||
      tensor.rank < 0 || (tensor.rank > 0 && !tensor.extents))
    return Status::error("a tensor has an element type that there is not, a "
                         "negative rank or no extents");
  TensorView view;
  view.element = static_cast<TensorElement>(tensor.element);
  view.extents.assign(tensor.extents, tensor.extents + tensor.rank);
  view.data = tensor.data;
  return view;
}

/// Fills `result` in with memory that orcinus_tensor_free() frees.
static Status handOver(const Tensor &tensor, orcinus_tensor &result) {
  size_t extentBytes = tensor.extents().size() * sizeof(int64_t);
  auto *extents = static_cast<int64_t *>(std::malloc(extentBytes + 1));
  void *data = std::malloc(tensor.bytes() + 1);
  if (!extents || !data) {
    std::free(extents);
    std::free(data);
    return Status::error("out of memory", StatusCode::OutOfMemory);
  }
  std::copy(tensor.extents().begin(), tensor.extents().end(), extents);
  std::copy_n(static_cast<const char *>(tensor.data()), tensor.bytes(),
              static_cast<char *>(data));
  result = {static_cast<orcinus_element>(tensor.element()),
            std::ssize(tensor.extents()), extents, data};
  return Status();
}

/// Frees what handOver() made.
static void takeBack(std::span<orcinus_tensor> results) {
  for (orcinus_tensor &result : results)
    orcinus_tensor_free(&result);
}

/// A call whose results are all filled in.
static Status callAndHandOver(const Module &module, const std::string &name,
                              const std::vector<TensorView> &arguments,
                              std::span<orcinus_tensor> results) {
  StatusOr<std::vector<Tensor>> tensors = module.call(name, arguments);
  if (!tensors.ok())
    return tensors.status();
  if (tensors->size() != results.size())
    return Status::error("the function has " + std::to_string(tensors->size()) +
                         " results, but room for " +
                         std::to_string(results.size()) + " was given");
  for (size_t at = 0; at != tensors->size(); ++at)
    if (Status status = handOver((*tensors)[at], results[at]); !status.ok()) {
      takeBack(results.first(at));
      return status;
    }
  return Status();
}

int orcinus_module_call(const orcinus_module *module, const char *name,
                        const orcinus_tensor *arguments, int64_t argument_count,
                        orcinus_tensor *results, int64_t result_count,
                        char **error) {
  return perform(error, [&] {
    auto given = spanOf(arguments, argument_count, "arguments");
    auto wanted = spanOf(results, result_count, "results");
    if (Status status = firstError(given, wanted); !status.ok())
      return status;
    std::vector<TensorView> inputs, outputs;
    for (const orcinus_tensor &argument : *given) {
      StatusOr<TensorView> view = viewOf(argument);
      if (!view.ok())
        return view.status();
      inputs.push_back(std::move(*view));
    }
    auto isGiven = [](const orcinus_tensor &result) { return result.data; };
    if (std::ranges::none_of(*wanted, isGiven))
      return callAndHandOver(*module->module, textOrEmpty(name), inputs,
                             *wanted);
    if (!std::ranges::all_of(*wanted, isGiven))
      return Status::error("give memory for all results or for none");
    for (const orcinus_tensor &result : *wanted) {
      StatusOr<TensorView> view = viewOf(result);
      if (!view.ok())
        return view.status();
      outputs.push_back(std::move(*view));
    }
    return module->module->call(textOrEmpty(name), inputs, outputs);
  });
}

void orcinus_tensor_free(orcinus_tensor *tensor) {
  std::free(const_cast<int64_t *>(tensor->extents));
  std::free(tensor->data);
  tensor->extents = nullptr;
  tensor->data = nullptr;
}
