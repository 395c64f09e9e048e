//===- SumOfProducts.cpp - Which sums register tiles compute --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SumOfProducts.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>

using namespace orcinus;

/// Rows below which copying the right operand is not worth it.
static constexpr int64_t fewestRowsForCopy = 8;

static int64_t coefficientOf(const IndexExpression &index, size_t loop) {
  int64_t coefficient = 0;
  for (auto [other, factor] : index.terms)
    if (other == loop)
      coefficient += factor;
  return coefficient;
}

bool orcinus::contains(const IndexExpression &index, size_t loop) {
  return coefficientOf(index, loop) != 0;
}

bool orcinus::contains(const IndexMap &map, size_t loop) {
  return std::any_of(map.begin(), map.end(), [&](const IndexExpression &index) {
    return contains(index, loop);
  });
}

/// The loop that `index` is and nothing else.
static std::optional<size_t> loopOf(const IndexExpression &index) {
  if (index.constant != 0 || index.terms.size() != 1 ||
      index.terms.front().second != 1)
    return std::nullopt;
  return index.terms.front().first;
}

/// Whether each index is a loop of its own.
static bool isPermutation(const IndexMap &map) {
  std::set<size_t> loops;
  return std::all_of(map.begin(), map.end(), [&](const IndexExpression &index) {
    std::optional<size_t> loop = loopOf(index);
    return loop && loops.insert(*loop).second;
  });
}

/// Whether `map` leads to neighbours in the innermost index, and to the same
/// ones in all others, where `loop` goes up by one.
static bool runsAlongInnermost(const IndexMap &map, size_t loop) {
  return !map.empty() && coefficientOf(map.back(), loop) == 1 &&
         std::none_of(map.begin(), map.end() - 1,
                      [&](const IndexExpression &index) {
                        return contains(index, loop);
                      });
}

/// `map` without what loops of one iteration add to its indices, those that
/// are such a loop alone aside: a window of one pixel does not slide. The
/// column stays, as one operand must have it.
static IndexMap withoutUnitTerms(IndexMap map,
                                 const std::vector<int64_t> &extents,
                                 size_t column) {
  for (IndexExpression &index : map)
    if (!loopOf(index))
      std::erase_if(index.terms, [&](auto term) {
        return extents[term.first] == 1 && term.first != column;
      });
  return map;
}

static bool isIndexAlone(const IndexMap &map, size_t loop) {
  return std::any_of(map.begin(), map.end(), [&](const IndexExpression &index) {
    return loopOf(index) == loop;
  });
}

/// Orders `loops` as `map` has them.
static void sortByMap(std::vector<size_t> &loops, const IndexMap &map) {
  auto key = [&](size_t loop) {
    auto index =
        std::find_if(map.begin(), map.end(), [&](const IndexExpression &index) {
          return contains(index, loop);
        });
    return std::pair(index - map.begin(), loop);
  };
  std::sort(loops.begin(), loops.end(),
            [&](size_t one, size_t other) { return key(one) < key(other); });
}

namespace {

/// Finds the parts, with the maps as they are in loops that iterate.
class Finder {
public:
  Finder(const std::array<SumOfProducts::Operand, 2> &factors,
         const SumOfProducts::Operand &result,
         const std::vector<int64_t> &extents)
      : factors(factors), result(result), extents(extents) {}

  StatusOr<SumOfProducts> find();

private:
  void orderFactors();
  bool knowsExtents() const;
  bool assignLoops();
  int64_t longestRow() const;

  const SumOfProducts::Operand &operandLeft() const {
    return factors[found.left];
  }
  const SumOfProducts::Operand &operandRight() const {
    return factors[found.right];
  }

  const std::array<SumOfProducts::Operand, 2> &factors;
  const SumOfProducts::Operand &result;
  const std::vector<int64_t> &extents;
  SumOfProducts found;
  IndexMap left, right;
};

} // namespace

/// The column comes from the right factor and, where both have it, the rows
/// from the left one.
void Finder::orderFactors() {
  auto resultLoops = [&](const IndexMap &map) {
    return std::count_if(result.map.begin(), result.map.end(),
                         [&](const IndexExpression &index) {
                           return contains(map, *loopOf(index));
                         });
  };
  left = withoutUnitTerms(factors[0].map, extents, found.column);
  right = withoutUnitTerms(factors[1].map, extents, found.column);
  if (!contains(right, found.column) ||
      (contains(left, found.column) &&
       resultLoops(left) < resultLoops(right))) {
    std::swap(left, right);
    std::swap(found.left, found.right);
  }
  found.leftHasColumn = contains(left, found.column);
}

/// Whether the extent of each loop is known or that of an operand: one that is
/// read through a window may be larger, even where the window has one element.
bool Finder::knowsExtents() const {
  for (size_t loop = 0; loop < extents.size(); ++loop)
    if (extents[loop] == SumOfProducts::unknown &&
        !isIndexAlone(factors[0].map, loop) &&
        !isIndexAlone(factors[1].map, loop) && !isIndexAlone(result.map, loop))
      return false;
  return true;
}

/// Sets the part that each loop plays; false where one plays none.
bool Finder::assignLoops() {
  std::optional<size_t> unitReduction;
  for (size_t loop = 0; loop < extents.size(); ++loop) {
    bool inLeft = contains(left, loop), inRight = contains(right, loop);
    bool inResult = contains(result.map, loop);
    if (loop == found.column)
      continue;
    if (extents[loop] == 1) {
      if (!inResult)
        unitReduction = loop;
    } else if (!inResult) {
      if (!inLeft || !inRight)
        return false;
      found.reductions.push_back(loop);
    } else if (inLeft) {
      (inRight ? found.outer : found.rows).push_back(loop);
    } else {
      found.outerColumns.push_back(loop);
    }
  }
  if (found.reductions.empty() && unitReduction)
    found.reductions.push_back(*unitReduction);
  sortByMap(found.rows, result.map);
  sortByMap(found.reductions, right);
  return !found.reductions.empty();
}

/// Iterations of the longest row loop: 1 where there is none, and as many as
/// can be where one is not known.
int64_t Finder::longestRow() const {
  int64_t longest = 1;
  for (size_t loop : found.rows)
    longest = std::max(longest, extents[loop] == SumOfProducts::unknown
                                    ? std::numeric_limits<int64_t>::max()
                                    : extents[loop]);
  return longest;
}

StatusOr<SumOfProducts> Finder::find() {
  auto no = [](const char *why) {
    return Status::error(std::string("is no contraction: ") + why);
  };
  if (result.map.empty() || !isPermutation(result.map) || !result.contiguous)
    return no("its result has no contiguous column of its own");
  found.column = *loopOf(result.map.back());
  orderFactors();
  if (!contains(right, found.column))
    return no("neither factor has the innermost dimension of the result");
  if (!knowsExtents())
    return no("an extent is not that of an operand");
  if (!assignLoops())
    return no("it sums nothing, or over what only one factor has");
  if (found.leftHasColumn &&
      (!runsAlongInnermost(left, found.column) || !operandLeft().contiguous))
    return no("both factors have the innermost dimension of the result, and "
              "not as their own innermost");
  found.rightIsDirect =
      operandRight().contiguous && runsAlongInnermost(right, found.column);
  found.pays = (found.rightIsDirect || longestRow() >= fewestRowsForCopy) &&
               !(found.leftHasColumn && found.rows.empty());
  return found;
}

StatusOr<SumOfProducts> SumOfProducts::of(const std::array<Operand, 2> &factors,
                                          const Operand &result,
                                          const std::vector<int64_t> &extents) {
  return Finder(factors, result, extents).find();
}
