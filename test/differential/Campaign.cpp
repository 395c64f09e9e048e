//===- Campaign.cpp - Many modules, each in a child's hands ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Campaign.h"

#include "CaseRunner.h"
#include "ChildProcess.h"
#include "Generator.h"
#include "SchedulePlan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sstream>

using namespace orcinus;
using namespace orcinus::differential;

/// Which of the draws of a module choose the schedules of a candidate.
static constexpr uint64_t scheduleStream = uint64_t(1) << 40;

/// Module number `module` with the schedules of `candidate`; nothing where it
/// has no op that takes one.
static StatusOr<std::optional<Specification>>
generateCandidate(uint64_t seed, uint64_t module, int candidate,
                  mlir::MLIRContext &context) {
  Specification specification = generateModule(seed, module);
  if (candidate == 0)
    return std::optional(std::move(specification));
  Draw draw(seed, scheduleStream * candidate + module);
  specification.options.outlined = false;
  StatusOr<bool> drawn = drawSchedules(specification, context, draw);
  if (!drawn.ok())
    return drawn.status();
  if (!*drawn)
    return std::optional<Specification>();
  return std::optional(std::move(specification));
}

namespace {

/// One child's share of the modules: every `jobs`-th.
class Share {
public:
  Share(const CampaignOptions &options, int number)
      : options(options), module(options.first + number) {}

  bool isDone() const { return module >= options.first + options.modules; }

  /// Starts a child at the next case.
  void start();
  /// Takes what the child has to say; true where it ended.
  bool listen(CampaignReport &report,
              const std::function<void(const Failure &)> &onFailure);
  int descriptor() const { return child->descriptor(); }

private:
  void serve(ChildProcess::Writer &writer) const;
  void take(const std::string &line, CampaignReport &report,
            const std::function<void(const Failure &)> &onFailure);

  const CampaignOptions &options;
  /// The case that comes next, or runs.
  uint64_t module;
  int candidate = 0;
  std::optional<ChildProcess> child;
};

} // namespace

/// In the child: lines `start module candidate`, `fail verdict message`, `end`.
void Share::serve(ChildProcess::Writer &writer) const {
  CaseRunner runner;
  int next = candidate;
  for (uint64_t number = module; number < options.first + options.modules;
       number += options.jobs, next = 0)
    for (; next <= options.schedules; ++next) {
      writer.write(fmt::format("start {} {}", number, next));
      limitProcessorTime(options.caseSeconds);
      auto specification =
          generateCandidate(options.seed, number, next, runner.context());
      Outcome outcome;
      if (!specification.ok())
        outcome = {Verdict::Unknown, specification.message()};
      else if (!*specification)
        continue;
      else
        outcome = runner.run((**specification).toCase());
      writer.write(outcome.verdict == Verdict::Right
                       ? std::string("right")
                       : fmt::format("fail {} {}",
                                     static_cast<int>(outcome.verdict),
                                     outcome.message));
    }
  writer.write("end");
}

void Share::start() {
  child.emplace([this](ChildProcess::Writer &writer) { serve(writer); });
}

void Share::take(const std::string &line, CampaignReport &report,
                 const std::function<void(const Failure &)> &onFailure) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  if (word == "start") {
    words >> module >> candidate;
    report.modules += candidate == 0;
  } else if (word == "end") {
    module = options.first + options.modules;
  } else {
    ++report.cases;
    if (word == "right")
      return;
    int verdict = 0;
    words >> verdict;
    std::string message;
    std::getline(words >> std::ws, message);
    report.failures.push_back(
        {module, candidate, {static_cast<Verdict>(verdict), message}});
    report.refused +=
        report.failures.back().outcome.verdict == Verdict::Refused;
    report.unknown +=
        report.failures.back().outcome.verdict == Verdict::Unknown;
    onFailure(report.failures.back());
  }
}

bool Share::listen(CampaignReport &report,
                   const std::function<void(const Failure &)> &onFailure) {
  while (std::optional<std::string> line = child->readLine())
    take(*line, report, onFailure);
  if (!child->hasEnded())
    return false;
  if (isDone())
    return true;
  // It died of the case that it had begun.
  ++report.cases;
  report.failures.push_back({module, candidate, child->death()});
  onFailure(report.failures.back());
  if (++candidate > options.schedules) {
    candidate = 0;
    module += options.jobs;
  }
  return true;
}

CampaignReport differential::runCampaign(
    const CampaignOptions &options,
    const std::function<void(const Failure &)> &onFailure) {
  CampaignReport report;
  std::vector<std::unique_ptr<Share>> shares;
  for (int number = 0; number < options.jobs; ++number)
    shares.push_back(std::make_unique<Share>(options, number));
  std::erase_if(shares, [](const auto &share) { return share->isDone(); });
  for (const auto &share : shares)
    share->start();
  while (!shares.empty()) {
    std::vector<int> descriptors;
    for (const auto &share : shares)
      descriptors.push_back(share->descriptor());
    waitForInput(descriptors);
    std::erase_if(shares, [&](const auto &share) {
      if (!share->listen(report, onFailure))
        return false;
      if (share->isDone())
        return true;
      share->start();
      return false;
    });
  }
  return report;
}

/// Runs `body` in a child and takes the one outcome that it writes.
static Outcome outcomeOf(const std::function<Outcome()> &body,
                         int caseSeconds) {
  ChildProcess child([&](ChildProcess::Writer &writer) {
    limitProcessorTime(caseSeconds);
    Outcome outcome = body();
    writer.write(fmt::format("{} {}", static_cast<int>(outcome.verdict),
                             outcome.message));
  });
  for (;;) {
    waitForInput({child.descriptor()});
    if (std::optional<std::string> line = child.readLine()) {
      size_t blank = line->find(' ');
      return {static_cast<Verdict>(std::stoi(line->substr(0, blank))),
              line->substr(blank + 1)};
    }
    if (child.hasEnded())
      return child.death();
  }
}

Outcome differential::runApart(const Case &tested, int caseSeconds) {
  return outcomeOf([&] { return CaseRunner().run(tested); }, caseSeconds);
}

Outcome differential::runApart(const Specification &specification,
                               int caseSeconds) {
  return outcomeOf(
      [&]() -> Outcome {
        CaseRunner runner;
        Outcome outcome = runner.run(specification.toCase());
        // To refuse what is not offered is right.
        if (outcome.verdict == Verdict::Refused &&
            !specification.schedules.empty() &&
            !areOffered(specification, runner.context()))
          return Outcome();
        return outcome;
      },
      caseSeconds);
}

StatusOr<Specification>
differential::specificationOf(const CampaignOptions &options,
                              const Failure &failure) {
  CaseRunner runner;
  auto specification = generateCandidate(options.seed, failure.module,
                                         failure.candidate, runner.context());
  if (!specification.ok())
    return specification.status();
  if (!*specification)
    return Status::error("the module has no schedule of that number");
  return std::move(**specification);
}
