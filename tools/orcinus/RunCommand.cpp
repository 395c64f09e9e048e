//===- RunCommand.cpp - orcinus run ---------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunCommand.h"

#include "NumberOption.h"
#include "Options.h"
#include "TensorFile.h"

#include "orcinus/Runtime/Module.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

struct RunModuleOptions {
  ModuleOptions module;
  std::string function;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  bool describe = false;
  int repeat = 0;
};

} // namespace

static StatusOr<std::vector<Tensor>>
readInputs(const EntryPoint &entry, const RunModuleOptions &options) {
  if (options.inputs.size() != entry.arguments.size())
    return Status::error(fmt::format(
        "{} takes {} inputs, but {} were given by --input", entry.toString(),
        entry.arguments.size(), options.inputs.size()));
  std::vector<Tensor> inputs;
  for (size_t at = 0; at != options.inputs.size(); ++at) {
    StatusOr<Tensor> tensor =
        readTensor(options.inputs[at], entry.arguments[at]);
    if (!tensor.ok())
      return tensor.status();
    inputs.push_back(std::move(*tensor));
  }
  return inputs;
}

/// Calls the function `options.repeat` times more and prints how long that
/// took.
static Status timeCalls(const Module &module, const EntryPoint &entry,
                        const std::vector<TensorView> &arguments,
                        const RunModuleOptions &options) {
  std::vector<double> milliseconds;
  for (int call = 0; call != options.repeat; ++call) {
    auto begin = std::chrono::steady_clock::now();
    auto results = module.call(entry.name, arguments);
    if (!results.ok())
      return results.status();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(
                               std::chrono::steady_clock::now() - begin)
                               .count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  fmt::print(
      "{} calls of {}: median {:.4g} ms, fastest {:.4g}, slowest {:.4g}\n",
      options.repeat, entry.name, milliseconds[milliseconds.size() / 2],
      milliseconds.front(), milliseconds.back());
  return Status();
}

/// What a call leaves: its results, then the memory that it was given to write
/// to.
static std::vector<const Tensor *>
outputsOf(const EntryPoint &entry, const std::vector<Tensor> &results,
          const std::vector<Tensor> &arguments) {
  std::vector<const Tensor *> outputs;
  for (const Tensor &result : results)
    outputs.push_back(&result);
  for (size_t at = 0; at != arguments.size(); ++at)
    if (entry.arguments[at].kind == TensorType::Kind::Memory)
      outputs.push_back(&arguments[at]);
  return outputs;
}

/// Prints what `entry` takes and returns and, where that is known, how much
/// memory a call takes besides.
static void printEntry(const EntryPoint &entry) {
  fmt::print("{}", entry.toString());
  if (entry.temporaryBytes >= 0)
    fmt::print(", {} KiB of temporaries", (entry.temporaryBytes + 1023) / 1024);
  fmt::print("\n");
}

static Status runModule(const RunModuleOptions &options) {
  StatusOr<std::shared_ptr<const Module>> module = openModule(options.module);
  if (!module.ok())
    return module.status();
  if (options.describe) {
    for (const EntryPoint &entry : (*module)->entryPoints())
      printEntry(entry);
    return Status();
  }
  (*module)->useThreads(options.module.threads);
  StatusOr<const EntryPoint *> entry = (*module)->find(options.function);
  if (!entry.ok())
    return entry.status();
  StatusOr<std::vector<Tensor>> inputs = readInputs(**entry, options);
  if (!inputs.ok())
    return inputs.status();
  std::vector<TensorView> arguments;
  for (const Tensor &input : *inputs)
    arguments.push_back(input.view());
  StatusOr<std::vector<Tensor>> results =
      (*module)->call((*entry)->name, arguments);
  if (!results.ok())
    return results.status();
  std::vector<const Tensor *> outputs = outputsOf(**entry, *results, *inputs);
  if (options.outputs.size() > outputs.size())
    return Status::error(fmt::format("{} has {} outputs, but {} files were "
                                     "given by -o",
                                     (*entry)->toString(), outputs.size(),
                                     options.outputs.size()));
  for (size_t at = 0; at != options.outputs.size(); ++at)
    if (Status status = writeTensor(options.outputs[at], *outputs[at]);
        !status.ok())
      return status;
  return options.repeat == 0 ? Status()
                             : timeCalls(**module, **entry, arguments, options);
}

void orcinus::addRunCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<RunModuleOptions>();
  CLI::App *command = app.add_subcommand(
      "run", "Call a function of a network or another module of linalg");
  command
      ->add_option("module", options->module.path,
                   "An .mlir file with functions of linalg on tensors, or a "
                   "library that orcinus compile wrote")
      ->type_name(inputFile)
      ->required();
  command
      ->add_option("--function", options->function,
                   "The function to call, where there are several")
      ->default_str("the only one");
  command
      ->add_option("--input", options->inputs,
                   "A .npy file for each argument, in their order; may be "
                   "given several times")
      ->type_name(inputFile);
  command
      ->add_option("-o,--output", options->outputs,
                   "A .npy file to write for each result, in their order, "
                   "and then for each memref among the arguments")
      ->type_name(outputFile);
  command->add_flag("--describe", options->describe,
                    "Print the module's functions, a line each, and call none");
  addNumber(*command, "--repeat", options->repeat, 0, 1000000,
            "Call it so many times more, and print the milliseconds of a call");
  command->add_option("--target", options->module.target,
                      "Where to run: host; simulator, a GPU that the host "
                      "simulates, with all checks; cuda or hip");
  addNumber(*command, "--threads", options->module.threads, 0, 1024,
            "Threads to compute with; 0 for one a processor");
  addProgramCacheOptions(*command, options->module.cacheDirectory,
                         options->module.useCache);
  command
      ->add_option("--tuning-db", options->module.tuningDatabase,
                   "A database of tuned programs (orcinus tune)")
      ->type_name(inputFile);
  command->final_callback([&chosen, options] {
    chosen = [options] { return runModule(*options); };
  });
}
