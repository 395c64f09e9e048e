//===- IdMapping.cpp - Dense node ids -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IdMapping.h"

#include "TextRows.h"
#include "orcinus/Graph/NodeNames.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>

using namespace orcinus;

namespace {

/// Ranks ids of a narrow range: a table with one entry for each id of it.
class RangeRanks {
public:
  RangeRanks(int64_t smallest, int64_t largest)
      : smallest(smallest),
        ranks(static_cast<size_t>(largest - smallest + 1), 0) {}

  void insert(int64_t id) { ranks[index(id)] = 1; }

  /// Turns the marks into ranks; returns the ids in ascending order.
  std::vector<int64_t> rankAll() {
    std::vector<int64_t> ids;
    for (size_t i = 0; i < ranks.size(); ++i) {
      if (!ranks[i])
        continue;
      ranks[i] = static_cast<int32_t>(ids.size());
      ids.push_back(smallest + static_cast<int64_t>(i));
    }
    return ids;
  }

  int32_t rank(int64_t id) const { return ranks[index(id)]; }

private:
  size_t index(int64_t id) const { return static_cast<size_t>(id - smallest); }

  int64_t smallest;
  std::vector<int32_t> ranks;
};

/// Ranks ids of any range: an open-addressing hash table.
class HashRanks {
public:
  HashRanks() : slots(1 << 10) {}

  void insert(int64_t id) {
    Slot &slot = slots[find(id)];
    if (slot.id == id)
      return;
    slot.id = id;
    if (2 * ++count > slots.size())
      grow();
  }

  std::vector<int64_t> rankAll() {
    std::vector<int64_t> ids;
    ids.reserve(count);
    for (const Slot &slot : slots)
      if (slot.id >= 0)
        ids.push_back(slot.id);
    std::sort(ids.begin(), ids.end());
    for (size_t i = 0; i < ids.size(); ++i)
      slots[find(ids[i])].rank = static_cast<int32_t>(i);
    return ids;
  }

  int32_t rank(int64_t id) const { return slots[find(id)].rank; }

private:
  struct Slot {
    int64_t id = -1;
    int32_t rank = 0;
  };

  /// The slot that holds `id`, or the free one where it belongs.
  size_t find(int64_t id) const {
    // Fibonacci hashing: the high bits of the product are well mixed.
    size_t mask = slots.size() - 1;
    size_t slot = (static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15) >>
                  (64 - std::countr_zero(slots.size()));
    while (slots[slot].id >= 0 && slots[slot].id != id)
      slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    std::vector<Slot> old(2 * slots.size());
    old.swap(slots);
    for (const Slot &slot : old)
      if (slot.id >= 0)
        slots[find(slot.id)] = slot;
  }

  std::vector<Slot> slots;
  size_t count = 0;
};

} // namespace

