//===- Tool.cpp - The tool's command line ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Processes.h"

#include "orcinus/Runtime/Plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace orcinus;

static int report(const std::string &message) {
  // What was printed before comes before; an error of this is told elsewhere.
  (void)std::fflush(stdout);
  fmt::print(stderr, "orcinus: error: {}\n", message);
  return 1;
}

/// The command that was being parsed, for messages.
static std::string commandName(const CLI::App &app) {
  for (const CLI::App *each : app.get_subcommands())
    return "orcinus " + each->get_name();
  return "orcinus";
}

/// Says what is wrong with the command line; returns the exit status.
static int refuse(const CLI::App &app, const std::string &message) {
  std::string name = commandName(app);
  fmt::print(stderr, "{}: error: {} (see {} --help)\n", name, message, name);
  return 2;
}

/// The options of a command, those of its groups among them.
static std::vector<const CLI::Option *> optionsOf(const CLI::App &command) {
  std::vector<const CLI::Option *> result = command.get_options();
  for (const CLI::App *group : command.get_subcommands(
           [](const CLI::App *each) { return each->get_name().empty(); }))
    std::ranges::copy(optionsOf(*group), std::back_inserter(result));
  return result;
}

/// Names an option that was given an empty text, as a shell makes of a variable
/// that is not set: what it asks for would be left out without a word.
static std::string findEmptyText(const CLI::App &command) {
  for (const CLI::Option *option : optionsOf(command)) {
    // Of these the empty text is a value.
    std::string name = option->get_name();
    if (name != "--cache-dir" && name != "--negatives" &&
        std::ranges::count(option->results(), ""))
      return name + ": the text is empty: give one, or leave the option out";
  }
  return "";
}

/// The files of those options of a command that have the type, each with the
/// option's name.
static std::vector<std::pair<std::string, std::string>>
filesOf(const CLI::App &command, std::string_view type) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const CLI::Option *option : optionsOf(command))
    if (option->get_type_name() == type)
      for (const std::string &file : option->results())
        result.emplace_back(option->get_name(), file);
  return result;
}

/// Whether both name one file, which need not be there yet.
static bool isSameFile(const std::string &one, const std::string &other) {
  std::error_code error;
  if (std::filesystem::exists(one, error))
    return std::filesystem::equivalent(one, other, error);
  auto place = [&](const std::string &file) {
    return std::filesystem::weakly_canonical(
        std::filesystem::absolute(file, error), error);
  };
  return place(one) == place(other);
}

/// Names an output that would be written over what is read, or over another.
static std::string findOverwritten(const CLI::App &command) {
  auto inputs = filesOf(command, inputFile);
  for (auto &input : filesOf(*command.get_parent(), inputFile))
    inputs.push_back(std::move(input));
  auto outputs = filesOf(command, outputFile);
  for (size_t output = 0; output != outputs.size(); ++output) {
    const auto &[name, file] = outputs[output];
    for (const auto &[inputName, input] : inputs) {
      std::error_code error;
      if (std::filesystem::is_regular_file(file, error) &&
          isSameFile(file, input))
        return fmt::format("{}: '{}' is what {} reads: name another file", name,
                           file, inputName);
    }
    std::error_code error;
    for (size_t other = 0; other != output; ++other)
      if (isSameFile(outputs[other].second, file) &&
          !std::filesystem::is_character_file(file, error))
        return fmt::format("{}: '{}' is what {} writes: name another file",
                           name, file, outputs[other].first);
  }
  return "";
}

int orcinus::runTool(int argumentCount, char **arguments,
                     std::initializer_list<AddCommand> more) {
  // A log that the output goes into shows each line when it is written.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  // A file that may not grow (ulimit -f) is an error of the write, as a full
  // disk is, and ends nothing by itself.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Trains temporal graph neural networks, compiled by MLIR, on "
               "streams of timestamped edges",
               "orcinus");
  app.option_defaults()->always_capture_default();
  app.set_version_flag("--version", ORCINUS_VERSION);
  app.require_subcommand(1);
  std::vector<std::string> plugins;
  app.add_option("--plugin", plugins,
                 "A shared library with a dialect for models and its index "
                 "work; may be given before the command, several times")
      ->type_name(inputFile);
  Command chosen;
  addGenCommand(app, chosen);
  addConvertCommand(app, chosen);
  addInfoCommand(app, chosen);
  addTrainCommand(app, chosen);
  addPlanCommand(app, chosen);
  addEvalCommand(app, chosen);
  addPredictCommand(app, chosen);
  addEmbedCommand(app, chosen);
  addCompileCommand(app, chosen);
  for (AddCommand add : more)
    add(app, chosen);
  try {
    app.parse(argumentCount, arguments);
  } catch (const CLI::Success &asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError &error) {
    std::string message = error.what();
    if (app.get_subcommands().empty() && app.remaining_size() > 0)
      message = fmt::format("unknown command '{}'", app.remaining().front());
    return refuse(app, message);
  }
  const CLI::App &command = *app.get_subcommands().front();
  for (auto find : {findEmptyText, findOverwritten})
    if (std::string wrong = find(command); !wrong.empty())
      return refuse(app, wrong);
  try {
    for (const std::string &plugin : plugins)
      if (Status status = loadPlugin(plugin); !status.ok())
        return report(status.message());
    std::string name = app.get_subcommands().front()->get_name();
    if (Status status = runAmongProcesses(name, chosen); !status.ok()) {
      int code = report(status.message());
      // What shells have for a process that SIGINT ended.
      return status.code() == StatusCode::Interrupted ? 128 + SIGINT : code;
    }
  } catch (const std::bad_alloc &) {
    return report("out of memory");
  } catch (const std::exception &exception) {
    // What printing throws where the standard output cannot be written.
    return report(exception.what());
  }
  if (std::fflush(stdout) != 0)
    return report(fmt::format("cannot write to the standard output: {}",
                              std::strerror(errno)));
  return 0;
}
