//===- CandidateWorker.h - Serves the runner of candidates ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H
#define ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H

#include "runtime/Jit/TuningTarget.h"

namespace orcinus {

/// Compiles, checks and times candidates as the process that started this one
/// asks on the standard input, which is a socket, until it is closed. Programs
/// for the host divide their work among `threads`. A device is opened when it
/// is first needed; without one, candidates for a GPU are compiled alone, and
/// the answer says what their kernels take. Where the process is refused
/// memory, it ends. Returns the exit status.
int serveCandidates(const TuningTarget &target, int threads);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H
