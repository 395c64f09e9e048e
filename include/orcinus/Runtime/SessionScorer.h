//===- SessionScorer.h - A session under a protocol -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SESSIONSCORER_H
#define ORCINUS_RUNTIME_SESSIONSCORER_H

#include "orcinus/Evaluation/Evaluator.h"
#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Runtime/Session.h"

#include <memory>

namespace orcinus {

/// The trained model of `session`, which must outlive it, as what
/// evaluateScorer() asks about the test of a protocol on session.stream(). The
/// session's states stand at the beginning of the test (Session::stateEvents()
/// or replayTo()), and EvaluatorOptions::validation is off. With
/// StateLag::Batch the session has blocks of the protocol's batches, with
/// StateLag::Timestamp blocks of one event. Scores are logits. A copy answers
/// from states that hold what it is given and nothing else after the beginning
/// of the test; session and copy are used one after the other.
std::unique_ptr<PairScorer> makeSessionScorer(Session &session, StateLag lag);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SESSIONSCORER_H