/// The ranks of `ids`, which are freed.
template <typename Ranks>
static std::vector<int32_t> rankIds(const Ranks &ranks,
                                    std::vector<int64_t> &ids) {
  std::vector<int32_t> dense(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    dense[i] = ranks.rank(ids[i]);
  ids = {};
  return dense;
}

/// Ranks the ids of both lists into `stream`; returns the distinct ids in
/// ascending order, of which there may be too many for the ranks to be right.
template <typename Ranks>
static std::vector<int64_t>
rankStream(Ranks &&ranks, std::vector<int64_t> &sources,
           std::vector<int64_t> &destinations, EventStream &stream) {
  for (int64_t id : sources)
    ranks.insert(id);
  for (int64_t id : destinations)
    ranks.insert(id);
  std::vector<int64_t> ids = ranks.rankAll();
  stream.source = rankIds(ranks, sources);
  stream.destination = rankIds(ranks, destinations);
  return ids;
}

StatusOr<std::string> orcinus::densifyIds(std::vector<int64_t> &sources,
                                          std::vector<int64_t> &destinations,
                                          EventStream &stream,
                                          const std::string &path) {
  int64_t smallest = std::numeric_limits<int64_t>::max(), largest = 0;
  for (const std::vector<int64_t> *ids : {&sources, &destinations})
    for (int64_t id : *ids) {
      smallest = std::min(smallest, id);
      largest = std::max(largest, id);
    }
  // A table is faster than hashing, but only where its size is of the order of
  // the stream's own.
  int64_t widest = 4 * static_cast<int64_t>(sources.size()) + (1 << 16);
  std::vector<int64_t> ids =
      largest - smallest < widest
          ? rankStream(RangeRanks(smallest, largest), sources, destinations,
                       stream)
          : rankStream(HashRanks(), sources, destinations, stream);
  if (ids.size() > std::numeric_limits<int32_t>::max())
    return Status::error("'" + path + "' has " + std::to_string(ids.size()) +
                         " nodes, more than 2^31 - 1; split the file");

  stream.nodeCount = static_cast<int32_t>(ids.size());
  std::string range = std::to_string(smallest) + ".." + std::to_string(largest);
  bool hasGaps = largest - smallest != stream.nodeCount - 1;
  if (!hasGaps && smallest == 0)
    return "node ids " + range + " kept";
  stream.externalIds = std::move(ids);
  std::string target = "0.." + std::to_string(stream.nodeCount - 1);
  return "node ids " + range + (hasGaps ? " with gaps" : "") + " renumbered " +
         target;
}

//===----------------------------------------------------------------------===//
// The numbers of another stream
//===----------------------------------------------------------------------===//

/// The new number of each node of `stream`; empty where it lacks one of
/// `names`.
static std::vector<int32_t> numbersAs(const std::vector<std::string> &names,
                                      const EventStream &stream) {
  NodeNames own(stream);
  constexpr int32_t none = -1;
  std::vector<int32_t> numbers(static_cast<size_t>(stream.nodeCount), none);
  int32_t next = 0;
  for (const std::string &name : names) {
    std::optional<int32_t> node = own.find(name);
    if (!node || numbers[*node] != none)
      return {};
    numbers[*node] = next++;
  }
  for (int32_t &number : numbers)
    if (number == none)
      number = next++;
  return numbers;
}

/// Row i of `rows`, of `columns` values each, becomes row numbers[i].
template <typename Rows>
static Rows moveRows(const Rows &rows, int64_t columns,
                     const std::vector<int32_t> &numbers) {
  std::vector<typename Rows::value_type> result(rows.size());
  for (size_t node = 0; node != numbers.size(); ++node)
    std::copy_n(rows.begin() + static_cast<int64_t>(node) * columns, columns,
                result.begin() + numbers[node] * columns);
  return result;
}

void orcinus::numberNodesAs(const std::vector<std::string> &names,
                            EventStream &stream) {
  if (std::ssize(names) > stream.nodeCount)
    return;
  bool isSo = true;
  for (size_t node = 0; isSo && node != names.size(); ++node)
    isSo = stream.nodeName(static_cast<int32_t>(node)) == names[node];
  if (isSo)
    return;
  std::vector<int32_t> numbers = numbersAs(names, stream);
  if (numbers.empty())
    return;
  for (Column<int32_t> *ends : {&stream.source, &stream.destination})
    ends->modify([&](std::vector<int32_t> &nodes) {
      for (int32_t &node : nodes)
        node = numbers[node];
    });
  if (stream.externalNames.empty() && stream.externalIds.empty()) {
    stream.externalIds.resize(numbers.size());
    std::iota(stream.externalIds.begin(), stream.externalIds.end(), 0);
  }
  if (stream.externalNames.empty())
    stream.externalIds = moveRows(stream.externalIds, 1, numbers);
  else
    stream.externalNames = moveRows(stream.externalNames, 1, numbers);
  FeatureMatrix &features = stream.nodeFeatures;
  if (features.columns)
    features.values = moveRows(features.values, features.columns, numbers);
}

//===----------------------------------------------------------------------===//
// Ids of any kind
//===----------------------------------------------------------------------===//

void IdColumns::reserve(size_t events) {
  sources.reserve(events);
  destinations.reserve(events);
}

bool orcinus::isMissingId(std::string_view text) {
  return text.empty() || text == "nan" || text == "NaN" || text == "NA" ||
         text == "null" || text == "NULL" || text == "None";
}

/// Whether `text` is written in digits without superfluous zeros in front, so
/// that its number says the same. Digests such as 12e4 are not numbers.
static bool isPlain(std::string_view text) {
  bool hasZeros = text.size() > 1 && text[0] == '0' && text[1] != '.';
  return !hasZeros &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool orcinus::hasFraction(std::string_view text) {
  size_t point = text.find('.');
  auto isNumber = [](std::string_view digits) {
    return !digits.empty() &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (text.starts_with('-') && point != std::string_view::npos) {
    text.remove_prefix(1);
    --point;
  }
  return point != std::string_view::npos && isNumber(text.substr(0, point)) &&
         isNumber(text.substr(point + 1));
}

/// Reads `text` as an integer id; says what is wrong where only integers are
/// taken, and turns all ids into names where they are not.
std::string IdColumns::parse(std::string_view text, int64_t &id) {
  NumberKind kind = parseInteger(text, id);
  if (kind == NumberKind::Valid && id >= 0 && (integersOnly || isPlain(text)))
    return "";
  std::string what = "node id " + quoteForMessage(text);
  if (isMissingId(text))
    return what + " is missing; name the node or remove the row";
  if (kind == NumberKind::Malformed && (integersOnly || hasFraction(text)))
    return what + " is not an integer; number the nodes, and check the order "
                  "of the columns";
  if (integersOnly && kind == NumberKind::OutOfRange)
    return what + " is outside [0, 2^63); number the nodes with smaller ids";
  if (integersOnly && id < 0)
    return what + " is negative; number the nodes from 0 or above";
  if (!integersOnly)
    turnIntoNames();
  return "";
}

int32_t IdColumns::numberOf(std::string_view name) {
  auto found = numbers.find(name);
  if (found != numbers.end())
    return found->second;
  int32_t number = static_cast<int32_t>(names.size());
  numbers.emplace(names.emplace_back(name), number);
  return number;
}

void IdColumns::turnIntoNames() {
  if (areNames)
    return;
  areNames = true;
  for (size_t event = 0; event < destinations.size(); ++event) {
    sources[event] = numberOf(std::to_string(sources[event]));
    destinations[event] = numberOf(std::to_string(destinations[event]));
  }
}

std::string IdColumns::add(std::string_view source,
                           std::string_view destination) {
  int64_t ids[2] = {0, 0};
  std::string_view texts[2] = {source, destination};
  for (int end = 0; end < 2 && !areNames; ++end)
    if (std::string wrong = parse(texts[end], ids[end]); !wrong.empty())
      return wrong;
  for (int end = 0; end < 2 && areNames; ++end) {
    bool isNumber = hasFraction(texts[end]);
    if (isNumber || isMissingId(texts[end]))
      if (std::string wrong = parse(texts[end], ids[end]); !wrong.empty())
        return wrong;
    // 7.0 is 7, as it is among integers.
    ids[end] =
        isNumber ? numberOf(std::to_string(ids[end])) : numberOf(texts[end]);
  }
  sources.push_back(ids[0]);
  destinations.push_back(ids[1]);
  return "";
}

StatusOr<int64_t> IdColumns::shiftDestinations(const std::string &path) {
  if (sources.empty())
    return int64_t(0);
  int64_t shift = *std::max_element(sources.begin(), sources.end());
  int64_t largest = *std::max_element(destinations.begin(), destinations.end());
  if (shift >= std::numeric_limits<int64_t>::max() - largest)
    return Status::error("'" + path +
                         "': user and item ids together exceed 2^63; number "
                         "them with smaller ids");
  ++shift;
  for (int64_t &destination : destinations)
    destination += shift;
  return shift;
}

void IdColumns::permute(const std::vector<int32_t> &order) {
  for (std::vector<int64_t> *ids : {&sources, &destinations}) {
    std::vector<int64_t> permuted(order.size());
    for (size_t i = 0; i < order.size(); ++i)
      permuted[i] = (*ids)[static_cast<size_t>(order[i])];
    *ids = std::move(permuted);
  }
}

StatusOr<std::string> IdColumns::finish(EventStream &stream,
                                        const std::string &path) {
  if (!areNames)
    return densifyIds(sources, destinations, stream, path);
  if (names.size() > std::numeric_limits<int32_t>::max())
    return Status::error("'" + path + "' has " + std::to_string(names.size()) +
                         " nodes, more than 2^31 - 1; split the file");
  stream.source = std::vector<int32_t>(sources.begin(), sources.end());
  stream.destination =
      std::vector<int32_t>(destinations.begin(), destinations.end());
  stream.nodeCount = static_cast<int32_t>(names.size());
  stream.externalNames.assign(std::make_move_iterator(names.begin()),
                              std::make_move_iterator(names.end()));
  return "node ids " + quoteForMessage(stream.externalNames.front()) +
         ", … numbered 0.." + std::to_string(stream.nodeCount - 1) +
         " as they appear";
}
