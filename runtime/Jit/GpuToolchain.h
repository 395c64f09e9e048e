//===- GpuToolchain.h - The vendors' tools, found at run time ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_GPUTOOLCHAIN_H
#define ORCINUS_RUNTIME_JIT_GPUTOOLCHAIN_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/GpuChip.h"

#include <string>
#include <string_view>

namespace orcinus {

/// The path of NVIDIA's assembler: that of the toolkit in CUDA_ROOT, CUDA_HOME
/// or CUDA_PATH, or on PATH, or of /usr/local/cuda. The error says where it was
/// looked for.
StatusOr<std::string> findPtxas();

struct PtxasResult {
  /// The cubin.
  std::string object;
  /// What `-v` says of registers and memory.
  std::string report;
};

/// Assembles `ptx` for `chip`. Errors: there is no ptxas, or what it says.
StatusOr<PtxasResult> runPtxas(std::string_view ptx, std::string_view chip);

/// A folder as MLIR wants a ROCm toolkit, with `llvm/bin/ld.lld` and
/// `amdgcn/bitcode`: ROCM_PATH, or one of links to LLVM's lld and Debian's
/// rocm-device-libs that lives as long as the object.
class AmdToolkit {
public:
  /// The error says what is missing.
  static StatusOr<AmdToolkit> find();
  AmdToolkit(AmdToolkit &&other) noexcept;
  AmdToolkit &operator=(AmdToolkit &&) = delete;
  ~AmdToolkit();

  const std::string &path() const { return folder; }

private:
  AmdToolkit(std::string folder, bool temporary)
      : folder(std::move(folder)), temporary(temporary) {}

  std::string folder;
  bool temporary;
};

/// Errors: a tool is missing that makes kernels for `chip`.
Status findGpuTools(const GpuChip &chip);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_GPUTOOLCHAIN_H
