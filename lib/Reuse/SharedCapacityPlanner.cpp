//===- SharedCapacityPlanner.cpp - One memory for the caches of all layers ===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/SharedCapacityPlanner.h"

#include "BoundaryLoad.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>

using namespace orcinus;

namespace {

/// One flag an item.
using Choice = std::vector<uint8_t>;

class SharedCapacityPlanner {
public:
  SharedCapacityPlanner(std::span<const IntervalItem> items,
                        const SharedCapacityOptions &options);

  SharedCapacityPlan run();
  std::vector<int64_t> splitStatically() const {
    SharedCapacityPlan plan;
    chooseByStaticSplit(plan);
    return plan.staticSplit;
  }

private:
  const LayerCost &cost(int32_t item) const {
    return options.layers[items[item].layer];
  }
  bool isWide(int32_t item) const {
    return cost(item).size > options.capacity / 2;
  }

  template <typename Key>
  void sortBy(std::vector<int32_t> &order, Key key) const;
  void orderAcrossLayers();
  double benefitOf(const Choice &choice) const;

  Choice chooseByLocalRatio(bool wide) const;
  std::vector<int32_t> pushByLocalRatio(bool wide) const;
  Choice unwind(std::span<const int32_t> stack) const;

  Choice chooseByStaticSplit(SharedCapacityPlan &plan) const;
  std::vector<std::vector<double>> evaluateShares(int64_t unit,
                                                  int64_t units) const;
  int64_t chooseByReuseDistance(int32_t layer, int64_t entries,
                                Choice *choice) const;

  void fillGreedily(Choice &choice) const;

  std::span<const IntervalItem> items;
  const SharedCapacityOptions &options;
  /// Batches, so that all boundaries are below.
  int32_t batches = 0;
  /// Items that fit and are worth something, by ascending begin within each
  /// layer and, once ordered across layers, by ascending end, and by descending
  /// benefit per byte and boundary.
  std::vector<int32_t> byEnd;
  std::vector<std::vector<int32_t>> byBegin;
  std::vector<int32_t> byDensity;
};

SharedCapacityPlanner::SharedCapacityPlanner(
    std::span<const IntervalItem> items, const SharedCapacityOptions &options)
    : items(items), options(options), byBegin(options.layers.size()) {
  for (size_t index = 0; index < items.size(); ++index) {
    int32_t item = static_cast<int32_t>(index);
    batches = std::max(batches, items[item].end);
    if (cost(item).size <= options.capacity && cost(item).benefit > 0.0)
      byEnd.push_back(item);
  }
  for (int32_t item : byEnd)
    byBegin[items[item].layer].push_back(item);
  for (std::vector<int32_t> &layer : byBegin)
    sortBy(layer, [&](int32_t item) { return items[item].begin; });
}

template <typename Key>
void SharedCapacityPlanner::sortBy(std::vector<int32_t> &order, Key key) const {
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return std::pair(key(a), a) < std::pair(key(b), b);
  });
}

void SharedCapacityPlanner::orderAcrossLayers() {
  byDensity = byEnd;
  sortBy(byEnd, [&](int32_t item) { return items[item].end; });
  sortBy(byDensity, [&](int32_t item) {
    return -cost(item).benefit / static_cast<double>(cost(item).size) /
           (items[item].end - items[item].begin);
  });
}

double SharedCapacityPlanner::benefitOf(const Choice &choice) const {
  std::vector<int64_t> counts(options.layers.size());
  for (size_t item = 0; item < items.size(); ++item)
    counts[items[item].layer] += choice[item];
  double benefit = 0.0;
  for (size_t layer = 0; layer < counts.size(); ++layer)
    benefit +=
        static_cast<double>(counts[layer]) * options.layers[layer].benefit;
  return benefit;
}

SharedCapacityPlan SharedCapacityPlanner::run() {
  orderAcrossLayers();
  SharedCapacityPlan plan;
  Choice narrow = chooseByLocalRatio(/*wide=*/false);
  Choice wide = chooseByLocalRatio(/*wide=*/true);
  Choice split = chooseByStaticSplit(plan);
  for (Choice *choice : {&narrow, &wide, &split})
    fillGreedily(*choice);
  plan.narrowBenefit = benefitOf(narrow);
  plan.wideBenefit = benefitOf(wide);
  plan.staticSplitBenefit = benefitOf(split);
  plan.benefit =
      std::max({plan.staticSplitBenefit, plan.narrowBenefit, plan.wideBenefit});
  // On a tie the static split is taken: its slots never change their layer.
  if (plan.benefit == plan.staticSplitBenefit)
    plan.chosen = std::move(split);
  else
    plan.chosen = std::move(plan.benefit == plan.narrowBenefit ? narrow : wide);
  return plan;
}

