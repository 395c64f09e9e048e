//===- Initializer.cpp - Initial values of parameters ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Initializer.h"

#include "orcinus/Support/CounterRng.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

/// The random numbers of one parameter.
struct ParameterRandom {
  uint64_t seed;
  uint64_t stream;
};

} // namespace

static void fillUniform(std::span<float> values, double bound,
                        ParameterRandom random) {
  for (size_t index = 0; index != values.size(); ++index)
    values[index] = static_cast<float>(
        (2 * randomUnit(random.seed, random.stream, index) - 1) * bound);
}

/// Box and Muller's normal numbers.
static void fillNormal(std::span<float> values, ParameterRandom random) {
  auto unit = [&](uint64_t index) {
    return randomUnit(random.seed, random.stream, index);
  };
  for (size_t index = 0; index != values.size(); ++index) {
    double radius = std::sqrt(-2 * std::log1p(-unit(2 * index)));
    double angle = 2 * std::numbers::pi * unit(2 * index + 1);
    values[index] = static_cast<float>(radius * std::cos(angle));
  }
}

/// 10^(-9 d/(D-1)): the frequencies of Orca's time encoding.
static void fillTimeFrequencies(std::span<float> values) {
  double steps = std::max<double>(1, static_cast<double>(values.size()) - 1);
  for (size_t index = 0; index != values.size(); ++index)
    values[index] = static_cast<float>(std::pow(10.0, -9.0 * index / steps));
}

/// Of the gaps between a node's events in a role, sources' first: one over the
/// standard deviations (of the population; 1 where it is 0), or minus the means
/// times that.
static void fillGaps(std::span<float> values, bool rates,
                     const InitializerSource &source) {
  const EventStream &stream = *source.stream;
  for (size_t role : {0, 1}) {
    std::vector<Timestamp> last(stream.nodeCount);
    double sum = 0, squares = 0;
    auto count = static_cast<double>(std::max<size_t>(source.events.size(), 1));
    auto gapOf = [&](int32_t event) {
      int32_t node = (role ? stream.destination : stream.source)[event];
      Timestamp before = std::exchange(last[node], stream.time[event]);
      return stream.timeScale.difference(stream.time[event], before);
    };
    for (int32_t event : source.events)
      sum += gapOf(event);
    double mean = sum / count;
    std::fill(last.begin(), last.end(), Timestamp());
    for (int32_t event : source.events) {
      double deviation = gapOf(event) - mean;
      squares += deviation * deviation;
    }
    double deviation = std::sqrt(squares / count);
    double rate = deviation > 0 ? 1 / deviation : 1;
    values[role] = static_cast<float>(rates ? rate : -mean * rate);
  }
}

/// N of `uniform_fan_in(N)`; nothing for other initializers.
static std::optional<int64_t> givenFanIn(std::string_view initializer) {
  constexpr std::string_view prefix = "uniform_fan_in(";
  int64_t fanIn = 0;
  if (!initializer.starts_with(prefix))
    return std::nullopt;
  const char *begin = initializer.data() + prefix.size();
  const char *end = initializer.data() + initializer.size();
  auto [rest, error] = std::from_chars(begin, end, fanIn);
  if (error != std::errc() || fanIn <= 0 || std::string_view(rest, end) != ")")
    return std::nullopt;
  return fanIn;
}

Status orcinus::initializeParameter(const ParameterSpecification &parameter,
                                    const InitializerSource &source,
                                    std::span<float> values) {
  const std::string &kind = parameter.initializer;
  const std::vector<int64_t> &shape = parameter.shape;
  ParameterRandom random{source.seed,
                         randomStream("parameter " + parameter.name)};
  bool needsMatrix = kind == "xavier" || kind == "uniform_fan_in";
  bool needsVector = kind == "time_frequencies";
  bool isOfGaps = kind == "gap_shifts" || kind == "gap_rates";
  if (isOfGaps && shape != std::vector<int64_t>{2, 1})
    return Status::error(fmt::format("parameter '{}' needs the shape [2, 1] "
                                     "for initializer {}",
                                     parameter.name, kind));
  if (shape.size() < (needsMatrix ? 2 : needsVector ? 1 : 0))
    return Status::error(
        fmt::format("parameter '{}' has too few dimensions for initializer {}",
                    parameter.name, kind));
  if (kind == "zeros")
    std::fill(values.begin(), values.end(), 0.0f);
  else if (kind == "ones")
    std::fill(values.begin(), values.end(), 1.0f);
  else if (isOfGaps)
    fillGaps(values, kind == "gap_rates", source);
  else if (kind == "normal")
    fillNormal(values, random);
  else if (kind == "time_frequencies")
    fillTimeFrequencies(values);
  else if (kind == "xavier")
    fillUniform(values,
                std::sqrt(6.0 / (shape[shape.size() - 2] + shape.back())),
                random);
  else if (std::optional<int64_t> fanIn = givenFanIn(kind))
    fillUniform(values, 1 / std::sqrt(double(*fanIn)), random);
  else if (kind == "uniform_fan_in")
    fillUniform(values, 1 / std::sqrt(double(shape[shape.size() - 2])), random);
  else
    return Status::error(fmt::format("parameter '{}' has unknown initializer "
                                     "'{}'",
                                     parameter.name, kind));
  return Status();
}
