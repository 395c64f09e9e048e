//===- Invocation.cpp - A program's function, ready to call ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Invocation.h"

#include "runtime/Memory/CompiledCall.h"
#include "runtime/Train/RowExchange.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <string>

using namespace orcinus;

void FeatureArguments::Release::operator()(void *memory) const {
  std::free(memory);
}

StatusOr<const float *> FeatureArguments::bind(BindingKind kind,
                                               int64_t columns) {
  bool edge = kind == BindingKind::EdgeFeatures;
  const FeatureMatrix &features =
      edge ? stream.edgeFeatures : stream.nodeFeatures;
  if (features.columns != 0 && features.columns != columns)
    return Status::error(fmt::format(
        "the stream has {} features of {} columns, the model was compiled for "
        "{}",
        edge ? "edge" : "node", features.columns, columns));
  if (device)
    return bindOnDevice(kind, columns, features);
  if (features.columns == columns)
    return features.values.data();
  return zeroRows(rowCount(kind) * columns * sizeof(float));
}

const float *FeatureArguments::zeroRows(size_t bytes) {
  // 64 bytes more, for the program may round its last vector load up.
  zeros.emplace_back(std::calloc(bytes + bufferAlignment, 1));
  if (!zeros.back())
    throw std::bad_alloc();
  return static_cast<const float *>(zeros.back().get());
}

StatusOr<const float *>
FeatureArguments::bindOnDevice(BindingKind kind, int64_t columns,
                               const FeatureMatrix &features) {
  for (const OnDevice &each : onDevice)
    if (each.kind == kind && each.columns == columns)
      return static_cast<const float *>(each.block.address());
  size_t bytes = rowCount(kind) * columns * sizeof(float);
  StatusOr<DeviceBlock> block =
      DeviceBlock::allocate(*device, bytes + bufferAlignment);
  if (!block.ok())
    return block.status();
  Status status =
      features.columns == columns
          ? device->copyToDevice(block->address(), features.values.data(),
                                 bytes)
          : device->fill32(block->address(), 0, bytes / sizeof(float));
  if (status.ok())
    status = device->synchronize(device->ownStream());
  if (!status.ok())
    return status;
  onDevice.push_back({kind, columns, std::move(*block)});
  return static_cast<const float *>(onDevice.back().block.address());
}

/// Whether a shape with -1 for dynamic extents admits the shape `actual`.
static bool admits(std::span<const int64_t> shape,
                   std::span<const int64_t> actual) {
  if (shape.size() != actual.size())
    return false;
  for (size_t each = 0; each != shape.size(); ++each)
    if (shape[each] >= 0 && shape[each] != actual[each])
      return false;
  return true;
}

static Status shapeMismatch(const ArgumentSpecification &argument,
                            std::span<const int64_t> actual) {
  std::vector<int64_t> expected =
      argument.shape.value_or(std::vector<int64_t>());
  return Status::error(
      fmt::format("the program takes '{}' with shape [{}], but it is [{}]",
                  argument.binding, fmt::join(expected, ", "),
                  fmt::join(actual, ", ")),
      StatusCode::Internal);
}

/// Whether a function has no index work, and so no function that prepares it.
static bool readsNoTable(const FunctionSpecification &function) {
  return std::none_of(function.arguments.begin(), function.arguments.end(),
                      [](const ArgumentSpecification &argument) {
                        return argument.kind == BindingKind::Table;
                      });
}

static bool readsPrepared(const FunctionSpecification &function) {
  return std::ranges::any_of(function.arguments,
                             [](const ArgumentSpecification &argument) {
                               return argument.kind == BindingKind::Prepared;
                             });
}

/// The function that computes of parameters alone what others read.
static constexpr std::string_view preparesParameters = "prepare_parameters";