/// The local-ratio pass over the items up to half of the capacity, or over
/// those above.
Choice SharedCapacityPlanner::chooseByLocalRatio(bool wide) const {
  return unwind(pushByLocalRatio(wide));
}

/// A pushed item I of residual benefit p lowers the residual of each later item
/// J that holds e(I) by p · d(J) / (C - d(I)), or by p among wide items. Items
/// come by ascending e, so J holds e(I) if begin(J) ≤ e(I): one running sum of
/// the rates p / (C - d(I)), and its value before each boundary, are enough.
std::vector<int32_t> SharedCapacityPlanner::pushByLocalRatio(bool wide) const {
  std::vector<int32_t> stack;
  std::vector<double> rateBefore(batches + 1, 0.0);
  double rate = 0.0;
  int32_t boundary = 0;
  for (int32_t item : byEnd) {
    if (isWide(item) != wide)
      continue;
    while (boundary < items[item].end)
      rateBefore[boundary++] = rate;
    double divisor =
        wide ? 1.0 : static_cast<double>(options.capacity - cost(item).size);
    double weight = wide ? 1.0 : static_cast<double>(cost(item).size);
    double residual =
        cost(item).benefit - weight * (rate - rateBefore[items[item].begin]);
    if (residual <= 0.0)
      continue;
    stack.push_back(item);
    rate += residual / divisor;
  }
  return stack;
}

/// Adds the items by descending end where they fit. All items added so far end
/// no earlier, so their load is greatest at the new item's last boundary.
Choice SharedCapacityPlanner::unwind(std::span<const int32_t> stack) const {
  Choice choice(items.size());
  std::vector<int64_t> beginningAt(batches + 1, 0);
  int64_t load = 0;
  int32_t boundary = batches;
  for (size_t index = stack.size(); index-- > 0;) {
    const IntervalItem &item = items[stack[index]];
    while (boundary > item.end - 1)
      load -= beginningAt[boundary--];
    int64_t size = options.layers[item.layer].size;
    if (size > options.capacity - load)
      continue;
    choice[stack[index]] = 1;
    load += size;
    beginningAt[item.begin] += size;
  }
  return choice;
}

/// The best division of the capacity into one MRD cache a layer: a knapsack
/// over units of capacity.
Choice
SharedCapacityPlanner::chooseByStaticSplit(SharedCapacityPlan &plan) const {
  int64_t divisor = 0;
  for (const LayerCost &layer : options.layers)
    divisor = std::gcd(divisor, layer.size);
  auto roundedUp = [](int64_t value, int64_t by) {
    return value / by + (value % by != 0);
  };
  int64_t step = roundedUp(options.capacity, options.splitSteps);
  // A unit that 64 bits cannot hold is larger than the capacity.
  int64_t unit =
      saturatedProduct(std::max<int64_t>(roundedUp(step, divisor), 1), divisor);
  int64_t units = options.capacity / unit;
  std::vector<std::vector<double>> worth = evaluateShares(unit, units);

  // best[l][u]: the most that layers below l are worth in u units.
  size_t layerCount = options.layers.size();
  std::vector best(layerCount + 1, std::vector<double>(units + 1, 0.0));
  std::vector share(layerCount, std::vector<int64_t>(units + 1, 0));
  for (size_t layer = 0; layer < layerCount; ++layer)
    for (int64_t total = 0; total <= units; ++total)
      for (int64_t own = 0; own <= total; ++own) {
        double value = best[layer][total - own] + worth[layer][own];
        if (own > 0 && value <= best[layer + 1][total])
          continue;
        best[layer + 1][total] = value;
        share[layer][total] = own;
      }

  Choice choice(items.size());
  plan.staticSplit.assign(layerCount, 0);
  int64_t total = units;
  for (size_t layer = layerCount; layer-- > 0;) {
    int64_t own = share[layer][total];
    total -= own;
    plan.staticSplit[layer] = own * unit / options.layers[layer].size;
    chooseByReuseDistance(static_cast<int32_t>(layer), plan.staticSplit[layer],
                          &choice);
  }
  plan.unfilledSplitBenefit = best[layerCount][units];
  return choice;
}

/// What MRD saves in each layer with 0, 1, … `units` units of capacity.
std::vector<std::vector<double>>
SharedCapacityPlanner::evaluateShares(int64_t unit, int64_t units) const {
  std::vector<std::vector<double>> worth(options.layers.size());
  for (size_t layer = 0; layer < worth.size(); ++layer) {
    const LayerCost &layerCost = options.layers[layer];
    for (int64_t own = 0; own <= units; ++own) {
      int64_t hits = chooseByReuseDistance(
          static_cast<int32_t>(layer), own * unit / layerCost.size, nullptr);
      worth[layer].push_back(static_cast<double>(hits) * layerCost.benefit);
    }
  }
  return worth;
}

