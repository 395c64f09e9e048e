//===- LatencyMeter.cpp - How long calls of a network take ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LatencyMeter.h"

#include <algorithm>
#include <cstring>
#include <ctime>

using namespace orcinus;

static double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Numbers from -1 to 1; of integers, which may be indices, ones.
static void fill(const Tensor &tensor) {
  size_t bytes = tensorElementBytes(tensor.element());
  for (size_t at = 0; at != tensor.bytes() / bytes; ++at) {
    char *element = static_cast<char *>(tensor.data()) + at * bytes;
    float number =
        static_cast<float>(static_cast<int64_t>(at * 7919 % 2001) - 1000) /
        1000;
    if (tensor.element() == TensorElement::F32) {
      std::memcpy(element, &number, bytes);
    } else if (tensor.element() == TensorElement::F64) {
      double wide = number;
      std::memcpy(element, &wide, bytes);
    } else {
      // Of f16 and bf16 a small number.
      std::memset(element, 0, bytes);
      element[0] = 1;
    }
  }
}

StatusOr<LatencyMeter> LatencyMeter::create(const EntryPoint &entry,
                                            int64_t openExtent,
                                            int64_t threads) {
  LatencyMeter meter;
  meter.isAlone = threads == 1;
  meter.function = entry.name;
  for (const TensorType &type : entry.arguments) {
    std::vector<int64_t> extents = type.extents;
    std::replace(extents.begin(), extents.end(), int64_t(-1), openExtent);
    StatusOr<Tensor> tensor = Tensor::create(type.element, extents);
    if (!tensor.ok())
      return tensor.status();
    fill(*tensor);
    meter.tensors.push_back(std::move(*tensor));
  }
  for (const Tensor &tensor : meter.tensors)
    meter.arguments.push_back(tensor.view());
  return meter;
}

StatusOr<LatencyMeter::Comparison>
LatencyMeter::compare(const Module &first, const Module &second) const {
  constexpr int turns = 9, enough = 8;
  constexpr double leastGain = 0.995, burstSeconds = 0.1;
  StatusOr<double> one = seconds(first, 1);
  if (!one.ok())
    return one.status();
  int calls = std::clamp(static_cast<int>(burstSeconds / *one), 2, 1000);
  std::vector<double> firsts, others, ratios;
  for (int turn = 0; turn != turns; ++turn) {
    const Module *pair[] = {&first, &second};
    double fastest[2] = {};
    for (int each : {turn % 2, 1 - turn % 2}) {
      StatusOr<double> measured = seconds(*pair[each], calls);
      if (!measured.ok())
        return measured.status();
      fastest[each] = *measured;
    }
    firsts.push_back(fastest[0]);
    others.push_back(fastest[1]);
    ratios.push_back(fastest[1] / fastest[0]);
  }
  auto wins = std::count_if(ratios.begin(), ratios.end(),
                            [](double ratio) { return ratio < 1; });
  double ratio = medianOf(ratios);
  return Comparison{medianOf(firsts), medianOf(others), ratio,
                    wins >= enough && ratio < leastGain};
}

/// Of the fastest of `calls` calls: whatever else the machine does makes others
/// slower.
StatusOr<double> LatencyMeter::seconds(const Module &module, int calls) const {
  double fastest = 0;
  // The first brings code and data into caches.
  for (int call = -1; call != calls; ++call) {
    double begin = now();
    auto results = module.call(function, arguments);
    double taken = now() - begin;
    if (!results.ok())
      return results.status();
    if (call == 0 || (call > 0 && taken < fastest))
      fastest = taken;
  }
  return fastest;
}

/// Seconds on a clock: of one thread alone that of its own processor time.
double LatencyMeter::now() const {
  timespec time{};
  clock_gettime(isAlone ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}
