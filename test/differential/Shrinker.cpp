//===- Shrinker.cpp - The smallest module that still fails ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Shrinker.h"

#include <algorithm>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

class Shrinker {
public:
  Shrinker(Specification specification,
           const std::function<bool(const Specification &)> &fails,
           int attempts)
      : best(std::move(specification)), fails(fails), attempts(attempts) {}

  Specification run() {
    do {
      improved = false;
      dropOperations();
      simplifySchedules();
      simplifyOptions();
      simplifyBuffers();
      shortenExtents();
      dropDimensions();
      simplifyIndices();
    } while (improved && attempts > 0);
    return std::move(best);
  }

private:
  /// Takes what `change` makes of the best one, where that still fails.
  bool attempt(const std::function<void(Specification &)> &change) {
    if (attempts <= 0)
      return false;
    Specification changed = best;
    change(changed);
    if (changed.toCase().toText() == best.toCase().toText())
      return false;
    --attempts;
    if (!fails(changed))
      return false;
    best = std::move(changed);
    improved = true;
    return true;
  }

  void dropOperations();
  void simplifySchedules();
  void simplifyOptions();
  void simplifyBuffers();
  void shortenExtents();
  void dropDimensions();
  void simplifyIndices();

  Specification best;
  const std::function<bool(const Specification &)> &fails;
  int attempts;
  bool improved = false;
};

/// Buffers that no op uses any more play no part.
void forgetUnused(Specification &specification) {
  std::vector<bool> used(specification.buffers.size(), false);
  for (const Operation &operation : specification.operations) {
    used[operation.output.buffer] = true;
    for (const OperandUse &input : operation.inputs)
      used[input.buffer] = true;
  }
  std::vector<unsigned> renamed(used.size());
  std::vector<Buffer> kept;
  for (size_t number = 0; number < used.size(); ++number)
    if (used[number]) {
      renamed[number] = static_cast<unsigned>(kept.size());
      kept.push_back(specification.buffers[number]);
    }
  specification.buffers = std::move(kept);
  for (Operation &operation : specification.operations) {
    operation.output.buffer = renamed[operation.output.buffer];
    for (OperandUse &input : operation.inputs)
      input.buffer = renamed[input.buffer];
  }
}

void eraseOperation(Specification &specification, size_t number) {
  specification.operations.erase(specification.operations.begin() + number);
  std::map<size_t, OperationSchedule> schedules;
  for (const auto &[position, schedule] : specification.schedules)
    if (position != number)
      schedules[position - (position > number)] = schedule;
  specification.schedules = std::move(schedules);
}

/// Takes `dimension` out of all loops and indices.
void eraseDimension(Specification &specification, unsigned dimension) {
  auto eraseFrom = [&](IndexList &map) {
    std::erase_if(map, [&](Index &index) {
      size_t before = index.terms.size();
      std::erase_if(index.terms,
                    [&](auto term) { return term.first == dimension; });
      // A loop alone is a whole dimension, of its extent.
      if (index.terms.size() < before && index.terms.size() == 1 &&
          index.terms.front().second == 1)
        index.offset = 0;
      return before > 0 && index.terms.empty();
    });
  };
  for (Buffer &buffer : specification.buffers)
    eraseFrom(buffer.shape);
  for (Operation &operation : specification.operations) {
    for (size_t at = operation.loops.size(); at-- > 0;)
      if (operation.loops[at] == dimension) {
        operation.loops.erase(operation.loops.begin() + at);
        operation.reduced.erase(operation.reduced.begin() + at);
      }
    eraseFrom(operation.output.map);
    for (OperandUse &input : operation.inputs)
      eraseFrom(input.map);
  }
}

} // namespace

void Shrinker::dropOperations() {
  // The last ones: what they read becomes the result.
  while (best.operations.size() > 1 && attempt([](Specification &changed) {
           changed.operations.pop_back();
           changed.schedules.erase(changed.operations.size());
           for (Buffer &buffer : changed.buffers)
             buffer.result = false;
           changed.buffers[changed.operations.back().output.buffer].result =
               true;
           forgetUnused(changed);
         })) {
  }
  // Any other: what it makes becomes an argument.
  for (size_t number = 0; number + 1 < best.operations.size();)
    if (!attempt([&](Specification &changed) {
          unsigned output = changed.operations[number].output.buffer;
          changed.buffers[output].argument = true;
          eraseOperation(changed, number);
          forgetUnused(changed);
        }))
      ++number;
}

