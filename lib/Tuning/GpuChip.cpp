//===- GpuChip.cpp - What is known of a GPU -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/GpuChip.h"

#include "GpuTiling.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

// NVIDIA: the tables of compute capabilities in the CUDA programming guide, and
// the data sheets of A100, H100 and B200. AMD: the hardware tables of the ROCm
// documentation and the data sheets of MI210, MI300X and RX 7900 XTX. Registers
// are those of all lanes: on CDNA 4 SIMDs of 512 vector registers for 64 lanes.
static constexpr GpuChip chips[] = {
    {GpuVendor::Nvidia, "sm_80", 32, 108, 64, 32, 65536, 164 << 10, 8, 255,
     1 << 10, 48 << 10, 19.5, 1555, 1.41},
    {GpuVendor::Nvidia, "sm_90", 32, 132, 64, 32, 65536, 228 << 10, 8, 255,
     1 << 10, 48 << 10, 66.9, 3350, 1.98},
    {GpuVendor::Nvidia, "sm_100", 32, 148, 64, 32, 65536, 228 << 10, 8, 255,
     1 << 10, 48 << 10, 74.5, 7700, 1.965},
    {GpuVendor::Amd, "gfx90a", 64, 104, 32, 32, 131072, 64 << 10, 8, 512, 0,
     64 << 10, 22.6, 1638, 1.7},
    {GpuVendor::Amd, "gfx942", 64, 304, 32, 32, 131072, 64 << 10, 8, 512, 0,
     64 << 10, 163.4, 5300, 2.1},
    {GpuVendor::Amd, "gfx1100", 32, 96, 32, 32, 98304, 64 << 10, 24, 256, 0,
     64 << 10, 61.4, 960, 2.5},
};

static std::string_view vendorName(GpuVendor vendor) {
  return vendor == GpuVendor::Nvidia ? "nvidia" : "amd";
}

std::string GpuChip::target() const {
  return fmt::format("{}:{}", vendorName(vendor), name);
}

std::span<const GpuChip> orcinus::gpuChips() { return chips; }

bool orcinus::isGpuTarget(std::string_view target) {
  return target.starts_with("nvidia:") || target.starts_with("amd:");
}

StatusOr<const GpuChip *> orcinus::findGpuChip(std::string_view target) {
  std::string names;
  for (const GpuChip &chip : chips) {
    if (chip.target() == target)
      return &chip;
    names += (names.empty() ? "" : ", ") + chip.target();
  }
  return Status::error(
      fmt::format("the target '{}' is not one of {}", target, names));
}

TargetDescription orcinus::describeGpu(const GpuChip &chip) {
  TargetDescription target;
  target.name = chip.target();
  target.cpu = chip.name;
  target.vectorBits = 32 * chip.subgroupSize;
  target.vectorRegisters = chip.threadRegisters;
  return target;
}

const GpuChip &orcinus::simulatedChip() {
  return **findGpuChip("nvidia:sm_90");
}

TargetDescription orcinus::describeSimulator() {
  TargetDescription target = describeGpu(simulatedChip());
  target.name = simulatorTarget;
  return target;
}

static int64_t subgroupsOf(const GpuChip &chip, const KernelResources &kernel) {
  return divideUp(kernel.threads, chip.subgroupSize);
}

int64_t orcinus::residentBlocks(const GpuChip &chip,
                                const KernelResources &kernel) {
  int64_t subgroups = subgroupsOf(chip, kernel);
  if (subgroups == 0 || kernel.registers > chip.threadRegisters ||
      kernel.workgroupBytes > chip.blockBytes)
    return 0;
  int64_t granularity = chip.registerGranularity;
  int64_t registers =
      std::max<int64_t>(1, divideUp(kernel.registers, granularity)) *
      granularity;
  int64_t bySubgroups = chip.residentSubgroups / subgroups;
  int64_t byRegisters =
      chip.registers / (registers * chip.subgroupSize * subgroups);
  int64_t blocks =
      std::min<int64_t>({chip.residentBlocks, bySubgroups, byRegisters});
  if (int64_t bytes = kernel.workgroupBytes + chip.reservedBytes)
    blocks = std::min<int64_t>(blocks, chip.workgroupBytes / bytes);
  return blocks;
}

double orcinus::occupancy(const GpuChip &chip, const KernelResources &kernel) {
  return double(residentBlocks(chip, kernel) * subgroupsOf(chip, kernel)) /
         chip.residentSubgroups;
}
