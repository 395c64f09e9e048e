//===- ImportCommand.cpp - orcinus import ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportCommand.h"
#include "Options.h"

#include "orcinus/Runtime/Import.h"

#include <fmt/format.h>

#include <memory>

using namespace orcinus;

static Status importNetwork(const ImportOptions &options) {
  StatusOr<ImportReport> report = importModule(options);
  if (!report.ok())
    return report.status();
  fmt::print("{}: {} function{}, {} weight{} of {:.1f} MiB in all\n",
             options.output, report->functions,
             report->functions == 1 ? "" : "s", report->weights,
             report->weights == 1 ? "" : "s",
             static_cast<double>(report->weightBytes) / (1 << 20));
  return Status();
}

void orcinus::addImportCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App *command = app.add_subcommand(
      "import", "Make a module of linalg of a network of ONNX, PyTorch or JAX");
  command
      ->add_option("network", options->input,
                   "An ONNX model (.onnx), or MLIR of torch-mlir, StableHLO or "
                   "linalg on tensors")
      ->type_name(inputFile)
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "The module to write, an .mlir file; its weights come "
                   "beside it, with .safetensors for .mlir")
      ->type_name(outputFile)
      ->required();
  command->add_option("--dynamic-batch", options->dynamicBatch,
                      "Of an ONNX model: leave the first extents of its inputs "
                      "and outputs open, and call them so");
  command
      ->add_option("--tools", options->tools,
                   "A folder with torch-mlir's tools, which a virtual "
                   "environment has in its bin")
      ->type_name(anyDirectory)
      ->default_str("those on PATH");
  command->final_callback([&chosen, options] {
    chosen = [options] { return importNetwork(*options); };
  });
}
