//===- Generator.cpp - Synthetic event streams ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Node n belongs to community n mod C. An event's source is that of a late
// event (a burst of activity) or drawn by rank; its destination is a late
// partner of the source, or drawn by rank among the source's community, or
// among all. Drawing by rank takes node ⌊n x³⌋ for a uniform x: the expected
// degree falls as rank^(-2/3), a power law of degrees with exponent 2.5.
//
// Only integer operations and single products of doubles are used, which every
// machine rounds alike.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Generator.h"

#include "lib/Support/MemoryGuard.h"
#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <array>
#include <limits>

using namespace orcinus;

namespace {

/// The last few of a sequence of nodes.
template <size_t size>
class RecentNodes {
public:
  bool empty() const { return count == 0; }

  void push(int32_t node) {
    nodes[count % size] = node;
    // Once full, the count only has to stay so and to keep its remainder.
    count = count + 1 == 2 * size ? size : count + 1;
  }

  int32_t pick(uint64_t bits) const {
    return nodes[belowFromBits(bits, std::min<uint64_t>(count, size))];
  }

private:
  std::array<int32_t, size> nodes{};
  uint8_t count = 0;
};

/// Makes one event after the other.
class EventGenerator {
public:
  explicit EventGenerator(const GeneratorOptions &options)
      : options(options), communities(chooseCommunities(options.nodes)),
        partners(static_cast<size_t>(options.nodes)) {}

  void appendTo(EventStream &stream) {
    uint64_t event = static_cast<uint64_t>(stream.eventCount());
    int32_t source = drawSource(event);
    int32_t destination = drawDestination(event, source);
    // Gaps average 10 units of time, and one in 20 is a tie.
    time +=
        static_cast<double>(belowFromBits(draw(event, Purpose::Gap)[0], 20));
    recentSources.push(source);
    partners[static_cast<size_t>(source)].push(destination);
    partners[static_cast<size_t>(destination)].push(source);
    stream.source.push_back(source);
    stream.destination.push_back(destination);
    stream.time.push_back(stream.timeScale.at(time));
    stream.edgeFeatures.values.modify([&](std::vector<float> &values) {
      appendFeatures(event, destination, values);
    });
  }

private:
  enum class Purpose : uint64_t { Source, Destination, Target, Gap, Count };

  /// About the square root of the nodes, but no more than a model can tell
  /// apart by a few features.
  static int64_t chooseCommunities(int64_t nodes) {
    int64_t root = 1;
    while (root < 64 && (root + 1) * (root + 1) <= nodes)
      ++root;
    return root;
  }

  std::array<uint64_t, 2> draw(uint64_t event, Purpose purpose) const {
    constexpr uint64_t purposes = static_cast<uint64_t>(Purpose::Count);
    return randomBitPair(options.seed, randomStream("generated events"),
                         event * purposes + static_cast<uint64_t>(purpose));
  }

  /// A rank in [0, count), small ones more often.
  static int64_t rankFromBits(uint64_t bits, int64_t count) {
    double unit = unitFromBits(bits);
    return static_cast<int64_t>(unit * unit * unit *
                                static_cast<double>(count));
  }

  int32_t drawSource(uint64_t event) const {
    auto [choice, bits] = draw(event, Purpose::Source);
    if (!recentSources.empty() && unitFromBits(choice) < 0.25)
      return recentSources.pick(bits);
    return static_cast<int32_t>(rankFromBits(bits, options.nodes));
  }

  int32_t drawDestination(uint64_t event, int32_t source) const {
    double choice = unitFromBits(draw(event, Purpose::Destination)[0]);
    uint64_t bits = draw(event, Purpose::Target)[0];
    const RecentNodes<4> &late = partners[static_cast<size_t>(source)];
    if (!late.empty() && choice < 0.5)
      return late.pick(bits);
    int64_t destination;
    if (choice < 0.9) {
      int64_t community = source % communities;
      int64_t members =
          (options.nodes - community + communities - 1) / communities;
      destination = community + communities * rankFromBits(bits, members);
    } else {
      destination = rankFromBits(bits, options.nodes);
    }
    // A node does not meet itself, but its neighbour by number instead.
    if (destination == source)
      destination = (destination + 1) % options.nodes;
    return static_cast<int32_t>(destination);
  }

  /// A feature is ±1, by the destination's community, plus noise within ±0.5.
  void appendFeatures(uint64_t event, int32_t destination,
                      std::vector<float> &values) const {
    uint64_t columns = static_cast<uint64_t>(options.edgeFeatures);
    uint64_t community = static_cast<uint64_t>(destination % communities);
    for (uint64_t column = 0; column < columns; ++column) {
      bool sign = randomBits(options.seed, randomStream("community signs"),
                             community * columns + column) &
                  1;
      float noise = static_cast<float>(randomUnit(options.seed,
                                                  randomStream("feature noise"),
                                                  event * columns + column));
      values.push_back((sign ? 0.5f : -1.5f) + noise);
    }
  }

  GeneratorOptions options;
  int64_t communities;
  std::vector<RecentNodes<4>> partners;
  RecentNodes<16> recentSources;
  double time = 0;
};

} // namespace

static Status checkOptions(const GeneratorOptions &options) {
  constexpr int64_t largest = std::numeric_limits<int32_t>::max();
  auto describe = [](const char *what, int64_t value, const char *remedy) {
    return Status::error(std::string("a synthetic stream of ") +
                         std::to_string(value) + " " + what +
                         " cannot be made; " + remedy);
  };
  if (options.nodes < 2 || options.nodes > largest)
    return describe("nodes", options.nodes, "ask for 2 to 2^31 - 1");
  if (options.events < 1 || options.events > largest)
    return describe("events", options.events, "ask for 1 to 2^31 - 1");
  constexpr int64_t widest = 1 << 16;
  if (options.edgeFeatures < 0 || options.edgeFeatures > widest)
    return describe("edge features", options.edgeFeatures,
                    "ask for 0 to 65536");
  return Status();
}

StatusOr<EventStream>
orcinus::generateEventStream(const GeneratorOptions &options) {
  if (Status status = checkOptions(options); !status.ok())
    return status;
  auto generate = [&]() -> StatusOr<EventStream> {
    EventStream stream;
    size_t events = static_cast<size_t>(options.events);
    stream.nodeCount = static_cast<int32_t>(options.nodes);
    stream.source.reserve(events);
    stream.destination.reserve(events);
    stream.time.reserve(events);
    stream.edgeFeatures.columns = options.edgeFeatures;
    stream.edgeFeatures.rows = options.edgeFeatures > 0 ? options.events : 0;
    stream.edgeFeatures.values.reserve(
        events * static_cast<size_t>(options.edgeFeatures));
    EventGenerator generator(options);
    for (int64_t event = 0; event < options.events; ++event)
      generator.appendTo(stream);
    return stream;
  };
  return guarded(generate, [&] {
    return Status::error("not enough memory for a synthetic stream of " +
                             std::to_string(options.events) +
                             " events; ask for fewer events or features",
                         StatusCode::OutOfMemory);
  });
}