StatusOr<std::unique_ptr<Invocation>>
Invocation::create(std::string_view name, const CompiledModel &model,
                   const Manifest &manifest, ModelState &state,
                   FeatureArguments &features, std::optional<OutputForm> reads,
                   std::shared_ptr<RowWindow> window) {
  std::string prepareName = fmt::format("{}_prepare", name);
  std::string stepName = fmt::format("{}_step", name);
  void *prepareAddress = model.lookup(prepareName);
  void *stepAddress = model.lookup(stepName);
  const FunctionSpecification *function = manifest.function(stepName);
  bool preparesNothing = !function || readsNoTable(*function);
  if ((!prepareAddress && !preparesNothing) || !stepAddress || !function)
    return Status::error(fmt::format(
        "the program of model '{}' has no {}", manifest.model,
        prepareAddress || preparesNothing ? stepName : prepareName));
  std::unique_ptr<Invocation> result(new Invocation);
  result->device = state.device();
  result->modelState = &state;
  if (!preparesNothing && state.exchange) {
    result->exchange = state.exchange.get();
    result->window = window ? std::move(window) : std::make_shared<RowWindow>();
  }
  bool trains = name == "train" || name == "train_exact";
  result->changesParameters = trains || name == "gradient" || name == "shard" ||
                              name == "shard_exact" || name == "apply";
  result->changesStates =
      trains || name == "gradient" || name == "evaluate" || name == "advance";
  // Shards leave caches as they are.
  result->changesCaches = trains || name == "gradient";
  result->changesPrepared = name == preparesParameters;
  result->prepareFunction = reinterpret_cast<void (*)(void *)>(prepareAddress);
  result->stepFunction = reinterpret_cast<void (*)(void **)>(stepAddress);
  for (const ArgumentSpecification &argument : function->arguments) {
    Status status = result->bindArgument(argument, state, features);
    if (!status.ok())
      return status;
  }
  if (readsPrepared(*function) && !result->changesPrepared) {
    auto preparation = create(preparesParameters, model, manifest, state,
                              features, std::nullopt);
    if (!preparation.ok())
      return preparation.status();
    result->parameterPreparation = std::move(*preparation);
  }
  if (!reads)
    return result;
  Status status = result->stepOutputs.check(*reads, stepName);
  if (!status.ok())
    return status;
  return result;
}

Status Invocation::bindArgument(const ArgumentSpecification &argument,
                                ModelState &state, FeatureArguments &features) {
  switch (argument.kind) {
  case BindingKind::LearningRate:
    bindScalar(argument, &scalarValues.learningRate);
    return Status();
  case BindingKind::Step:
    bindScalar(argument, &scalarValues.step);
    return Status();
  case BindingKind::DropoutSeed:
    bindScalar(argument, &scalarValues.dropoutSeed);
    return Status();
  case BindingKind::Table:
    return bindTable(argument, state);
  case BindingKind::Output:
    return bindOutput(argument);
  case BindingKind::EdgeFeatures:
  case BindingKind::NodeFeatures: {
    int64_t columns = argument.shape && argument.shape->size() == 2
                          ? argument.shape->back()
                          : -1;
    if (columns < 0)
      return shapeMismatch(argument, {});
    std::span<const float> ofNodes = features.ofNodes(columns);
    if (window && argument.kind == BindingKind::NodeFeatures &&
        !ofNodes.empty())
      return bindWindow(argument,
                        window->addFeatures(ofNodes, columns, device));
    auto data = features.bind(argument.kind, columns);
    if (!data.ok())
      return data.status();
    return bindArray(argument, *data,
                     std::array{features.rowCount(argument.kind), columns});
  }
  default:
    return bindState(argument, state);
  }
}

/// The shape of an array as programs see it, which find the slots of a mailbox
/// one after the other.
static std::vector<int64_t>
shapeForPrograms(const ArgumentSpecification &argument,
                 const FloatArray &array) {
  std::span<const int64_t> shape = array.shape();
  if (argument.kind == BindingKind::Mail)
    return {shape[0] * shape[1], shape[2]};
  return {shape.begin(), shape.end()};
}

/// Binds one of the model's own arrays.
Status Invocation::bindState(const ArgumentSpecification &argument,
                             ModelState &state) {
  FloatArray *array = state.find(argument.kind, argument.name);
  if (!array)
    return Status::error(fmt::format("the program takes '{}', which its "
                                     "manifest does not declare",
                                     argument.binding),
                         StatusCode::Internal);
  bool isState = argument.kind == BindingKind::Mail ||
                 argument.kind == BindingKind::State ||
                 argument.kind == BindingKind::Message;
  if (window && isState)
    return bindWindow(argument,
                      window->addArray(array - state.nodeRows.data(),
                                       RowWindow::nodes, *array, device));
  if (window && argument.kind == BindingKind::Cache && exchange->cutsCaches()) {
    size_t cache = array - state.caches.data();
    return bindWindow(argument, window->addArray(exchange->arrayOfCache(cache),
                                                 RowWindow::ofCache(cache),
                                                 *array, device));
  }
  Status status = bindArray(argument, array->values().data(),
                            shapeForPrograms(argument, *array));
  if (!device || !status.ok())
    return status;
  bool changes = isState ? changesStates : changesParameters;
  if (argument.kind == BindingKind::Cache)
    changes = changesCaches;
  if (argument.kind == BindingKind::Prepared)
    changes = changesPrepared;
  mirroredBindings.push_back({array, descriptors.back().get(), changes});
  return Status();
}

