//===- orcinus-differential.cpp - Search the compiler for wrong answers ---===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Campaign.h"
#include "Shrinker.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

struct ToolOptions {
  CampaignOptions campaign;
  std::vector<std::string> files;
  std::string folder;
  int shrunk = 10;
  int attempts = 400;
  bool print = false;
  /// What is refused and what the generator got wrong is counted alone.
  bool wrongOnly = false;
};

void say(const std::string &text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// Runs the modules of files, or says what is wrong with one.
int runFiles(const ToolOptions &options) {
  int wrong = 0;
  for (const std::string &path : options.files) {
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    StatusOr<Case> tested = Case::fromText(text.str());
    if (!stream || !tested.ok()) {
      fmt::print(stderr, "orcinus: error: {}: {}\n", path,
                 tested.ok() ? "cannot be read" : tested.message());
      return 1;
    }
    Outcome outcome = runApart(*tested, options.campaign.caseSeconds);
    say(fmt::format("{}: {}{}{}\n", path, nameOf(outcome.verdict),
                    outcome.message.empty() ? "" : ": ", outcome.message));
    wrong += outcome.verdict != Verdict::Right;
  }
  return wrong ? 1 : 0;
}

/// Prints a failure as a module that reproduces it, smaller where it is one of
/// the first.
void report(const ToolOptions &options, const Failure &failure, int number) {
  std::string command =
      fmt::format("orcinus-differential --seed {} --first {} --modules 1 "
                  "--schedules {}",
                  options.campaign.seed, failure.module, failure.candidate);
  say(fmt::format("module {}, schedule {}: {}: {}\n  {}\n", failure.module,
                  failure.candidate, nameOf(failure.outcome.verdict),
                  failure.outcome.message, command));
  StatusOr<Specification> specification =
      specificationOf(options.campaign, failure);
  if (!specification.ok())
    return say(fmt::format("  no module: {}\n", specification.message()));
  Specification smallest = *specification;
  if (number < options.shrunk) {
    int seconds = options.campaign.caseSeconds;
    smallest = shrink(
        smallest,
        [&](const Specification &smaller) {
          return runApart(smaller, seconds).verdict == failure.outcome.verdict;
        },
        options.attempts);
    Outcome outcome = runApart(smallest, seconds);
    say(fmt::format("  shrunk: {}: {}\n", nameOf(outcome.verdict),
                    outcome.message));
  }
  std::string text = smallest.toCase().toText();
  if (options.folder.empty())
    return say(text);
  std::string path =
      fmt::format("{}/{}-{}-{}.mlir", options.folder, options.campaign.seed,
                  failure.module, failure.candidate);
  std::ofstream(path) << text;
  say(fmt::format("  orcinus-differential {}\n", path));
}

int runModules(const ToolOptions &options) {
  if (!options.folder.empty())
    std::filesystem::create_directories(options.folder);
  int failures = 0;
  CampaignReport result =
      runCampaign(options.campaign, [&](const Failure &failure) {
        Verdict verdict = failure.outcome.verdict;
        bool computes =
            verdict != Verdict::Refused && verdict != Verdict::Unknown;
        if (computes || !options.wrongOnly)
          report(options, failure, failures++);
      });
  say(fmt::format("{} modules, {} cases, {} failures: {} refused, {} not to be "
                  "told, {} wrong, crashed or hung\n",
                  result.modules, result.cases, result.failures.size(),
                  result.refused, result.unknown,
                  result.failures.size() - result.refused - result.unknown));
  return failures ? 1 : 0;
}

int printModules(const ToolOptions &options) {
  const CampaignOptions &campaign = options.campaign;
  for (uint64_t module = 0; module < campaign.modules; ++module)
    for (int candidate = 0; candidate <= campaign.schedules; ++candidate)
      if (auto specification = specificationOf(
              campaign, {campaign.first + module, candidate, {}});
          specification.ok())
        say(specification->toCase().toText());
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  ToolOptions options;
  CLI::App app("Compares what compiled random modules compute, under default "
               "and random schedules, with an interpreter. Exits with 1 where "
               "something was wrong.");
  app.add_option("files", options.files,
                 "Modules to run instead, as failures are printed");
  app.add_option("--modules", options.campaign.modules, "How many modules")
      ->capture_default_str();
  app.add_option("--seed", options.campaign.seed, "Which modules")
      ->capture_default_str();
  app.add_option("--first", options.campaign.first, "Number of the first one")
      ->capture_default_str();
  app.add_option("--schedules", options.campaign.schedules,
                 "Random schedules of each, besides the default one")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--jobs", options.campaign.jobs, "Processes at a time")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--case-seconds", options.campaign.caseSeconds,
                 "Seconds of processor time that a case may take")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--shrink", options.shrunk, "How many failures to shrink")
      ->capture_default_str();
  app.add_option("--attempts", options.attempts,
                 "How often to try to make a failure smaller")
      ->capture_default_str();
  app.add_option("--out", options.folder,
                 "Folder for the modules that fail; else they are printed");
  app.add_flag("--wrong-only", options.wrongOnly,
               "Fail for wrong results, crashes and hangs alone");
  app.add_flag("--print", options.print, "Print the modules, run none");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!options.files.empty())
    return runFiles(options);
  return options.print ? printModules(options) : runModules(options);
}
