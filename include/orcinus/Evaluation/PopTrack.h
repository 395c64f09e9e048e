//===- PopTrack.h - Lately popular destinations -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_POPTRACK_H
#define ORCINUS_EVALUATION_POPTRACK_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Graph/EventStream.h"

#include <memory>

namespace orcinus {

/// PopTrack (Daniluk and Dąbrowski, "Temporal graph models fail to capture
/// global temporal dynamics", 2023): a pair scores the popularity of its
/// destination, which each event to it raises by 1 and the end of each batch
/// multiplies by `decay`, within (0, 1]. `stream` must outlive the scorer.
std::unique_ptr<PairScorer> makePopTrack(const EventStream &stream,
                                         double decay);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_POPTRACK_H
