//===- window.cpp - Index work of another project -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "orcinus/Runtime/IndexWork.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/ADT/TypeSwitch.h"

#include "WindowDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "WindowTypes.h.inc"

#define GET_OP_CLASSES
#include "WindowOps.h.inc"

#include "WindowDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "WindowTypes.cpp.inc"

#define GET_OP_CLASSES
#include "WindowOps.cpp.inc"

using orcinus::IndexWork;
using orcinus::TemporalGraph;
using orcinus::Timestamp;

void window::WindowDialect::initialize() {
  addOperations<CountOp, SampleOp>();
  addTypes<DegreesType>();
}

llvm::ArrayRef<orcinus::tgnn::TableDescription>
window::DegreesType::getTables() const {
  using orcinus::tgnn::TableDescription;
  static constexpr TableDescription tables[] = {
      {"window_degrees", TableDescription::Element::F32, {"queries", ""}}};
  return tables;
}

/// The first of `node`'s entries before `end` that is no more than so many
/// seconds old.
static int64_t windowBegin(const TemporalGraph &graph, int32_t node,
                           int64_t end, Timestamp time, int32_t seconds) {
  while (end > graph.offset(node) &&
         graph.timeScale().difference(time, graph.time(end - 1)) <= seconds)
    --end;
  return end;
}

extern "C" void window_sample(void *step, int32_t queries, int32_t near,
                              int32_t k, int32_t seconds) {
  IndexWork &work = IndexWork::of(step);
  const TemporalGraph &graph = work.graph();
  auto asked = work.queries(queries);
  if (!asked)
    return;
  auto rows = static_cast<int64_t>(asked->nodes.size());
  auto view = work.makeNeighbourhood(near, rows, k);
  if (!view)
    return;
  for (int64_t row = 0; row != rows; ++row) {
    int32_t node = asked->nodes[row];
    Timestamp time = asked->times[row];
    int64_t end = graph.endBefore(node, time);
    int64_t begin = windowBegin(graph, node, end, time, seconds);
    int64_t first = std::max(begin, end - k);
    view->counts[row] = static_cast<int32_t>(end - first);
    for (int64_t place = 0; place != k; ++place) {
      int64_t at = row * k + place, entry = first + place;
      bool isValid = entry < end;
      view->nodes[at] = isValid ? graph.neighbour(entry) : 0;
      view->events[at] = isValid ? graph.event(entry) : 0;
      view->times[at] = isValid ? graph.time(entry) : Timestamp();
      view->timeDeltas[at] =
          isValid ? static_cast<float>(
                        graph.timeScale().difference(time, graph.time(entry)))
                  : 0;
    }
  }
}

extern "C" void window_count(void *step, int32_t queries, int32_t degrees,
                             int32_t seconds) {
  IndexWork &work = IndexWork::of(step);
  const TemporalGraph &graph = work.graph();
  auto asked = work.queries(queries);
  if (!asked)
    return;
  auto rows = static_cast<int64_t>(asked->nodes.size());
  auto counts = work.makeTable<float>(degrees, "window_degrees", rows);
  for (size_t row = 0; row != counts.size(); ++row) {
    int32_t node = asked->nodes[row];
    Timestamp time = asked->times[row];
    int64_t end = graph.endBefore(node, time);
    counts[row] =
        static_cast<float>(end - windowBegin(graph, node, end, time, seconds));
  }
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Window", "1",
          [](mlir::DialectRegistry *registry) {
            registry->insert<window::WindowDialect>();
          }};
}
