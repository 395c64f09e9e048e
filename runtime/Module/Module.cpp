//===- Module.cpp - Compiled functions of tensors -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"

#include "runtime/Module/ModuleCode.h"
#include "runtime/Module/ModuleManifest.h"
#include "runtime/Module/Tensor.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

using namespace orcinus;

/// What a packed function's argument points to: a memref descriptor of any
/// rank, as docs/abi.md lays it out, or a number.
class Module::Argument {
public:
  /// Of memory that `view` is of.
  explicit Argument(const TensorView &view)
      : words(3 + 2 * view.extents.size()), data(view.data) {
    words[0] = words[1] = reinterpret_cast<int64_t>(view.data);
    int64_t stride = 1;
    for (size_t rank = view.extents.size(), at = rank; at-- > 0;) {
      words[3 + at] = view.extents[at];
      words[3 + rank + at] = stride;
      stride = saturatedStride(stride, view.extents[at]);
    }
  }

  /// Room for what the function returns.
  explicit Argument(size_t rank) : words(3 + 2 * rank) {}

  void *descriptor() { return words.data(); }
  void *number() const { return data; }
  void *elements() const { return reinterpret_cast<void *>(words[1]); }
  std::vector<int64_t> extents() const {
    size_t rank = (words.size() - 3) / 2;
    return {words.begin() + 3, words.begin() + 3 + static_cast<long>(rank)};
  }

private:
  /// Of a tensor without elements, extents may have any product.
  static int64_t saturatedStride(int64_t stride, int64_t extent) {
    int64_t product = 0;
    return __builtin_mul_overflow(stride, extent, &product) ? stride : product;
  }

  std::vector<int64_t> words;
  void *data = nullptr;
};

struct Module::State {
  std::unique_ptr<ModuleCode> code;
  ModuleManifest manifest;
  /// As many as entry points.
  std::vector<ModuleCode::Function> functions;
  void (*setThreads)(int32_t threads) = nullptr;
  std::atomic<int> threads{0};
};

Module::Module(std::unique_ptr<State> state) : state(std::move(state)) {}

Module::~Module() = default;

StatusOr<std::shared_ptr<const Module>>
Module::create(std::unique_ptr<ModuleCode> code) {
  StatusOr<ModuleManifest> manifest = ModuleManifest::parse(code->manifest());
  if (!manifest.ok())
    return manifest.status();
  auto state = std::make_unique<State>();
  for (const EntryPoint &entry : manifest->entryPoints) {
    void *address = code->lookup(manifest->symbolOf(entry.name));
    if (!address)
      return Status::error("the module has no code for its function '" +
                               entry.name + "': compile it again",
                           StatusCode::Damaged);
    state->functions.push_back(reinterpret_cast<ModuleCode::Function>(address));
  }
  state->setThreads = reinterpret_cast<void (*)(int32_t)>(
      code->lookup(manifest->threadsSymbol()));
  state->manifest = std::move(*manifest);
  state->code = std::move(code);
  return std::shared_ptr<const Module>(new Module(std::move(state)));
}

const std::string &Module::name() const { return state->manifest.name; }

const std::vector<EntryPoint> &Module::entryPoints() const {
  return state->manifest.entryPoints;
}

void Module::useThreads(int threads) const { state->threads = threads; }

//===----------------------------------------------------------------------===//
// What a call is given
//===----------------------------------------------------------------------===//

/// The number of the function `name`, or of the only one.
static StatusOr<size_t> findFunction(const ModuleManifest &manifest,
                                     std::string_view name) {
  const std::vector<EntryPoint> &entries = manifest.entryPoints;
  if (name.empty() && entries.size() == 1)
    return 0;
  std::string names;
  for (size_t at = 0; at != entries.size(); ++at) {
    if (entries[at].name == name)
      return at;
    names += (at ? ", " : "") + entries[at].name;
  }
  if (name.empty())
    return Status::error("the module has several functions: name one of " +
                         names);
  return Status::error("the module has no function '" + std::string(name) +
                       "', but " + names);
}

StatusOr<const EntryPoint *> Module::find(std::string_view name) const {
  StatusOr<size_t> number = findFunction(state->manifest, name);
  if (!number.ok())
    return number.status();
  return &state->manifest.entryPoints[*number];
}

static std::string typeOf(const TensorView &view) {
  return TensorType{view.element, TensorType::Kind::Tensor, view.extents}
      .toString();
}

/// Whether `view` is of `type`.
static bool fits(const TensorView &view, const TensorType &type) {
  if (view.element != type.element ||
      view.extents.size() != type.extents.size())
    return false;
  for (size_t at = 0; at != view.extents.size(); ++at)
    if (view.extents[at] < 0 ||
        (type.extents[at] >= 0 && type.extents[at] != view.extents[at]))
      return false;
  return true;
}

/// That `views` are what `types` says, "arguments" or "results" of `entry`.
static Status checkViews(const EntryPoint &entry, const char *what,
                         const std::vector<TensorType> &types,
                         std::span<const TensorView> views) {
  if (views.size() != types.size())
    return Status::error("the function '" + entry.name + "' has " +
                         std::to_string(types.size()) + " " + what + ", but " +
                         std::to_string(views.size()) + " were given");
  for (size_t at = 0; at != views.size(); ++at) {
    std::string place = "number " + std::to_string(at) + " of the " + what +
                        " of '" + entry.name + "' is ";
    if (!fits(views[at], types[at]))
      return Status::error(place + types[at].toString() + ", but " +
                           typeOf(views[at]) + " was given");
    if (!views[at].data && byteCountOf(views[at].element, views[at].extents))
      return Status::error(place + types[at].toString() +
                           ", but no memory was given");
  }
  return Status();
}

