//===- ModelState.cpp - Everything that training changes ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ModelState.h"

#include "orcinus/Support/CheckedArithmetic.h"
#include "runtime/Train/RowExchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

using namespace orcinus;

/// Throws std::bad_alloc where no machine has so many.
static int64_t elementCount(std::span<const int64_t> shape) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max() / sizeof(float);
  int64_t count = saturatedElements(shape);
  if (count > most)
    throw std::bad_alloc();
  return count;
}

FloatArray::FloatArray(std::string name, std::vector<int64_t> shape,
                       Device *device)
    : label(std::move(name)), extents(std::move(shape)), device(device),
      elements(storage.reserve<float>(elementCount(extents))),
      mirror(device, elements.data(), elements.size_bytes()) {
  clear();
}

/// The same where the rows of a mailbox could not be numbered in 32 bits.
static void checkMailRows(int32_t nodeCount, int slots) {
  if (nodeCount > std::numeric_limits<int32_t>::max() / slots)
    throw std::bad_alloc();
}

void FloatArray::clear() {
  std::span<float> all = replacedValues();
  std::fill(all.begin(), all.end(), 0.0f);
}

int64_t FloatArray::rowSize() const { return elementCount(shape().subspan(1)); }

void FloatArray::growRows(int64_t rows) {
  std::vector<int64_t> shape = extents;
  shape.front() = rows;
  FloatArray grown(label, std::move(shape), device);
  std::span<const float> old = std::as_const(*this).values();
  std::copy(old.begin(), old.end(), grown.values().begin());
  *this = std::move(grown);
}

/// What an array of one row a node is called; nothing of another kind.
static std::string bindingOf(BindingKind kind, std::string_view name) {
  switch (kind) {
  case BindingKind::State:
    return fmt::format("state:{}", name);
  case BindingKind::Message:
    return fmt::format("message:{}", name);
  case BindingKind::Mail:
    return fmt::format("mail:{}", name);
  default:
    return {};
  }
}

ModelState::ModelState(const Manifest &manifest, int32_t nodeCount,
                       std::vector<std::unique_ptr<CacheIndex>> indexes,
                       Device *device, std::optional<RowPartition> partition)
    : cacheIndexes(std::move(indexes)), index(nodeCount),
      programDevice(device) {
  for (const ParameterSpecification &each : manifest.parameters)
    parameters.emplace_back(each.name, each.shape, device);
  addBoundArrays(manifest);
  addPreparedArrays(manifest);
  // One process has all rows of caches, where its programs find them.
  bool cutsCaches = partition && partition->size > 1;
  for (size_t each = 0; each != manifest.caches.size(); ++each) {
    int64_t rows = cacheIndexes[each]->rowCount();
    caches.push_back({manifest.caches[each].name,
                      {cutsCaches ? partition->count(rows) : rows,
                       manifest.caches[each].width},
                      cutsCaches ? nullptr : device});
  }
  for (const WalkSpecification &each : manifest.walks)
    index.walks.emplace_back(nodeCount, each.options);
  for (const MailboxSpecification &each : manifest.mailboxes) {
    checkMailRows(nodeCount, each.options.slots);
    index.mailboxes.emplace_back(nodeCount, each.options);
  }
  createNodeRows(manifest, partition ? partition->count(nodeCount) : nodeCount,
                 partition ? nullptr : device);
  if (partition && (!nodeRows.empty() || (cutsCaches && !caches.empty())))
    exchange = std::make_unique<RowExchange>(nodeRows, caches, *partition);
}

ModelState::~ModelState() = default;

/// `device` is where programs find whole arrays: none where they see windows.
void ModelState::createNodeRows(const Manifest &manifest, int64_t rows,
                                Device *device) {
  auto add = [&](BindingKind kind, const std::string &name,
                 std::vector<int64_t> shape) {
    nodeRows.push_back({bindingOf(kind, name), std::move(shape), device});
  };
  for (const StateSpecification &each : manifest.states) {
    add(BindingKind::State, each.name, {rows, each.width});
    add(BindingKind::Message, each.name, {rows, each.messageWidth});
  }
  for (const MailboxSpecification &each : manifest.mailboxes)
    add(BindingKind::Mail, each.name, {rows, each.options.slots, each.width});
}

std::vector<FloatArray> *ModelState::groupOf(BindingKind kind) {
  switch (kind) {
  case BindingKind::FirstMoment:
    return &firstMoments;
  case BindingKind::SecondMoment:
    return &secondMoments;
  case BindingKind::Velocity:
    return &velocities;
  case BindingKind::Gradient:
    return &gradients;
  default:
    return nullptr;
  }
}

