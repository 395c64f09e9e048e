//===- OpenMP.cpp - The OpenMP runtime of compiled programs ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OpenMP.h"

#include "runtime/Jit/Linker.h"
#include "runtime/Memory/CompiledCall.h"

#include <dlfcn.h>

using namespace orcinus;

/// Opens the library that the process has already, for two of them end it; else
/// the one that the build found, or the one of its name that the machine has
/// where it was moved.
static void *openLibrary() {
  constexpr const char *name = "libomp.so.5";
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  for (const char *each : {ORCINUS_OPENMP_LIBRARY, name})
    if (!library)
      library = dlopen(each, RTLD_NOW | RTLD_LOCAL);
  if (library)
    setParallelLevel(
        reinterpret_cast<int (*)()>(dlsym(library, "omp_get_level")));
  return library;
}

StatusOr<OpenMP *> OpenMP::open() {
  static OpenMP runtime(openLibrary());
  if (!runtime.library)
    return Status::error("cannot open LLVM's OpenMP runtime, libomp.so.5: "
                         "install libomp or compile for one thread",
                         StatusCode::Unavailable);
  return &runtime;
}

void *OpenMP::lookup(const char *name) const { return dlsym(library, name); }

std::string OpenMP::path() const { return pathOfLibrary(library); }

void OpenMP::setThreads(int threads) const {
  if (auto *set =
          reinterpret_cast<void (*)(int)>(lookup("omp_set_num_threads")))
    set(threads);
}
