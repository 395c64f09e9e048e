//===- GpuObject.cpp - Kernels for GPUs, as files -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/GpuObject.h"

#include "passes/Pipelines/LowerToGpu.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/GpuToolchain.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Regex.h"

using namespace orcinus;

/// Threads of a block of each kernel.
static llvm::StringMap<int64_t> blockSizes(mlir::ModuleOp module) {
  llvm::StringMap<int64_t> sizes;
  module.walk([&](mlir::gpu::GPUFuncOp function) {
    int64_t &size = sizes[function.getName()];
    size = 1;
    for (int32_t extent :
         function.getKnownBlockSize().value_or(llvm::ArrayRef<int32_t>()))
      size *= extent;
  });
  return sizes;
}

static StatusOr<std::string> serialize(mlir::ModuleOp module,
                                       const GpuChip &chip) {
  mlir::PassManager manager(module.getContext());
  manager.enableVerifier(false);
  std::optional<StatusOr<AmdToolkit>> toolkit;
  if (chip.vendor == GpuVendor::Nvidia) {
    LowerToNvidiaOptions options;
    options.chip = std::string(chip.name);
    buildSerializeForNvidiaPipeline(manager, options);
  } else {
    toolkit.emplace(AmdToolkit::find());
    if (!toolkit->ok())
      return toolkit->status();
    LowerToAmdOptions options;
    options.chip = std::string(chip.name);
    options.toolkit = (*toolkit)->path();
    buildSerializeForAmdPipeline(manager, options);
  }
  Status made = collectErrors(*module.getContext(),
                              "cannot make kernels for " + chip.target(),
                              [&] { return succeeded(manager.run(module)); });
  if (!made.ok())
    return made;
  std::string bytes;
  module.walk([&](mlir::gpu::BinaryOp binary) {
    auto object = llvm::cast<mlir::gpu::ObjectAttr>(binary.getObjects()[0]);
    bytes = object.getObject().getValue().str();
  });
  return bytes;
}

std::vector<KernelResources> orcinus::parsePtxasReport(llvm::StringRef report) {
  // "Compiling entry function 'NAME' for 'sm_90'", then lines of numbers.
  static const llvm::Regex entry("Compiling entry function '([^']+)'");
  static const llvm::Regex spills(
      "([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads");
  static const llvm::Regex registers("Used ([0-9]+) registers");
  static const llvm::Regex shared("([0-9]+) bytes smem");
  std::vector<KernelResources> kernels;
  llvm::SmallVector<llvm::StringRef> found;
  auto number = [&](unsigned at) {
    int64_t value = 0;
    found[at].getAsInteger(10, value);
    return value;
  };
  llvm::SmallVector<llvm::StringRef> lines;
  report.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    if (entry.match(line, &found)) {
      kernels.emplace_back();
      kernels.back().name = found[1].str();
      continue;
    }
    if (kernels.empty())
      continue;
    KernelResources &kernel = kernels.back();
    if (spills.match(line, &found))
      kernel.spilledBytes = std::max(number(1), number(2));
    if (registers.match(line, &found))
      kernel.registers = number(1);
    if (shared.match(line, &found))
      kernel.workgroupBytes = number(1);
  }
  return kernels;
}

/// The metadata note of a code object, MessagePack (the AMDGPU backend's
/// documentation, "Code Object Metadata").
static llvm::Expected<llvm::StringRef>
findMetadata(const llvm::object::ELF64LEFile &file) {
  auto sections = file.sections();
  if (!sections)
    return sections.takeError();
  llvm::StringRef description;
  for (const auto &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_NOTE)
      continue;
    llvm::Error error = llvm::Error::success();
    for (const auto &note : file.notes(section, error))
      if (note.getName() == "AMDGPU" &&
          note.getType() == llvm::ELF::NT_AMDGPU_METADATA)
        description = note.getDescAsStringRef(section.sh_addralign);
    if (error)
      return std::move(error);
  }
  return description;
}