/// That no result lies where an argument or another result does.
static Status checkOverlaps(const EntryPoint &entry,
                            std::span<const TensorView> arguments,
                            std::span<const TensorView> results) {
  auto begin = [](const TensorView &view) {
    return static_cast<const char *>(view.data);
  };
  auto end = [&](const TensorView &view) {
    return begin(view) + byteCountOf(view.element, view.extents);
  };
  auto overlap = [&](const TensorView &one, const TensorView &other) {
    std::less<const char *> before;
    return before(begin(one), end(other)) && before(begin(other), end(one));
  };
  for (size_t at = 0; at != results.size(); ++at) {
    std::string place =
        "result " + std::to_string(at) + " of '" + entry.name + "' overlaps ";
    for (size_t other = 0; other != arguments.size(); ++other)
      if (overlap(results[at], arguments[other]))
        return Status::error(place + "argument " + std::to_string(other));
    for (size_t other = 0; other != at; ++other)
      if (overlap(results[at], results[other]))
        return Status::error(place + "result " + std::to_string(other));
  }
  return Status();
}

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

/// Whether `type` is returned as a descriptor of memory that the function took.
static bool isReturned(const EntryPoint &entry, const TensorType &type) {
  return type.kind != TensorType::Kind::Scalar &&
         std::any_of(
             entry.results.begin(), entry.results.end(),
             [](const TensorType &result) { return !result.isStatic(); });
}

/// Calls function `number` on `arguments`, which fit, with `results` for what
/// it returns.
Status Module::invoke(size_t number, std::span<const TensorView> arguments,
                      std::vector<Argument> &results) const {
  const EntryPoint &entry = state->manifest.entryPoints[number];
  std::vector<Argument> inputs(arguments.begin(), arguments.end());
  std::vector<void *> pointers;
  auto add = [&](Argument &argument, const TensorType &type) {
    pointers.push_back(type.kind == TensorType::Kind::Scalar
                           ? argument.number()
                           : argument.descriptor());
  };
  for (size_t at = 0; at != inputs.size(); ++at)
    add(inputs[at], entry.arguments[at]);
  for (size_t at = 0; at != results.size(); ++at)
    add(results[at], entry.results[at]);
  if (int threads = state->threads; threads > 0 && state->setThreads)
    state->setThreads(threads);
  const char *reason =
      state->code->call(state->functions[number], pointers.data());
  if (!reason)
    return Status();
  bool isMemory = std::string_view(reason).starts_with("out of memory");
  return Status::error("'" + entry.name + "' failed: " + reason,
                       isMemory ? StatusCode::OutOfMemory
                                : StatusCode::InvalidArgument);
}

StatusOr<std::vector<Tensor>>
Module::call(std::string_view name,
             std::span<const TensorView> arguments) const {
  StatusOr<size_t> number = findFunction(state->manifest, name);
  if (!number.ok())
    return number.status();
  const EntryPoint &entry = state->manifest.entryPoints[*number];
  Status status = checkViews(entry, "arguments", entry.arguments, arguments);
  if (!status.ok())
    return status;
  std::vector<Argument> outputs;
  std::vector<std::optional<Tensor>> tensors(entry.results.size());
  for (size_t at = 0; at != tensors.size(); ++at) {
    const TensorType &type = entry.results[at];
    if (isReturned(entry, type)) {
      outputs.emplace_back(type.extents.size());
      continue;
    }
    StatusOr<Tensor> tensor = Tensor::create(type.element, type.extents);
    if (!tensor.ok())
      return tensor.status();
    outputs.emplace_back(tensor->view());
    tensors[at] = std::move(*tensor);
  }
  if (status = invoke(*number, arguments, outputs); !status.ok())
    return status;
  std::vector<Tensor> results;
  for (size_t at = 0; at != tensors.size(); ++at)
    results.push_back(tensors[at] ? std::move(*tensors[at])
                                  : Tensor::adopt(entry.results[at].element,
                                                  outputs[at].extents(),
                                                  outputs[at].elements()));
  return results;
}

Status Module::call(std::string_view name,
                    std::span<const TensorView> arguments,
                    std::span<const TensorView> results) const {
  StatusOr<size_t> number = findFunction(state->manifest, name);
  if (!number.ok())
    return number.status();
  const EntryPoint &entry = state->manifest.entryPoints[*number];
  Status status = checkViews(entry, "arguments", entry.arguments, arguments);
  if (status.ok())
    status = checkViews(entry, "results", entry.results, results);
  if (status.ok())
    status = checkOverlaps(entry, arguments, results);
  if (!status.ok())
    return status;
  std::vector<Argument> outputs;
  for (size_t at = 0; at != results.size(); ++at)
    if (isReturned(entry, entry.results[at]))
      outputs.emplace_back(results[at].extents.size());
    else
      outputs.emplace_back(results[at]);
  if (status = invoke(*number, arguments, outputs); !status.ok())
    return status;
  for (size_t at = 0; at != results.size(); ++at) {
    if (!isReturned(entry, entry.results[at]))
      continue;
    // Frees it, also behind an error.
    Tensor returned =
        Tensor::adopt(entry.results[at].element, outputs[at].extents(),
                      outputs[at].elements());
    if (returned.extents() == results[at].extents)
      // The caller's memory is null, perhaps, where no element is.
      std::copy_n(static_cast<const char *>(returned.data()), returned.bytes(),
                  static_cast<char *>(results[at].data));
    else if (status.ok())
      status = Status::error("result " + std::to_string(at) + " of '" +
                             entry.name + "' is " + typeOf(returned.view()) +
                             ", but memory for " + typeOf(results[at]) +
                             " was given");
  }
  return status;
}
