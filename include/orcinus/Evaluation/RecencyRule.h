//===- RecencyRule.h - Candidates by recency and popularity -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_RECENCYRULE_H
#define ORCINUS_EVALUATION_RECENCYRULE_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Graph/EventStream.h"

#include <memory>
#include <span>
#include <string_view>

namespace orcinus {

/// What the rule knows of a destination v for a source u.
enum class RecencyKey : uint8_t {
  /// When u last met v ("lr").
  LocalRecency,
  /// When v was last any source's destination ("gr").
  GlobalRecency,
  /// How many events u → v there were ("lp").
  LocalPopularity,
  /// How many events to v there were ("gp").
  GlobalPopularity,
};

/// Orders candidates by the first of `order`, those that it leaves equal by the
/// next, and so on; what never was comes last (Cornell et al., "Are we really
/// measuring progress? …", PMLR 296, 2025). The scores are whole numbers that a
/// double holds exactly. `stream` must outlive the scorer. Errors: no key, a
/// key twice, or more of them than 53 bits tell apart on a stream of this
/// length.
StatusOr<std::unique_ptr<PairScorer>>
makeRecencyRule(const EventStream &stream, std::span<const RecencyKey> order);

/// Reads an order: "lr,gr". Errors: another name.
StatusOr<std::vector<RecencyKey>> parseRecencyOrder(std::string_view text);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_RECENCYRULE_H