StatusOr<std::vector<KernelResources>>
orcinus::readAmdResources(llvm::StringRef object) {
  auto unreadable = [](const std::string &why) {
    return Status::error("cannot read the code object: " + why);
  };
  auto file = llvm::object::ELF64LEFile::create(object);
  if (!file)
    return unreadable(llvm::toString(file.takeError()));
  auto metadata = findMetadata(*file);
  if (!metadata)
    return unreadable(llvm::toString(metadata.takeError()));
  llvm::msgpack::Document document;
  if (!document.readFromBlob(*metadata, /*Multi=*/false) ||
      !document.getRoot().isMap())
    return unreadable("it has no metadata");
  std::vector<KernelResources> kernels;
  auto listed = document.getRoot().getMap().find("amdhsa.kernels");
  if (listed == document.getRoot().getMap().end() || !listed->second.isArray())
    return unreadable("its metadata names no kernels");
  for (llvm::msgpack::DocNode &node : listed->second.getArray()) {
    llvm::msgpack::MapDocNode &fields = node.getMap();
    auto number = [&](llvm::StringRef name) -> int64_t {
      auto found = fields.find(name);
      return found == fields.end() ? 0 : int64_t(found->second.getUInt());
    };
    KernelResources kernel;
    kernel.name = fields[".name"].getString().str();
    kernel.registers = number(".vgpr_count");
    kernel.workgroupBytes = number(".group_segment_fixed_size");
    kernel.spilledBytes =
        4 * (number(".vgpr_spill_count") + number(".sgpr_spill_count"));
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

StatusOr<GpuObject> orcinus::compileKernels(mlir::ModuleOp module,
                                            const GpuChip &chip, bool asText) {
  mlir::PassManager manager(module.getContext());
  manager.enableVerifier(false);
  llvm::StringRef name(chip.name);
  buildMapToGpuPipeline(manager, chip.vendor == GpuVendor::Nvidia
                                     ? mapToNvidia(name)
                                     : mapToAmd(name));
  Status mapped =
      collectErrors(*module.getContext(), "cannot map the program to a GPU",
                    [&] { return succeeded(manager.run(module)); });
  if (!mapped.ok())
    return mapped;
  return serializeKernels(module, chip, asText);
}

StatusOr<GpuObject> orcinus::serializeKernels(mlir::ModuleOp module,
                                              const GpuChip &chip,
                                              bool asText) {
  llvm::StringMap<int64_t> threads = blockSizes(module);
  if (threads.empty())
    return Status::error("there is nothing to compute: no kernel was made");
  StatusOr<std::string> bytes = serialize(module, chip);
  if (!bytes.ok())
    return bytes.status();
  GpuObject result;
  if (chip.vendor == GpuVendor::Amd) {
    auto kernels = readAmdResources(*bytes);
    if (!kernels.ok())
      return kernels.status();
    result = {std::move(*bytes), std::move(*kernels)};
  } else if (asText) {
    result.bytes = llvm::StringRef(*bytes).rtrim('\0').str();
  } else {
    StatusOr<PtxasResult> assembled = runPtxas(*bytes, chip.name);
    if (!assembled.ok())
      return assembled.status();
    result = {std::move(assembled->object),
              parsePtxasReport(assembled->report)};
  }
  for (KernelResources &kernel : result.kernels)
    kernel.threads = threads.lookup(kernel.name);
  return result;
}

Status orcinus::lowerLaunches(mlir::ModuleOp module, const GpuObject &object) {
  mlir::Builder builder(module.getContext());
  module.walk([&](mlir::gpu::BinaryOp binary) {
    // What NVIDIA's was made of is text.
    auto made = llvm::cast<mlir::gpu::ObjectAttr>(binary.getObjects()[0]);
    mlir::Attribute final =
        mlir::gpu::ObjectAttr::get(builder.getContext(), made.getTarget(),
                                   mlir::gpu::CompilationTarget::Binary,
                                   builder.getStringAttr(object.bytes),
                                   made.getProperties(), made.getKernels());
    binary.setObjectsAttr(builder.getArrayAttr(final));
  });
  mlir::PassManager manager(module.getContext());
  manager.enableVerifier(false);
  buildLowerLaunchesPipeline(manager);
  return collectErrors(*module.getContext(), "cannot lower the launches",
                       [&] { return succeeded(manager.run(module)); });
}
