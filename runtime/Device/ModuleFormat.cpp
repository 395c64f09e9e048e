//===- ModuleFormat.cpp - What machine code of devices is for -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/ModuleFormat.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <elf.h>

using namespace orcinus;

static constexpr uint16_t machineCuda = 190;
static constexpr uint16_t machineAmdGpu = 224;

/// The letters, digits and underscores from `position` on.
static std::string wordAt(std::string_view text, size_t position) {
  auto end =
      std::find_if(text.begin() + position, text.end(), [](unsigned char each) {
        return !std::isalnum(each) && each != '_';
      });
  return {text.begin() + position, end};
}

static std::string ptxArchitecture(std::string_view code) {
  size_t target = code.find(".target");
  size_t name = code.find_first_not_of(" \t", target + strlen(".target"));
  return target == code.npos || name == code.npos ? "" : wordAt(code, name);
}

/// From version 8 of NVIDIA's ABI on, the flags have the architecture in their
/// second byte; before, in their first.
static std::string cubinArchitecture(const Elf64_Ehdr &header) {
  bool isNew = header.e_ident[EI_ABIVERSION] >= 8;
  return fmt::format("sm_{}", header.e_flags >> (isNew ? 8 : 0) & 0xff);
}

/// The metadata of a code object spells its target as
/// "amdgcn-amd-amdhsa--gfx942:…".
static std::string codeObjectArchitecture(std::string_view code) {
  size_t triple = code.find("amdgcn-amd-amdhsa-");
  size_t name = code.find("gfx", triple);
  return triple == code.npos || name == code.npos ? "" : wordAt(code, name);
}

static StatusOr<ModuleDescription> describeElf(std::string_view code) {
  Elf64_Ehdr header;
  Status truncated =
      Status::error(fmt::format("the code of a module was cut short, to {} "
                                "bytes: compile it again",
                                code.size()));
  if (code.size() < sizeof(header))
    return truncated;
  std::memcpy(&header, code.data(), sizeof(header));
  uint64_t sections = uint64_t(header.e_shnum) * header.e_shentsize;
  if (header.e_shoff > code.size() || sections > code.size() - header.e_shoff)
    return truncated;
  if (header.e_machine == machineCuda)
    return ModuleDescription{ModuleFormat::Cubin, cubinArchitecture(header)};
  if (header.e_machine == machineAmdGpu)
    return ModuleDescription{ModuleFormat::CodeObject,
                             codeObjectArchitecture(code)};
  return Status::error(fmt::format("the code of a module is for machine {} of "
                                   "the ELF standard, which is no GPU",
                                   header.e_machine));
}

StatusOr<ModuleDescription> orcinus::describeModule(std::string_view code) {
  using namespace std::string_view_literals;
  if (code.starts_with("\x7f"
                       "ELF"sv))
    return describeElf(code);
  // nvcc's fat binaries, and clang's for AMD.
  if (code.starts_with("\x50\xed\x55\xba"sv) ||
      code.starts_with("__CLANG_OFFLOAD_BUNDLE__"))
    return ModuleDescription{ModuleFormat::Bundle, ""};
  if (code.find(".version") != code.npos && code.find(".target") != code.npos)
    return ModuleDescription{ModuleFormat::Ptx, ptxArchitecture(code)};
  return Status::error(fmt::format("the code of a module, {} bytes, is neither "
                                   "PTX nor code of a GPU",
                                   code.size()));
}
