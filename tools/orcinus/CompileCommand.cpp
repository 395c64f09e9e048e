//===- CompileCommand.cpp - orcinus compile -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Options.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

using namespace orcinus;

namespace {

struct ObjectOptions {
  CompileOptions compile;
  std::string output;
  std::string manifest;
};

} // namespace

static Status writeFile(const std::string &path, std::string_view contents) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  bool written = file && std::fwrite(contents.data(), 1, contents.size(),
                                     file) == contents.size();
  written = file && std::fclose(file) == 0 && written;
  return written ? Status()
                 : Status::error(fmt::format("cannot write '{}': {}", path,
                                             std::strerror(errno)));
}

static Status compileToFile(const ObjectOptions &options) {
  auto model = compileModel(options.compile);
  if (!model.ok())
    return model.status();
  Status status = writeFile(options.output, (*model)->objectCode());
  if (status.ok() && !options.manifest.empty())
    status = writeFile(options.manifest, (*model)->manifest());
  return status;
}

void orcinus::addCompileCommand(CLI::App &app, Command &chosen) {
  auto options = std::make_shared<ObjectOptions>();
  CompileOptions &compile = options->compile;
  // More threads would divide the code among several objects.
  compile.compileThreads = 1;
  CLI::App *command =
      app.add_subcommand("compile", "Compile a model into an object file");
  command
      ->add_option("model", compile.model,
                   "A built-in model's name, or an .mlir file")
      ->required();
  command->add_option("-o,--output", options->output, "The object to write")
      ->required();
  command->add_option("--manifest", options->manifest,
                      "A file for the manifest, which says what the functions' "
                      "arguments are");
  addModelSizeOptions(*command, compile);
  command
      ->add_option("--edge-features", compile.edgeFeatureColumns,
                   "Columns of the edge features")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--node-features", compile.nodeFeatureColumns,
                   "Columns of the node features")
      ->check(CLI::NonNegativeNumber);
  addTargetOptions(*command, compile);
  command->final_callback([&chosen, options] {
    chosen = [options] { return compileToFile(*options); };
  });
}
