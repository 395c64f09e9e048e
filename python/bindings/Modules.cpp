//===- Modules.cpp - Compiled modules in Python ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"
#include "python/bindings/Bindings.h"

using namespace orcinus;
using namespace orcinus::python;

namespace {

/// An array of the host of any type and shape, without gaps.
using AnyArray = nb::ndarray<nb::c_contig, nb::device::cpu, nb::ro>;

struct PythonModule {
  std::shared_ptr<const Module> module;
};

/// NumPy has no bf16: packages that have hand it over as such, others as the
/// bits.
using Code = nb::dlpack::dtype_code;

} // namespace

/// The elements of `type` as the engine names them; of integers, where `wanted`
/// has as many bits, that. Nothing for a type that no tensor has.
static std::optional<TensorElement> elementOf(nb::dlpack::dtype type,
                                              TensorElement wanted) {
  auto is = [&](Code code, unsigned bits) {
    return type.code == static_cast<uint8_t>(code) && type.bits == bits;
  };
  auto isInteger = [&](unsigned bits) {
    return is(Code::Int, bits) || is(Code::UInt, bits);
  };
  if (wanted == TensorElement::Index && isInteger(64))
    return wanted;
  if (wanted == TensorElement::BF16 && is(Code::UInt, 16))
    return wanted;
  const std::pair<bool, TensorElement> known[] = {
      {is(Code::Bool, 8), TensorElement::I1},
      {isInteger(8), TensorElement::I8},
      {isInteger(16), TensorElement::I16},
      {isInteger(32), TensorElement::I32},
      {isInteger(64), TensorElement::I64},
      {is(Code::Float, 16), TensorElement::F16},
      {is(Code::Bfloat, 16), TensorElement::BF16},
      {is(Code::Float, 32), TensorElement::F32},
      {is(Code::Float, 64), TensorElement::F64}};
  for (const auto &[matches, element] : known)
    if (matches)
      return element;
  return std::nullopt;
}

static nb::dlpack::dtype typeOf(TensorElement element) {
  switch (element) {
  case TensorElement::I1:
    return nb::dtype<bool>();
  case TensorElement::I8:
    return nb::dtype<int8_t>();
  case TensorElement::I16:
    return nb::dtype<int16_t>();
  case TensorElement::I32:
    return nb::dtype<int32_t>();
  case TensorElement::I64:
  case TensorElement::Index:
    return nb::dtype<int64_t>();
  case TensorElement::F16:
    return {static_cast<uint8_t>(Code::Float), 16, 1};
  case TensorElement::BF16:
    return nb::dtype<uint16_t>();
  case TensorElement::F32:
    return nb::dtype<float>();
  case TensorElement::F64:
    break;
  }
  return nb::dtype<double>();
}

/// A NumPy array that owns the tensor.
static nb::object toNumpy(Tensor tensor) {
  auto *kept = new Tensor(std::move(tensor));
  nb::capsule owner(
      kept, [](void *each) noexcept { delete static_cast<Tensor *>(each); });
  std::vector<size_t> shape(kept->extents().begin(), kept->extents().end());
  return nb::cast(nb::ndarray<nb::numpy>(kept->data(), shape.size(),
                                         shape.data(), owner, nullptr,
                                         typeOf(kept->element())));
}

/// The function of that name, or the only one; null where there is none, which
/// the call then says.
static const EntryPoint *find(const Module &module, const std::string &name) {
  for (const EntryPoint &each : module.entryPoints())
    if (each.name == name || (name.empty() && module.entryPoints().size() == 1))
      return &each;
  return nullptr;
}

static nb::list call(const PythonModule &self, const std::string &name,
                     const std::vector<AnyArray> &arguments) {
  const EntryPoint *function = find(*self.module, name);
  std::vector<TensorView> views;
  for (size_t index = 0; index != arguments.size(); ++index) {
    const AnyArray &array = arguments[index];
    TensorElement wanted = function && index < function->arguments.size()
                               ? function->arguments[index].element
                               : TensorElement::F32;
    auto element = elementOf(array.dtype(), wanted);
    if (!element)
      throw Failure{Status::error("argument " + std::to_string(index) +
                                  " has elements that no tensor has: give " +
                                  std::string(tensorElementName(wanted)))};
    TensorView view{*element, {}, const_cast<void *>(array.data())};
    for (size_t dimension = 0; dimension != array.ndim(); ++dimension)
      view.extents.push_back(static_cast<int64_t>(array.shape(dimension)));
    views.push_back(std::move(view));
  }
  std::vector<Tensor> results;
  {
    nb::gil_scoped_release unlocked;
    results = take(self.module->call(name, views));
  }
  nb::list list;
  for (Tensor &result : results)
    list.append(toNumpy(std::move(result)));
  return list;
}

void orcinus::python::bindModules(nb::module_ &module) {
  nb::class_<PythonModule>(module, "Module")
      .def_static("open",
                  [](const std::string &path, int threads,
                     const std::string &tuningDatabase,
                     const std::string &cacheDirectory, bool useCache) {
                    ModuleOptions options;
                    options.path = path;
                    options.threads = threads;
                    options.tuningDatabase = tuningDatabase;
                    options.cacheDirectory = cacheDirectory;
                    options.useCache = useCache;
                    nb::gil_scoped_release unlocked;
                    return PythonModule{take(openModule(options))};
                  })
      .def_prop_ro("name",
                   [](const PythonModule &self) { return self.module->name(); })
      .def_prop_ro("functions",
                   [](const PythonModule &self) {
                     std::vector<std::pair<std::string, std::string>> all;
                     for (const EntryPoint &each : self.module->entryPoints())
                       all.emplace_back(each.name, each.toString());
                     return all;
                   })
      .def("use_threads", [](const PythonModule &self,
                             int threads) { self.module->useThreads(threads); })
      .def("call", &call);
}
