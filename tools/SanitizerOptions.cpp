//===- SanitizerOptions.cpp - What sanitizers must know of us -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Part of all programs of a build with sanitizers, whose runtimes call these
// functions.
//
//===----------------------------------------------------------------------===//

/// Variables would lie on a second stack of megabytes for each stack: for each
/// thread that a simulated GPU has, too, which takes most of its tests' time.
/// What knows nothing of MLIR is linked into liborcinus-mlir and into the
/// tools: two definitions are a mistake where they differ.
extern "C" const char *__asan_default_options() {
  return "detect_stack_use_after_return=0:detect_odr_violation=1";
}

/// libomp keeps its worker threads' bookkeeping until the process ends.
extern "C" const char *__lsan_default_suppressions() { return "leak:libomp"; }

/// libomp is not instrumented; Archer reports its synchronisation instead.
extern "C" const char *__tsan_default_options() {
  return "ignore_noninstrumented_modules=1";
}
