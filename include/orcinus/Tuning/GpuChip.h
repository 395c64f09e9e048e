//===- GpuChip.h - What is known of a GPU -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_GPUCHIP_H
#define ORCINUS_TUNING_GPUCHIP_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/Target.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace orcinus {

enum class GpuVendor { Nvidia, Amd };

/// A GPU that kernels are made for, by its makers' tables. A multiprocessor is
/// NVIDIA's streaming multiprocessor or AMD's compute unit; a subgroup a warp
/// or a wavefront.
struct GpuChip {
  GpuVendor vendor;
  /// LLVM's name: `sm_90`, `gfx942`.
  std::string_view name;
  int32_t subgroupSize;
  int32_t multiprocessors;
  /// Of one multiprocessor: subgroups and blocks that can be resident, 32-bit
  /// registers of a thread's lane times lanes, and workgroup memory in bytes.
  int32_t residentSubgroups;
  int32_t residentBlocks;
  int32_t registers;
  int32_t workgroupBytes;
  /// Registers are given to a thread in multiples of this, up to the most.
  int32_t registerGranularity;
  int32_t threadRegisters;
  /// Workgroup memory that the system takes from each block, and the most that
  /// a block can have without asking for more.
  int32_t reservedBytes;
  int32_t blockBytes;
  /// The peak of f32 multiply-adds, in 10^12 operations a second (an addition
  /// and a multiplication are two), and of memory, in 10^9 bytes a second.
  double teraflops;
  double gigabytes;
  /// The clock at which it reaches them, in 10^9 cycles a second.
  double gigahertz;

  /// `nvidia:sm_90`.
  std::string target() const;
};

/// All known chips.
std::span<const GpuChip> gpuChips();

/// The chip that `target`, such as `nvidia:sm_90` or `amd:gfx942`, names.
StatusOr<const GpuChip *> findGpuChip(std::string_view target);

/// Whether `target` names a GPU, known or not.
bool isGpuTarget(std::string_view target);

/// `chip` as what programs are tuned for.
TargetDescription describeGpu(const GpuChip &chip);

/// What `orcinus tune` calls the simulator.
inline constexpr std::string_view simulatorTarget = "simulator";

/// The chip whose schedules the simulator is tried with.
const GpuChip &simulatedChip();

/// The simulator as what programs are tuned for.
TargetDescription describeSimulator();

/// What a compiled kernel takes, as the vendor's tools say.
struct KernelResources {
  std::string name;
  /// Threads of a block.
  int64_t threads = 0;
  /// 32-bit registers of a thread.
  int64_t registers = 0;
  /// Workgroup memory of a block, in bytes.
  int64_t workgroupBytes = 0;
  /// Bytes of registers that had to be kept in memory, of a thread.
  int64_t spilledBytes = 0;
};

/// Blocks of `kernel` that a multiprocessor can hold at a time; 0 where not
/// even one fits.
int64_t residentBlocks(const GpuChip &chip, const KernelResources &kernel);

/// The share of a multiprocessor's subgroups that can be resident at a time,
/// from 0 (a block does not fit) to 1.
double occupancy(const GpuChip &chip, const KernelResources &kernel);

} // namespace orcinus

#endif // ORCINUS_TUNING_GPUCHIP_H
