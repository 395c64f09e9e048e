//===- Bindings.h - What the parts of the extension module share *- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// orcinus._core is thin: it takes arrays of the right type and options as text.
// What a person calls is written in Python above it (python/orcinus).
//
//===----------------------------------------------------------------------===//

#ifndef PYTHON_BINDINGS_BINDINGS_H
#define PYTHON_BINDINGS_BINDINGS_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Graph/NodeNames.h"
#include "orcinus/Metrics/LabelMetrics.h"
#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Runtime/NamedOptions.h"
#include "orcinus/Runtime/Session.h"
#include "orcinus/Support/Status.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace orcinus::python {

namespace nb = nanobind;

/// What becomes a Python exception of the class for its kind.
struct Failure {
  Status status;
};

inline void check(const Status &status) {
  if (!status.ok())
    throw Failure{status};
}

template <typename T>
T take(StatusOr<T> result) {
  check(result.status());
  return std::move(*result);
}

/// A contiguous array of the host that is read.
template <typename T>
using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Matrix = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

template <typename T, typename... Form>
std::span<const T> spanOf(const nb::ndarray<const T, Form...> &array) {
  return {array.data(), array.size()};
}

template <typename T>
using NumpyArray = nb::ndarray<nb::numpy, T>;

/// A NumPy array of values that the array owns from now on.
template <typename T>
NumpyArray<T> toNumpy(std::vector<T> values, std::vector<size_t> shape) {
  auto *kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void *each) noexcept {
    delete static_cast<std::vector<T> *>(each);
  });
  return NumpyArray<T>(kept->data(), shape.size(), shape.data(), owner);
}
template <typename T>
NumpyArray<T> toNumpy(std::vector<T> values) {
  size_t size = values.size();
  return toNumpy(std::move(values), {size});
}

/// A NumPy array that shows values which `owner` keeps; nobody writes it.
template <typename T>
NumpyArray<const T> viewOf(const T *values, std::vector<size_t> shape,
                           nb::handle owner) {
  return NumpyArray<const T>(values, shape.size(), shape.data(), owner);
}

/// An event stream that Python shares, and what its nodes are called.
class Stream {
public:
  explicit Stream(EventStream stream)
      : events(std::make_shared<const EventStream>(std::move(stream))) {}

  std::shared_ptr<const EventStream> events;
  /// What a file was taken for; empty for arrays.
  std::string description;
  std::vector<std::pair<std::string, std::string>> columns;
  bool itemsAreShifted = false;

  const NodeNames &names() {
    if (!known)
      known = std::make_unique<NodeNames>(*events);
    return *known;
  }

private:
  std::unique_ptr<NodeNames> known;
};

/// Labels of a stream that Python shares.
struct Labels {
  std::shared_ptr<const LabelSet> set;
};

/// A program that Python shares.
struct Program {
  std::shared_ptr<const CompiledModel> model;
};

/// The processes of a run, as this one sees them.
struct Processes {
  std::shared_ptr<Communicator> communicator;
};

/// Figures as a dictionary.
inline nb::dict toDict(const std::vector<Figure> &figures) {
  nb::dict result;
  for (const Figure &figure : figures)
    result[figure.name.c_str()] = figure.value;
  return result;
}

/// Opens the checkpoint of `directory`, whose run was compiled as `stored`
/// says, over `history`, with the cache and threads of `options`. Warns where
/// the run's tuning database is gone. Computes long: the interpreter's lock is
/// not held.
Session openSession(const std::string &directory, const CompileOptions &stored,
                    const Stream &history, const NamedOptions &options,
                    SessionOptions how);

void bindStreams(nb::module_ &module);
void bindModels(nb::module_ &module);
void bindTrainers(nb::module_ &module);
void bindSessions(nb::module_ &module);
void bindEvaluation(nb::module_ &module);
void bindModules(nb::module_ &module);

} // namespace orcinus::python

#endif // PYTHON_BINDINGS_BINDINGS_H