void Shrinker::simplifySchedules() {
  std::vector<size_t> numbers;
  for (const auto &[number, schedule] : best.schedules)
    numbers.push_back(number);
  for (size_t number : numbers) {
    if (attempt(
            [&](Specification &changed) { changed.schedules.erase(number); }))
      continue;
    OperationSchedule schedule = best.schedules[number];
    for (size_t at = 0;
         schedule.schedules.size() > 1 && at < schedule.schedules.size(); ++at)
      if (attempt([&](Specification &changed) {
            changed.schedules[number] = {0, {schedule.schedules[at]}, {}};
          }))
        break;
    for (size_t at = 0; at < best.schedules[number].schedules.size(); ++at) {
      std::vector<Schedule::Entry> entries =
          best.schedules[number].schedules[at].entries();
      for (const auto &[name, value] : entries)
        for (int64_t simple : {0, 1, 2, 3})
          if (simple < value && attempt([&](Specification &changed) {
                changed.schedules[number].schedules[at].set(name, simple);
              }))
            break;
    }
  }
}

void Shrinker::simplifyOptions() {
  attempt([](Specification &changed) { changed.options.outlined = false; });
  attempt([](Specification &changed) { changed.options.threads = 1; });
  attempt([](Specification &changed) { changed.options.integers = true; });
  attempt(
      [](Specification &changed) { changed.options.memory = MemoryOptions(); });
  attempt([](Specification &changed) { changed.options.vectorBits = 128; });
  attempt([](Specification &changed) { changed.options.vectorRegisters = 16; });
  for (size_t at = 0; at < best.dimensions.size(); ++at)
    attempt([&](Specification &changed) {
      changed.dimensions[at].dynamic = false;
    });
  attempt([](Specification &changed) { changed.tensors = true; });
}

void Shrinker::simplifyBuffers() {
  for (size_t at = 0; at < best.buffers.size(); ++at) {
    attempt([&](Specification &changed) {
      Buffer &buffer = changed.buffers[at];
      buffer.order.clear();
      buffer.padding.clear();
      buffer.offset = 0;
    });
    attempt([&](Specification &changed) { changed.buffers[at].offset = 0; });
    attempt([&](Specification &changed) {
      changed.buffers[at].unknownLayout = false;
    });
    attempt([&](Specification &changed) {
      std::fill(changed.buffers[at].padding.begin(),
                changed.buffers[at].padding.end(), 0);
    });
    attempt([&](Specification &changed) {
      std::sort(changed.buffers[at].order.begin(),
                changed.buffers[at].order.end());
    });
    attempt([&](Specification &changed) {
      for (Buffer &buffer : changed.buffers)
        buffer.type = ElementType::F32;
    });
  }
}

void Shrinker::shortenExtents() {
  for (size_t at = 0; at < best.dimensions.size(); ++at) {
    if (best.dimensions[at].extent > 1 && attempt([&](Specification &changed) {
          changed.dimensions[at].extent = 1;
        }))
      continue;
    for (int64_t least = 2; best.dimensions[at].extent > least;) {
      int64_t middle = (least + best.dimensions[at].extent) / 2;
      if (!attempt([&](Specification &changed) {
            changed.dimensions[at].extent = middle;
          }))
        least = middle + 1;
      if (attempts <= 0)
        return;
    }
  }
}

void Shrinker::dropDimensions() {
  bool named = std::any_of(best.operations.begin(), best.operations.end(),
                           [](const Operation &operation) {
                             return !operation.named.empty() &&
                                    operation.named != "linalg.fill";
                           });
  bool laidOut =
      std::any_of(best.buffers.begin(), best.buffers.end(),
                  [](const Buffer &buffer) { return !buffer.order.empty(); });
  if (named || laidOut)
    return;
  for (unsigned at = 0; at < best.dimensions.size(); ++at)
    if (best.dimensions[at].extent == 1)
      attempt([&](Specification &changed) { eraseDimension(changed, at); });
}

void Shrinker::simplifyIndices() {
  for (size_t number = 0; number < best.operations.size(); ++number) {
    if (!best.operations[number].named.empty())
      continue;
    for (size_t input = 0; input < best.operations[number].inputs.size();
         ++input)
      for (size_t at = 0; at < best.operations[number].inputs[input].map.size();
           ++at) {
        auto both = [&](auto change) {
          attempt([&](Specification &changed) {
            OperandUse &use = changed.operations[number].inputs[input];
            change(use.map[at]);
            change(changed.buffers[use.buffer].shape[at]);
          });
        };
        both([](Index &index) { index.offset = 0; });
        both([](Index &index) {
          for (auto &[dimension, factor] : index.terms)
            factor = 1;
        });
      }
  }
}

Specification
differential::shrink(Specification specification,
                     const std::function<bool(const Specification &)> &fails,
                     int attempts) {
  return Shrinker(std::move(specification), fails, attempts).run();
}
