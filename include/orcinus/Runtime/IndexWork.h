//===- IndexWork.h - Index work of other projects ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_INDEXWORK_H
#define ORCINUS_RUNTIME_INDEXWORK_H

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Sampling/NeighbourSampler.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orcinus {

/// A step, as the function of an op of index work sees it (docs/abi.md). A
/// plugin (orcinus/Runtime/Plugin.h) that has such an op exports its function:
///
///     extern "C" void NAME(void *step, int32_t HANDLE…, int32_t CONSTANT…);
///
/// with the handles of the op's operands, then of its results, then its
/// constants. Nothing is thrown out of it, nor by the functions here: what a
/// function cannot do, memory of its own that it lacks included, it says by
/// fail(). All functions here are virtual or inline, so that a plugin links
/// nothing of Orcinus.
class IndexWork {
public:
  /// What `step` of an index function is.
  static IndexWork &of(void *step) { return *static_cast<IndexWork *>(step); }

  /// All events, those of the batch included.
  virtual const EventStream &stream() const = 0;
  /// The events that neighbours are sampled from: those of training, or all.
  virtual const TemporalGraph &graph() const = 0;
  /// The batch's events, ascending; none where queries are asked for.
  virtual std::span<const int32_t> events() const = 0;
  /// How many threads the function may use.
  virtual int threads() const = 0;
  /// A seed that is the step's and the handle's own.
  virtual uint64_t seed(int32_t handle) const = 0;

  /// A query set: row i asks for nodes[i] at times[i].
  struct Queries {
    std::span<const int32_t> nodes;
    std::span<const Timestamp> times;
  };

  /// The query set of a handle; without one the step has failed.
  virtual std::optional<Queries> queries(int32_t handle) = 0;

  /// Makes `handle`, a `!tgnn.neighbourhood`, and returns where its tables are
  /// to be written: [queries, k] each, as sampleNeighbours() writes them. Fails
  /// the step where the handle was made before, or k is not positive.
  virtual std::optional<NeighbourhoodView>
  makeNeighbourhood(int32_t handle, int64_t queries, int32_t k) = 0;

  /// Makes a table of `handle`, of a type of the plugin's own: a vector, or a
  /// row-major matrix of so many columns, of i32, i64 or f32, uninitialised.
  /// Empty where the step has failed: that table was made before.
  template <typename T>
    requires std::same_as<T, int32_t> || std::same_as<T, int64_t> ||
             std::same_as<T, float>
  std::span<T> makeTable(int32_t handle, std::string_view name, int64_t rows,
                         std::optional<int64_t> columns = std::nullopt) {
    constexpr Element element = std::same_as<T, float>     ? Element::F32
                                : std::same_as<T, int64_t> ? Element::I64
                                                           : Element::I32;
    void *data = makeTable(handle, name, element, rows, columns);
    auto size = static_cast<size_t>(rows * columns.value_or(1));
    return {static_cast<T *>(data), data ? size : 0};
  }

  /// Makes the step end in an error that says `message`; the first one counts.
  virtual void fail(std::string message) = 0;

protected:
  enum class Element : uint8_t { I32, I64, F32 };

  ~IndexWork() = default;

  /// Null where the step has failed.
  virtual void *makeTable(int32_t handle, std::string_view name,
                          Element element, int64_t rows,
                          std::optional<int64_t> columns) = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_INDEXWORK_H