void ModelState::addBoundArrays(const Manifest &manifest) {
  for (const FunctionSpecification &function : manifest.functions)
    for (const ArgumentSpecification &argument : function.arguments) {
      std::vector<FloatArray> *group = groupOf(argument.kind);
      FloatArray *parameter = find(BindingKind::Parameter, argument.name);
      if (!group || !parameter || find(argument.kind, argument.name))
        continue;
      std::span<const int64_t> shape = parameter->shape();
      group->emplace_back(argument.name,
                          std::vector<int64_t>(shape.begin(), shape.end()),
                          programDevice);
    }
}

void ModelState::addPreparedArrays(const Manifest &manifest) {
  for (const FunctionSpecification &function : manifest.functions)
    for (const ArgumentSpecification &argument : function.arguments)
      if (argument.kind == BindingKind::Prepared &&
          !find(argument.kind, argument.name))
        prepared.emplace_back(argument.name, *argument.shape, programDevice);
}

uint64_t ModelState::parameterVersion() const {
  uint64_t version = parameterSteps;
  for (const FloatArray &each : parameters)
    version += each.changes();
  return version;
}

Status ModelState::takeDeviceError() const {
  return programDevice ? programDevice->takeError() : Status();
}

Status ModelState::fetch() const {
  if (exchange)
    exchange->settle();
  for (const auto *group : {&parameters, &firstMoments, &secondMoments,
                            &velocities, &gradients, &nodeRows, &caches})
    for (const FloatArray &each : *group)
      (void)each.values();
  return takeDeviceError();
}

Status ModelState::initialize(const Manifest &manifest,
                              const InitializerSource &source) {
  for (size_t each = 0; each != parameters.size(); ++each) {
    Status status = initializeParameter(manifest.parameters[each], source,
                                        parameters[each].replacedValues());
    if (!status.ok())
      return status;
  }
  clearOptimizer();
  clearNodeStates();
  return Status();
}

void ModelState::clearOptimizer() {
  for (auto *group : {&firstMoments, &secondMoments, &velocities, &gradients})
    for (FloatArray &each : *group)
      each.clear();
}

void ModelState::clearNodeStates() {
  if (exchange)
    exchange->forget();
  for (FloatArray &each : nodeRows)
    each.clear();
  for (const std::unique_ptr<CacheIndex> &each : cacheIndexes)
    each->reset();
  index.reset();
}

void ModelState::growNodes(int32_t nodeCount) {
  for (const Mailbox &each : index.mailboxes)
    checkMailRows(nodeCount, each.slots());
  for (FloatArray &each : nodeRows)
    each.growRows(nodeCount);
  index.growNodes(nodeCount);
}

FloatArray *ModelState::find(BindingKind kind, std::string_view name) {
  auto searchFor = [](std::vector<FloatArray> &group,
                      std::string_view label) -> FloatArray * {
    auto found = std::ranges::find(group, label, &FloatArray::name);
    return found == group.end() ? nullptr : &*found;
  };
  auto search = [&](std::vector<FloatArray> &group) {
    return searchFor(group, name);
  };
  switch (kind) {
  case BindingKind::Parameter:
    return search(parameters);
  case BindingKind::FirstMoment:
  case BindingKind::SecondMoment:
  case BindingKind::Velocity:
  case BindingKind::Gradient:
    return search(*groupOf(kind));
  case BindingKind::Prepared:
    return search(prepared);
  case BindingKind::State:
  case BindingKind::Message:
  case BindingKind::Mail:
    return searchFor(nodeRows, bindingOf(kind, name));
  case BindingKind::Cache:
    return search(caches);
  default:
    return nullptr;
  }
}

template <typename Values>
static void copyOut(const std::vector<FloatArray> &from, Values &to) {
  for (size_t each = 0; each != from.size(); ++each) {
    std::span<const float> values = from[each].values();
    to[each].assign(values.begin(), values.end());
  }
}

template <typename Values>
static void copyBack(const Values &from, std::vector<FloatArray> &to) {
  for (size_t each = 0; each != from.size(); ++each)
    std::copy(from[each].begin(), from[each].end(),
              to[each].replacedValues().begin());
}

Status ModelSnapshot::take(const ModelState &state) {
  parameters.resize(state.parameters.size());
  copyOut(state.parameters, parameters);
  SpillingAllocator<float> place(/*spills=*/state.exchange != nullptr);
  nodeRows.resize(state.nodeRows.size(), Rows(place));
  copyOut(state.nodeRows, nodeRows);
  index = state.index;
  return state.takeDeviceError();
}

void ModelSnapshot::restore(ModelState &state) const {
  if (state.exchange)
    state.exchange->forget();
  copyBack(parameters, state.parameters);
  copyBack(nodeRows, state.nodeRows);
  state.index = index;
}