/// Binds an array of the window, whose rows are not known yet.
Status Invocation::bindWindow(const ArgumentSpecification &argument,
                              FloatArray *array) {
  std::vector<int64_t> shape = shapeForPrograms(argument, *array);
  Status status = bindArray(argument, array->values().data(), shape);
  if (!status.ok())
    return status;
  int64_t slots = shape.front() / array->shape().front();
  windowBindings.push_back(
      {array, descriptors.back().get(), std::move(shape), slots});
  bool isState = argument.kind != BindingKind::NodeFeatures &&
                 argument.kind != BindingKind::Cache;
  if (device)
    mirroredBindings.push_back(
        {array, descriptors.back().get(), changesStates && isState});
  return Status();
}

Status Invocation::bindArray(const ArgumentSpecification &argument,
                             const void *data, std::span<const int64_t> shape) {
  if (!argument.shape || !admits(*argument.shape, shape))
    return shapeMismatch(argument, shape);
  descriptors.push_back(std::make_unique<MemrefDescriptor>());
  descriptors.back()->set(const_cast<void *>(data), shape);
  arguments.push_back(descriptors.back().get());
  return Status();
}

/// How the window numbers a table of rows; nothing where the manifest does not
/// declare what they are of.
static std::optional<RowWindow::Table>
windowTableOf(const ArgumentSpecification &argument, const ModelState &state) {
  RowWindow::Table table{argument.table.handle, argument.table.component};
  if (argument.rowsOf == "nodes")
    return table;
  for (const FloatArray &array : state.nodeRows)
    if (array.name() == argument.rowsOf && array.shape().size() == 3) {
      table.slots = static_cast<int32_t>(array.shape()[1]);
      return table;
    }
  for (size_t cache = 0; cache != state.caches.size(); ++cache)
    if (argument.rowsOf == "cache:" + state.caches[cache].name()) {
      table.space = RowWindow::ofCache(cache);
      return table;
    }
  return std::nullopt;
}

/// Whether the window numbers a table of rows: only what is cut.
bool Invocation::isNumbered(const RowWindow::Table &table) const {
  return window && (table.space == RowWindow::nodes || exchange->cutsCaches());
}

/// Notes a table of rows, once, however often it is bound.
Status Invocation::addRowTable(const ArgumentSpecification &argument,
                               const ModelState &state) {
  std::optional<RowWindow::Table> table = windowTableOf(argument, state);
  if (!table)
    return Status::error(fmt::format("the rows of '{}' are of '{}', which the "
                                     "program does not declare",
                                     argument.binding, argument.rowsOf),
                         StatusCode::Internal);
  bool isKnown =
      std::ranges::any_of(rowTables, [&](const RowWindow::Table &each) {
        return each.handle == table->handle &&
               each.component == table->component;
      });
  if (isKnown)
    return Status();
  rowTables.push_back(*table);
  if (isNumbered(*table))
    windowTables.push_back(*table);
  return Status();
}

Status Invocation::bindTable(const ArgumentSpecification &argument,
                             ModelState &state) {
  const Table *table =
      stepTables.bind(argument.table.handle, argument.table.component);
  if (!table)
    return Status::error(fmt::format("the program takes '{}', whose handle is "
                                     "out of range",
                                     argument.binding),
                         StatusCode::Internal);
  tableBindings.push_back({table, &argument});
  if (!argument.rowsOf.empty())
    if (Status status = addRowTable(argument, state); !status.ok())
      return status;
  // The table is only read, but compiled code takes every argument alike.
  arguments.push_back(const_cast<MemrefDescriptor *>(&table->descriptor()));
  return Status();
}

Status Invocation::bindOutput(const ArgumentSpecification &argument) {
  StatusOr<MemrefDescriptor *> descriptor =
      stepOutputs.add(argument, stepTables);
  if (!descriptor.ok())
    return descriptor.status();
  arguments.push_back(*descriptor);
  return Status();
}

