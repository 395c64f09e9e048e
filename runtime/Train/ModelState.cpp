//===- ModelState.cpp - Everything that training changes ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ModelState.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <algorithm>
#include <limits>
#include <new>

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
    : label(std::move(name)), extents(std::move(shape)),
      elements(storage.reserve<float>(elementCount(extents))),
      mirror(device, elements.data(), elements.size_bytes()) {
  clear();
}

void FloatArray::clear() {
  std::span<float> all = replacedValues();
  std::fill(all.begin(), all.end(), 0.0f);
}

ModelState::ModelState(const Manifest &manifest, int32_t nodeCount,
                       std::vector<std::unique_ptr<CacheIndex>> indexes,
                       Device *device)
    : cacheIndexes(std::move(indexes)), index(nodeCount),
      programDevice(device) {
  for (const ParameterSpecification &each : manifest.parameters)
    for (auto *group : {&parameters, &firstMoments, &secondMoments})
      group->emplace_back(each.name, each.shape, device);
  for (size_t each = 0; each != manifest.caches.size(); ++each)
    caches.push_back(
        {manifest.caches[each].name,
         {cacheIndexes[each]->rowCount(), manifest.caches[each].width},
         device});
  for (const WalkSpecification &each : manifest.walks)
    index.walks.emplace_back(nodeCount, each.options);
  for (const StateSpecification &each : manifest.states) {
    states.push_back({each.name, {nodeCount, each.width}, device});
    messages.push_back({each.name, {nodeCount, each.messageWidth}, device});
  }
}

Status ModelState::takeDeviceError() const {
  return programDevice ? programDevice->takeError() : Status();
}

Status ModelState::fetch() const {
  for (const auto *group : {&parameters, &firstMoments, &secondMoments, &states,
                            &messages, &caches})
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
    firstMoments[each].clear();
    secondMoments[each].clear();
  }
  clearNodeStates();
  return Status();
}

void ModelState::clearNodeStates() {
  for (FloatArray &each : states)
    each.clear();
  for (FloatArray &each : messages)
    each.clear();
  for (const std::unique_ptr<CacheIndex> &each : cacheIndexes)
    each->reset();
  index.reset();
}

FloatArray *ModelState::find(BindingKind kind, std::string_view name) {
  auto search = [&](std::vector<FloatArray> &group) -> FloatArray * {
    auto found =
        std::find_if(group.begin(), group.end(), [&](const FloatArray &each) {
          return each.name() == name;
        });
    return found == group.end() ? nullptr : &*found;
  };
  switch (kind) {
  case BindingKind::Parameter:
    return search(parameters);
  case BindingKind::FirstMoment:
    return search(firstMoments);
  case BindingKind::SecondMoment:
    return search(secondMoments);
  case BindingKind::State:
    return search(states);
  case BindingKind::Message:
    return search(messages);
  case BindingKind::Cache:
    return search(caches);
  default:
    return nullptr;
  }
}

static void copyOut(const std::vector<FloatArray> &from,
                    std::vector<std::vector<float>> &to) {
  to.resize(from.size());
  for (size_t each = 0; each != from.size(); ++each) {
    std::span<const float> values = from[each].values();
    to[each].assign(values.begin(), values.end());
  }
}

static void copyBack(const std::vector<std::vector<float>> &from,
                     std::vector<FloatArray> &to) {
  for (size_t each = 0; each != from.size(); ++each)
    std::copy(from[each].begin(), from[each].end(),
              to[each].replacedValues().begin());
}

Status ModelSnapshot::take(const ModelState &state) {
  copyOut(state.parameters, parameters);
  copyOut(state.states, states);
  copyOut(state.messages, messages);
  index = state.index;
  return state.takeDeviceError();
}

void ModelSnapshot::restore(ModelState &state) const {
  copyBack(parameters, state.parameters);
  copyBack(states, state.states);
  copyBack(messages, state.messages);
  state.index = index;
}