/// MRD on the items of one layer: at every boundary the `entries` items of
/// earliest end stay. Returns how many are never dropped, and sets them in
/// `choice` if there is one.
int64_t SharedCapacityPlanner::chooseByReuseDistance(int32_t layer,
                                                     int64_t entries,
                                                     Choice *choice) const {
  std::set<std::pair<int32_t, int32_t>> held;
  int64_t kept = 0;
  if (entries == 0)
    return kept;
  for (int32_t item : byBegin[layer]) {
    while (!held.empty() && held.begin()->first <= items[item].begin)
      held.erase(held.begin());
    held.emplace(items[item].end, item);
    ++kept;
    if (choice)
      (*choice)[item] = 1;
    if (static_cast<int64_t>(held.size()) <= entries)
      continue;
    auto last = std::prev(held.end());
    --kept;
    if (choice)
      (*choice)[last->second] = 0;
    held.erase(last);
  }
  return kept;
}

/// Stage 2: adds items by descending benefit per byte and boundary wherever
/// they fit.
void SharedCapacityPlanner::fillGreedily(Choice &choice) const {
  BoundaryLoad load(batches);
  for (int32_t item : byEnd)
    if (choice[item])
      load.add(items[item].begin, items[item].end, cost(item).size);
  for (int32_t item : byDensity) {
    auto [begin, end] = std::pair(items[item].begin, items[item].end);
    int64_t size = cost(item).size;
    if (choice[item] || size > options.capacity - load.maximum(begin, end))
      continue;
    choice[item] = 1;
    load.add(begin, end, size);
  }
}

} // namespace

static Status checkInput(std::span<const IntervalItem> items,
                         const SharedCapacityOptions &options) {
  if (options.capacity < 0)
    return Status::error("the shared capacity must not be negative, got " +
                         std::to_string(options.capacity));
  if (options.splitSteps < 1)
    return Status::error("a static split needs at least 1 step, got " +
                         std::to_string(options.splitSteps));
  if (options.layers.empty())
    return Status::error("a shared capacity needs at least 1 layer");
  for (const LayerCost &layer : options.layers)
    if (layer.size < 1 || !(layer.benefit >= 0.0))
      return Status::error("a layer needs a size of at least 1 byte and a "
                           "benefit that is not negative, got " +
                           std::to_string(layer.size) + " and " +
                           std::to_string(layer.benefit));
  for (const IntervalItem &item : items)
    if (item.layer < 0 ||
        item.layer >= static_cast<int32_t>(options.layers.size()) ||
        item.begin < 0 || item.end <= item.begin)
      return Status::error("an item of layer " + std::to_string(item.layer) +
                           " from batch " + std::to_string(item.begin) +
                           " to " + std::to_string(item.end) +
                           " is not an interval of a known layer");
  return Status();
}

StatusOr<SharedCapacityPlan>
orcinus::planSharedCapacity(std::span<const IntervalItem> items,
                            const SharedCapacityOptions &options) {
  if (Status status = checkInput(items, options); !status.ok())
    return status;
  return SharedCapacityPlanner(items, options).run();
}

StatusOr<std::vector<int64_t>>
orcinus::planStaticSplit(std::span<const IntervalItem> items,
                         const SharedCapacityOptions &options) {
  if (Status status = checkInput(items, options); !status.ok())
    return status;
  return SharedCapacityPlanner(items, options).splitStatically();
}

void orcinus::appendIntervalItems(const AccessTrace &trace,
                                  const ReuseDistances &distances,
                                  int32_t layer,
                                  std::vector<IntervalItem> &items) {
  auto append = [&](int32_t node, int64_t batch, int32_t nextReuse) {
    if (nextReuse != neverReused)
      items.push_back({node, layer, static_cast<int32_t>(batch), nextReuse});
  };
  for (int64_t batch = 0; batch < trace.batchCount(); ++batch)
    for (int64_t index = trace.targetOffsets[batch];
         index < trace.targetOffsets[batch + 1]; ++index)
      append(trace.targets[index], batch, distances.targets[index]);
  for (int64_t batch = 0; batch < trace.batchCount(); ++batch)
    for (int64_t index = trace.neighbourOffsets[batch];
         index < trace.neighbourOffsets[batch + 1]; ++index)
      append(trace.neighbours[index].node, batch, distances.neighbours[index]);
}
