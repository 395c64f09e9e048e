//===- Invocation.h - A program's function, ready to call -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_INVOCATION_H
#define RUNTIME_TRAIN_INVOCATION_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Support/Status.h"
#include "runtime/Device/DeviceMirror.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/RowTraffic.h"
#include "runtime/Train/RowWindow.h"
#include "runtime/Train/StepOutputs.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace orcinus {

/// The scalars of one call.
struct StepScalars {
  float learningRate = 0;
  /// The optimizer's step, from 1.
  int64_t step = 0;
  int64_t dropoutSeed = 0;
};

/// The stream's features as program arguments; see docs/abi.md for streams
/// without. Shared by all invocations.
class FeatureArguments {
public:
  /// For programs on `device`, which is null for the host.
  FeatureArguments(const EventStream &stream, Device *device)
      : FeatureArguments(stream, device, stream.nodeCount,
                         stream.eventCount()) {}
  /// Of a stream that grows: with room for so many nodes and events, which its
  /// features have.
  FeatureArguments(const EventStream &stream, Device *device, int64_t nodeRows,
                   int64_t edgeRows)
      : stream(stream), device(device), nodeRows(nodeRows), edgeRows(edgeRows) {
  }

  /// The features of the edges or of the nodes, f32[rows, columns], where the
  /// program reads them. Errors: the stream has features of another width, or
  /// they do not fit on the device.
  StatusOr<const float *> bind(BindingKind kind, int64_t columns);
  /// The nodes' features, where the stream has some of so many columns.
  std::span<const float> ofNodes(int64_t columns) const {
    bool fits = columns > 0 && stream.nodeFeatures.columns == columns;
    return fits ? std::span<const float>(stream.nodeFeatures.values)
                : std::span<const float>();
  }
  /// Events or nodes that there is room for.
  int64_t rowCount(BindingKind kind) const {
    return kind == BindingKind::EdgeFeatures ? edgeRows : nodeRows;
  }

private:
  struct Release {
    void operator()(void *memory) const;
  };

  /// What was copied to the device, or made there.
  struct OnDevice {
    BindingKind kind;
    int64_t columns;
    DeviceBlock block;
  };

  const float *zeroRows(size_t bytes);
  StatusOr<const float *> bindOnDevice(BindingKind kind, int64_t columns,
                                       const FeatureMatrix &features);

  const EventStream &stream;
  Device *device;
  int64_t nodeRows;
  int64_t edgeRows;
  std::vector<OnDevice> onDevice;
  /// Zero rows, which the operating system does not back by memory until they
  /// are written.
  std::vector<std::unique_ptr<void, Release>> zeros;
};

/// One of the step functions of docs/abi.md, with tables and outputs of
/// its own and an argument array that is built once.
class Invocation {
public:
  /// Looks up `name`_prepare and `name`_step and binds the arguments; the
  /// model, `manifest`, `state` and `features` must outlive the result, whose
  /// output of the form `reads` the caller reads, where it reads any. Where the
  /// process does not have all rows, `window` is what it shares with the other
  /// parts of a batch; null for one of its own. Errors: the program lacks a
  /// function, or an argument does not fit.
  static StatusOr<std::unique_ptr<Invocation>>
  create(std::string_view name, const CompiledModel &model,
         const Manifest &manifest, ModelState &state,
         FeatureArguments &features, std::optional<OutputForm> reads,
         std::shared_ptr<RowWindow> window = nullptr);

  /// Runs the prepare function over `input`; a function that reads no table
  /// ("apply") has none, and is stepped alone. Where the process does not have
  /// all rows, brings those that the step needs, which all processes do
  /// together. Safe beside another invocation's step().
  Status prepare(const StepInput &input);

  /// The same without bringing rows: they are only added to rowWindow(), for
  /// which the caller does the rest.
  Status prepareTables(const StepInput &input);

  /// What the process sees of rows that it does not have; null where it has
  /// all.
  RowWindow *rowWindow() const { return window.get(); }

  /// Runs the step function over what was prepared, and before it, where
  /// parameters have changed, what computes of them what it reads. Errors: of
  /// the device; what the program changes is then undefined.
  Status step(const StepScalars &scalars);

  /// The results of the last step, by their roles.
  const StepOutputs &outputs() const { return stepOutputs; }

  /// The tables that were prepared; where there is a window, those of rows that
  /// the step function reads are numbered by it.
  const StepTables &tables() const { return stepTables; }

  /// The nodes of a handle that has some, also where they are numbered so.
  std::vector<int32_t> nodesOf(int32_t handle) const;

  /// The rows of nodes and caches that the step function finds in its tables,
  /// as often as it does.
  RowsBySpace rowsOfTables() const;

private:
  Invocation() = default;
  Status prepareParameters();
  Status bindArgument(const ArgumentSpecification &argument, ModelState &state,
                      FeatureArguments &features);
  Status bindState(const ArgumentSpecification &argument, ModelState &state);
  Status bindArray(const ArgumentSpecification &argument, const void *data,
                   std::span<const int64_t> shape);
  Status bindWindow(const ArgumentSpecification &argument, FloatArray *array);
  Status addRowTable(const ArgumentSpecification &argument,
                     const ModelState &state);
  bool isNumbered(const RowWindow::Table &table) const;
  int32_t rowOf(const RowWindow::Table &table, int32_t element) const;
  Status bindTable(const ArgumentSpecification &argument, ModelState &state);
  Status bindOutput(const ArgumentSpecification &argument);
  void bindScalar(const ArgumentSpecification &argument, void *value);
  Status checkTableShapes() const;

  /// A table and the shape that the program was compiled for.
  struct TableBinding {
    const Table *table;
    const ArgumentSpecification *argument;
  };

  /// An array whose place on the device is bound, and whether the function
  /// changes it.
  struct MirroredBinding {
    FloatArray *array;
    MemrefDescriptor *descriptor;
    bool changes;
  };

  /// An array of the window, which moves as it grows: its shape as programs see
  /// it, which have so many rows for one of its own.
  struct WindowBinding {
    FloatArray *array;
    MemrefDescriptor *descriptor;
    std::vector<int64_t> shape;
    int64_t slots;
  };
  void bindWindowRows();

  /// Null for the host.
  Device *device = nullptr;
  /// Null where programs see all rows; so is the window.
  RowExchange *exchange = nullptr;
  std::shared_ptr<RowWindow> window;
  /// The tables of rows, and those of them that the window numbers.
  std::vector<RowWindow::Table> rowTables, windowTables;
  std::vector<WindowBinding> windowBindings;
  ModelState *modelState = nullptr;
  /// What computes the prepared arrays; null where the function reads none.
  std::unique_ptr<Invocation> parameterPreparation;
  bool changesParameters = false;
  bool changesStates = false;
  bool changesCaches = false;
  bool changesPrepared = false;
  std::vector<MirroredBinding> mirroredBindings;
  void (*prepareFunction)(void *) = nullptr;
  void (*stepFunction)(void **) = nullptr;
  StepTables stepTables;
  std::vector<TableBinding> tableBindings;
  /// At fixed places: `arguments` points to them.
  std::vector<std::unique_ptr<MemrefDescriptor>> descriptors;
  std::vector<void *> arguments;

  StepScalars scalarValues;
  StepOutputs stepOutputs;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_INVOCATION_H
