//===- PerfMap.h - Names of compiled functions for profilers ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_PERFMAP_H
#define ORCINUS_RUNTIME_JIT_PERFMAP_H

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace orcinus {

/// Where the environment has ORCINUS_PERF_MAP, writes the address, size and
/// name of each function that `jit` links to /tmp/perf-PID.map, where Linux's
/// `perf report` finds them.
void enablePerfMap(llvm::orc::LLJIT &jit);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_PERFMAP_H
