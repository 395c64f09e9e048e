//===- CompileCommand.cpp - orcinus compile -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "NumberOption.h"
#include "Options.h"

#include "lib/Graph/AtomicFile.h"
#include "orcinus/Runtime/Module.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct ObjectOptions {
  CompileOptions compile;
  std::string output;
  std::string manifest;
  /// Of a module: a file for C, and what its functions begin with.
  std::string header;
  std::string name;
  bool resources = false;
};

} // namespace

static bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

/// A row a kernel: what bounds how many of its threads run at a time.
static void printResources(const GpuObject &object, const GpuChip &chip) {
  fmt::print("{:<28} {:>7} {:>9} {:>15} {:>7} {:>9}\n", "kernel", "threads",
             "registers", "workgroup bytes", "spilled", "occupancy");
  for (const KernelResources &kernel : object.kernels)
    fmt::print("{:<28} {:>7} {:>9} {:>15} {:>7} {:>8.0f}%\n", kernel.name,
               kernel.threads, kernel.registers, kernel.workgroupBytes,
               kernel.spilledBytes, 100 * occupancy(chip, kernel));
}

static Status compileKernels(const ObjectOptions &options) {
  if (!options.manifest.empty())
    return Status::error("--manifest is for --target host: kernels alone have "
                         "none");
  for (auto [suffix, vendor] :
       {std::pair(".cubin", "nvidia:"), std::pair(".hsaco", "amd:")})
    if (endsWith(options.output, suffix) &&
        !std::string_view(options.compile.target).starts_with(vendor))
      return Status::error(fmt::format("'{}' is not for {}: {} is for {}CHIP",
                                       options.output, options.compile.target,
                                       suffix, vendor));
  bool asText = endsWith(options.output, ".ptx");
  if (asText && options.resources)
    return Status::error(
        "--resources needs a .cubin: PTX has no registers yet");
  auto object = compileForGpu(options.compile, asText);
  if (!object.ok())
    return object.status();
  if (options.resources)
    printResources(*object, **findGpuChip(options.compile.target));
  return writeWholeFile(options.output, object->bytes);
}

/// What the functions of a module begin with, where nothing else is said: the
/// stem of the output's name, as C can write it.
static std::string nameOf(const std::string &output) {
  std::string name = std::filesystem::path(output).stem().string();
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)))
      c = '_';
  return name;
}

/// A module as a library, or as an object with a header.
static Status compileModule(const ObjectOptions &options) {
  bool isObject = !endsWith(options.output, ".so");
  if (!options.manifest.empty())
    return Status::error("--manifest is for models: a library has its own");
  ModuleOptions module;
  module.path = options.compile.model;
  module.threads = options.compile.threads;
  module.tuningDatabase = options.compile.tuningDatabase;
  StatusOr<ModuleFiles> files = compileModuleFiles(
      module, options.name.empty() ? nameOf(options.output) : options.name,
      isObject);
  if (!files.ok())
    return files.status();
  Status status = writeWholeFile(options.output, files->code);
  if (status.ok() && !options.header.empty())
    status = writeWholeFile(options.header, files->header);
  return status;
}

static Status compileToFile(const CLI::App &command,
                            const ObjectOptions &options) {
  if (Status status = checkUsed(command, options.compile); !status.ok())
    return status;
  if (isGpuTarget(options.compile.target))
    return compileKernels(options);
  if (options.resources)
    return Status::error("--resources is for GPU targets");
  if (endsWith(options.output, ".so") || !options.header.empty())
    return compileModule(options);
  auto functions = compileFunctions(options.compile);
  if (!functions.ok())
    return functions.status();
  if (*functions) {
    if (!options.manifest.empty())
      return Status::error("--manifest is for models: functions of linalg have "
                           "none");
    return writeWholeFile(options.output, **functions);
  }
  auto model = compileModel(options.compile);
  if (!model.ok())
    return model.status();
  if (std::string warning = (*model)->cacheWarning();
      !warning.empty() && !options.compile.cacheDirectory.empty())
    return Status::error(warning);
  Status status = writeWholeFile(options.output, (*model)->objectCode());
  if (status.ok() && !options.manifest.empty())
    status = writeWholeFile(options.manifest, (*model)->manifest());
  return status;
}

void orcinus::addCompileCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<ObjectOptions>();
  CompileOptions &compile = options->compile;
  // More threads would divide the code among several objects.
  compile.compileThreads = 1;
  CLI::App *command = app.add_subcommand(
      "compile",
      "Compile a network into a library, a model or functions of "
      "linalg into an object file, or either into kernels for a GPU");
  command
      ->add_option("model", compile.model,
                   "A built-in model's name, or an .mlir file with a model or "
                   "with functions of linalg")
      ->type_name(inputFile)
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "The file to write: a shared library where it ends in .so, "
                   "else an object; for NVIDIA's GPUs PTX where it ends in "
                   ".ptx, else a cubin; for AMD's a code object")
      ->type_name(outputFile)
      ->required();
  command
      ->add_option("--header", options->header,
                   "Of functions of linalg: a C header to call them by; the "
                   "object then holds all that they call")
      ->type_name(outputFile);
  command
      ->add_option("--name", options->name,
                   "What the header's functions begin with")
      ->default_str("the output's name");
  command
      ->add_option("--manifest", options->manifest,
                   "A file for the manifest, which says what the functions' "
                   "arguments are")
      ->type_name(outputFile);
  addModelSizeOptions(*command, compile);
  addNumber(*command, "--edge-features", compile.edgeFeatureColumns, 0, 1 << 20,
            "Columns of the edge features")
      ->default_str("the model's");
  addNumber(*command, "--node-features", compile.nodeFeatureColumns, 0, 1 << 20,
            "Columns of the node features")
      ->default_str("the model's");
  addReuseOptions(*command, compile);
  command->add_flag(
      "--resources", options->resources,
      "Print what each kernel takes: registers, workgroup memory, "
      "spills, occupancy");
  addProgramCacheOptions(*command, compile);
  command
      ->add_option("--tuning-db", compile.tuningDatabase,
                   "A database of tuned programs (orcinus tune) to take the "
                   "target's schedules from")
      ->type_name(inputFile);
  addNumber(*command, "--threads", compile.threads, 0, 1024,
            "Threads to divide the work of the host among; 0 for one a "
            "processor");
  command->add_option("--target", compile.target,
                      "What to compile for: host, nvidia:CHIP or amd:CHIP");
  command->final_callback([&chosen, command, options] {
    chosen = [command, options] { return compileToFile(*command, *options); };
  });
}