/// A scalar is passed by its address, or as a memref of rank 0 if the manifest
/// gives it a shape.
void Invocation::bindScalar(const ArgumentSpecification &argument,
                            void *value) {
  if (!argument.shape) {
    arguments.push_back(value);
    return;
  }
  descriptors.push_back(std::make_unique<MemrefDescriptor>());
  descriptors.back()->set(value, {});
  arguments.push_back(descriptors.back().get());
}

Status Invocation::prepare(const StepInput &input) {
  if (window)
    window->clear();
  if (Status status = prepareTables(input); !status.ok() || !window)
    return status;
  window->close();
  return exchange->fetch(window.get());
}

Status Invocation::prepareTables(const StepInput &input) {
  stepTables.begin(input);
  if (prepareFunction && !callCompiled(prepareFunction, stepTables.address()))
    return Status::error("out of memory while preparing a batch",
                         StatusCode::OutOfMemory);
  if (Status status = stepTables.finish(); !status.ok())
    return status;
  if (Status status = checkTableShapes(); !status.ok())
    return status;
  if (window)
    window->add(stepTables, windowTables, changesStates);
  return stepOutputs.resize(input);
}

/// The row that an element of a table of rows stands for.
int32_t Invocation::rowOf(const RowWindow::Table &table,
                          int32_t element) const {
  int32_t row = element / table.slots;
  return isNumbered(table) ? window->rows(table.space)[row] : row;
}

std::vector<int32_t> Invocation::nodesOf(int32_t handle) const {
  auto nodes = stepTables.find(handle, Component::Nodes)->values<int32_t>();
  std::vector<int32_t> result(nodes.begin(), nodes.end());
  for (const RowWindow::Table &table : rowTables)
    if (table.handle == handle && table.component == Component::Nodes)
      for (int32_t &node : result)
        node = rowOf(table, node);
  return result;
}

RowsBySpace Invocation::rowsOfTables() const {
  RowsBySpace result(1);
  for (const RowWindow::Table &table : rowTables) {
    if (result.size() <= table.space)
      result.resize(table.space + 1);
    for (int32_t element :
         stepTables.find(table.handle, table.component)->values<int32_t>())
      result[table.space].push_back(rowOf(table, element));
  }
  return result;
}

/// Says where the window's arrays are now.
void Invocation::bindWindowRows() {
  for (WindowBinding &each : windowBindings) {
    each.shape.front() = each.array->shape().front() * each.slots;
    // What a device has of it stays as it is.
    std::span<const float> values = std::as_const(*each.array).values();
    each.descriptor->set(const_cast<float *>(values.data()), each.shape);
  }
}

Status Invocation::checkTableShapes() const {
  for (const TableBinding &each : tableBindings) {
    if (!each.argument->shape ||
        !admits(*each.argument->shape, each.table->shape()))
      return shapeMismatch(*each.argument, each.table->shape());
    if (each.table->elementType() != each.argument->type)
      return Status::error(fmt::format("the program takes '{}' with another "
                                       "element type than the runtime's",
                                       each.argument->binding),
                           StatusCode::Internal);
  }
  return Status();
}

Status Invocation::prepareParameters() {
  if (!parameterPreparation || modelState->isPrepared())
    return Status();
  Status status = parameterPreparation->step({});
  if (status.ok())
    modelState->markPrepared();
  return status;
}

Status Invocation::step(const StepScalars &scalars) {
  if (Status status = prepareParameters(); !status.ok())
    return status;
  if (changesParameters)
    modelState->countParameterStep();
  scalarValues = scalars;
  bindWindowRows();
  if (window && changesStates)
    window->isChanged = true;
  for (const MirroredBinding &each : mirroredBindings) {
    StatusOr<void *> address = each.array->onDevice(each.changes);
    if (!address.ok())
      return address.status();
    each.descriptor->allocated = each.descriptor->aligned = *address;
  }
  DeviceScope scope(device);
  bool ended = callCompiled(stepFunction, arguments.data());
  Status status;
  if (device)
    status = device->takeError();
  if (!ended)
    status = Status::error(
        "out of memory in a step of the model: take smaller batches",
        StatusCode::OutOfMemory);
  if (!device)
    return status;
  // What was begun must not outlive the tables that it reads.
  if (!status.ok())
    (void)device->synchronize();
  device->returnStreams();
  return status;
}
