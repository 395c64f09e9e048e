//===- CandidateWorker.h - Serves the runner of candidates ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H
#define ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H

#include "orcinus/Tuning/GpuChip.h"

namespace orcinus {

/// Compiles, checks and times candidates as the process that started this one
/// asks on the standard input, which is a socket, until it is closed. Programs
/// divide their work among `threads`. Where the process is refused memory, it
/// ends. Returns the exit status.
int serveCandidates(int threads);

/// The same for kernels for `chip`: what it compiles it says the resources of,
/// and it runs nothing.
int serveGpuCandidates(const GpuChip &chip);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_CANDIDATEWORKER_H
