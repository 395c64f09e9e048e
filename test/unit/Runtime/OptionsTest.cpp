//===- OptionsTest.cpp - Every option of the tool, as a kind --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/orcinus/Options.h"
#include "FakeModel.h"
#include "lib/Support/ByteCount.h"
#include "orcinus/Runtime/Module.h"
#include "orcinus/Runtime/Plugin.h"
#include "runtime/Train/CheckpointHeader.h"
#include "runtime/Train/RunOptions.h"
#include "tools/orcinus/Commands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

using namespace orcinus;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

/// What the compiler was last asked for.
CompileOptions asked;

} // namespace

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileModel(const CompileOptions &options) {
  asked = options;
  return test::makeFakeModel(options);
}

StatusOr<std::optional<std::string>>
orcinus::compileFunctions(const CompileOptions &) {
  return std::optional<std::string>();
}

StatusOr<ModuleFiles> orcinus::compileModuleFiles(const ModuleOptions &,
                                                  const std::string &, bool) {
  return Status::error("no functions here");
}

StatusOr<GpuObject> orcinus::compileForGpu(const CompileOptions &, bool) {
  return Status::error("no kernels here");
}

Status orcinus::loadPlugin(const std::string &) {
  return Status::error("no plugins here");
}

namespace {

/// Options of `train` that a checkpoint does not record, and why a resumed run
/// may have others.
const std::map<std::string, std::string> mayDiffer = {
    {"--help", "ends the command"},
    {"--data", "the stream's checksum is compared"},
    {"--columns", "the stream's checksum is compared"},
    {"--sort", "the stream's checksum is compared"},
    {"--time-unit", "the stream's checksum is compared"},
    {"--features", "the stream's checksum is compared"},
    {"--no-features", "the stream's checksum is compared"},
    {"--categories", "the stream's checksum is compared"},
    {"--category-codes", "the stream's checksum is compared"},
    {"--label-columns", "the labels' checksum is compared"},
    {"--labels", "the labels' checksum is compared"},
    {"--encoder", "the parameters that came of it are in the record"},
    {"--cache-dir", "decides on no figure"},
    {"--no-cache", "decides on no figure"},
    {"--checkpoint", "says where the record is"},
    {"--checkpoint-batches", "decides on no figure"},
    {"--resume", "asks for the record"},
    {"--continue", "begins a new record"},
    {"--metrics", "decides on no figure"},
};

/// Another value than the default of each recorded option.
const std::map<std::string, std::string> otherValues = {
    {"--model", "mine"},
    {"--layers", "3"},
    {"--neighbours", "7"},
    {"--dim", "24"},
    {"--heads", "3"},
    {"--sizes", "memory=5,time=0"},
    {"--dropout", "0.3"},
    {"--reuse", "recompute"},
    {"--share", "causal"},
    {"--policy", "lru"},
    {"--capacity", "77"},
    {"--memory", "3MiB"},
    {"--exact-epochs", "2"},
    {"--max-age", "9"},
    {"--no-block-gradient", ""},
    {"--measure-staleness", ""},
    {"--target", "simulator"},
    {"--check-kernels", ""},
    {"--thread-order", "5"},
    {"--tuning-db", "/x/y.db"},
    {"--epochs", "3"},
    {"--batch-size", "150"},
    {"--shards", "1"},
    {"--optimizer", "adamw"},
    {"--weight-decay", "0.125"},
    {"--momentum", "0.5"},
    {"--no-nesterov", ""},
    {"--clip", "2.5"},
    {"--task", "edge-regression"},
    {"--freeze-encoder", ""},
    {"--lr", "0.015625"},
    {"--schedule", "cosine"},
    {"--warmup", "3"},
    {"--decay-steps", "44"},
    {"--decay-factor", "0.5"},
    {"--seed", "18446744073709551615"},
    {"--threads", "1"},
    {"--protocol", "dyglib"},
    {"--mask-nodes", "0.25"},
    {"--patience", "2"},
};

/// The names of the options on the list of a run.
std::set<std::string> recordedNames() {
  std::set<std::string> names;
  auto add = [&](const RunOption &option, const auto &) {
    std::string flags = option.flags ? option.flags : "";
    if (!flags.empty())
      names.insert(flags.substr(0, flags.find(',')));
  };
  CheckpointDescription options;
  visitCompileOptions(add, options.compile);
  visitTrainOptions(add, options.train);
  return names;
}

std::string nameOf(const CLI::Option &option) {
  return option.get_lnames().empty() ? option.get_name()
                                     : "--" + option.get_lnames().front();
}

/// All commands of the library, with what they need besides an option.
class Tool {
public:
  Tool() {
    addGenCommand(app, chosen);
    addInfoCommand(app, chosen);
    addTrainCommand(app, chosen);
    addPlanCommand(app, chosen);
    addEvalCommand(app, chosen);
    addCompileCommand(app, chosen);
  }
  std::vector<const CLI::App *> commands() const {
    return app.get_subcommands([](const CLI::App *) { return true; });
  }

private:
  CLI::App app;
  Command chosen;
};

int run(Words words) {
  words.insert(words.begin(), "orcinus");
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  return runTool(static_cast<int>(words.size()), arguments.data());
}

/// The JSON of what `words` make of a run's options.
nlohmann::ordered_json parsed(Words words) {
  CLI::App app;
  CheckpointDescription options;
  addAllRunOptions(app, options);
  std::reverse(words.begin(), words.end());
  app.parse(words);
  return optionsToJson(options);
}

Words allOtherValues() {
  Words words;
  for (const auto &[name, value] : otherValues) {
    words.push_back(name);
    if (!value.empty())
      words.push_back(value);
  }
  return words;
}

} // namespace

TEST(OptionsTest, EveryOptionOfTrainIsRecordedOrMayDiffer) {
  std::set<std::string> recorded = recordedNames();
  Tool tool;
  for (const CLI::App *command : tool.commands()) {
    if (command->get_name() != "train")
      continue;
    std::set<std::string> found;
    for (const CLI::Option *option : command->get_options()) {
      std::string name = nameOf(*option);
      found.insert(name);
      EXPECT_NE(recorded.contains(name), mayDiffer.contains(name))
          << name << " is to be on the list of runtime/Train/RunOptions.h, or "
          << "on the one of options that may differ";
    }
    for (const auto &[name, why] : mayDiffer)
      EXPECT_TRUE(found.contains(name)) << name << ": " << why;
    for (const std::string &name : recorded)
      EXPECT_TRUE(found.contains(name)) << name;
  }
}

TEST(OptionsTest, EveryRecordedOptionHasAnotherValueHere) {
  nlohmann::ordered_json defaults = parsed({}), others;
  ASSERT_NO_THROW(others = parsed(allOtherValues()));
  for (const auto &[name, value] : others.items()) {
    // Those without a name on the command line.
    bool isInternal = name == "evaluation batch size" ||
                      name == "train fraction" ||
                      name == "validation fraction" || name == "plain loops" ||
                      name == "outputs" || name == "sharded" ||
                      // Sharded states go without reuse.
                      name == "state";
    EXPECT_EQ(value == defaults[name], isInternal) << name;
  }
}

TEST(OptionsTest, AResumedRunTakesEveryOptionThatIsNotGiven) {
  nlohmann::ordered_json others = parsed(allOtherValues());
  CheckpointDescription stored = optionsFromJson(others);
  EXPECT_EQ(optionsToJson(stored), others);
  stored.compile.modelText = "text";

  CLI::App app;
  CheckpointDescription resumed;
  addAllRunOptions(app, resumed);
  app.parse(Words());
  takeFromCheckpoint(app, stored, resumed);
  EXPECT_EQ(optionsToJson(resumed), others);
  EXPECT_EQ(resumed.compile.modelText, "text");

  CLI::App given;
  CheckpointDescription changed;
  addAllRunOptions(given, changed);
  given.parse("--epochs 9 --block-gradient --model tgat");
  takeFromCheckpoint(given, stored, changed);
  EXPECT_EQ(changed.train.epochs, 9);
  EXPECT_EQ(changed.compile.blockGradient, true);
  EXPECT_EQ(changed.compile.model, "tgat");
  EXPECT_EQ(changed.compile.modelText, "");
  EXPECT_EQ(changed.train.batchSize, 150);

  // Checkpoints have -1 for caches without a bound.
  others["capacity"] = -1;
  EXPECT_EQ(optionsFromJson(others).compile.capacity, -1);

  // Another mode of reuse has its own defaults.
  CLI::App other;
  CheckpointDescription continued;
  addAllRunOptions(other, continued);
  ASSERT_NE(stored.compile.reuse, "push-pull");
  other.parse("--reuse push-pull --no-block-gradient");
  takeFromCheckpoint(other, stored, continued);
  EXPECT_EQ(continued.compile.share, std::nullopt);
  EXPECT_EQ(continued.compile.capacity, std::nullopt);
  EXPECT_EQ(continued.compile.blockGradient, false);
}

namespace {

class RunTest : public testing::Test {
protected:
  RunTest() {
    folder = fs::temp_directory_path() /
             ("orcinus-options-" + std::to_string(getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~RunTest() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const { return folder / name; }

  /// The status of `train` or `eval` with `more`; its output is not shown.
  int runOn(const std::string &command, Words more) {
    Words words{command, "--data", "synthetic:nodes=50,events=2000",
                "--checkpoint", path("run")};
    words.insert(words.end(), more.begin(), more.end());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    int status = run(std::move(words));
    output = testing::internal::GetCapturedStdout();
    errors = testing::internal::GetCapturedStderr();
    return status;
  }

  fs::path folder;
  std::string output, errors;
};

/// What compileModel() was given, and what the run's checkpoint says.
nlohmann::ordered_json askedOptions() {
  return optionsToJson({asked, TrainOptions()});
}

} // namespace

TEST_F(RunTest, EveryOptionOfTrainReachesTheRun) {
  Words words = allOtherValues();
  // What the model compiled by hand does not have.
  std::erase(words, "--measure-staleness");
  // A memory takes the place of a capacity, a protocol of others says itself
  // which nodes are masked, and a task needs labels, a head to train alone an
  // encoder (tasks.test).
  for (const char *name : {"--memory", "--protocol", "--task"})
    words.erase(std::ranges::find(words, name),
                std::ranges::find(words, name) + 2);
  std::erase(words, "--freeze-encoder");
  ASSERT_EQ(runOn("train", words), 0) << errors;
  nlohmann::ordered_json wanted = parsed(words), found = askedOptions();
  CheckpointDescription defaults;
  visitCompileOptions(
      [&](const RunOption &option, const auto &) {
        EXPECT_EQ(found[option.name], wanted[option.name]) << option.name;
      },
      defaults.compile);
  EXPECT_EQ(asked.threads, 1);
  auto stored = readCheckpoint(path("run"));
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(optionsToJson(*stored), wanted);

  // Resumed without a word, it is the same run.
  ASSERT_EQ(runOn("train", {"--resume"}), 0) << errors;
  stored = readCheckpoint(path("run"));
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(optionsToJson(*stored), wanted);
  EXPECT_EQ(askedOptions(), found);
  EXPECT_EQ(asked.modelText, "fake model mine");

  fs::remove_all(path("run"));
  ASSERT_EQ(runOn("train", {"--protocol", "tgb", "--epochs", "1"}), 0)
      << errors;
  stored = readCheckpoint(path("run"));
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(stored->train.protocol, "tgb");
}

TEST_F(RunTest, AMemoryReachesTheRun) {
  EXPECT_EQ(runOn("train", {"--reuse", "recompute", "--memory", "3MiB"}), 1);
  EXPECT_EQ(asked.memory, 3 << 20);
  EXPECT_NE(errors.find("no memory to divide"), std::string::npos) << errors;
}

TEST_F(RunTest, EveryOptionOfEvalHasAnEffect) {
  // How the stream is read shows in tests of the loader, what labels do in
  // tasks.test.
  std::set<std::string> tried = {
      "--help",           "--data",       "--columns",       "--sort",
      "--time-unit",      "--features",   "--no-features",   "--categories",
      "--category-codes", "--checkpoint", "--label-columns", "--labels"};
  ASSERT_EQ(runOn("train", {"--epochs", "1"}), 0) << errors;
  auto evaluate = [&](Words words) {
    for (const std::string &word : words)
      tried.insert(word);
    ASSERT_EQ(runOn("eval", words), 0) << errors;
  };
  evaluate({});
  EXPECT_EQ(asked.target, "host");
  evaluate({"--target", "simulator", "--check-kernels", "--thread-order", "4"});
  EXPECT_EQ(asked.target, "simulator");
  EXPECT_TRUE(asked.checkKernels);
  EXPECT_EQ(asked.threadOrder, 4u);
  evaluate({"--threads", "3"});
  EXPECT_EQ(asked.threads, 3);
  evaluate({"--cache-dir", path("cache")});
  EXPECT_EQ(asked.cacheDirectory, path("cache"));
  evaluate({"--no-cache"});
  EXPECT_FALSE(asked.useCache);
  evaluate({"--metrics", path("metrics")});
  EXPECT_GT(fs::file_size(path("metrics")), 50u);
  evaluate({"--scores", path("scores")});
  EXPECT_GT(fs::file_size(path("scores")), 50u);
  // Each says another figure than without it.
  std::ofstream(path("nodes")) << "3 4 5\n";
  std::set<std::string> outputs;
  for (const Words &words : std::initializer_list<Words>{
           {"--model", "edgebank"},
           {"--model", "edgebank", "--edgebank-mode", "threshold"},
           {"--model", "edgebank", "--protocol", "dyglib"},
           {"--model", "edgebank", "--protocol", "dyglib", "--negatives",
            "historical"},
           {"--model", "edgebank", "--protocol", "dyglib", "--new-nodes",
            path("nodes")},
           {"--model", "edgebank", "--negatives-per-event", "3"},
           {"--model", "edgebank", "--eval-batch", "50"},
           {"--model", "edgebank", "--lag", "timestamp"},
           {"--model", "edgebank", "--score-every", "5"},
           {"--model", "recency"},
           {"--model", "recency", "--recency-order", "gp"},
           {"--model", "poptrack"},
           {"--model", "poptrack", "--poptrack-decay", "0.5"}}) {
    for (const std::string &word : words)
      tried.insert(word);
    Words whole{"eval", "--data", "synthetic:nodes=50,events=2000"};
    whole.insert(whole.end(), words.begin(), words.end());
    testing::internal::CaptureStdout();
    EXPECT_EQ(run(std::move(whole)), 0);
    std::string shown = testing::internal::GetCapturedStdout();
    size_t figures = shown.find("validation: ");
    ASSERT_NE(figures, std::string::npos) << shown;
    size_t end = shown.rfind('\n', shown.size() - 2);
    EXPECT_TRUE(outputs.insert(shown.substr(figures, end - figures)).second)
        << words.back() << " changes nothing: " << shown;
  }
  Tool tool;
  for (const CLI::App *command : tool.commands())
    if (command->get_name() == "eval")
      for (const CLI::Option *option : command->get_options())
        EXPECT_TRUE(tried.contains(nameOf(*option)))
            << nameOf(*option) << " is accepted; show that it does something";
}

TEST_F(RunTest, WhatWouldBeDroppedIsRefused) {
  for (Words words : std::initializer_list<Words>{
           {"--share", "causal"},
           {"--policy", "lru"},
           {"--capacity", "5"},
           {"--memory", "5000"},
           {"--reuse", "recompute", "--memory", "5000", "--capacity", "5"},
           {"--max-age", "5"},
           {"--no-block-gradient"},
           {"--measure-staleness"},
           {"--check-kernels"},
           {"--thread-order", "1"},
           {"--protocol", "tgb", "--mask-nodes", "0.2"},
           {"--reuse", "recompute", "--policy", "lru"}}) {
    EXPECT_EQ(runOn("train", words), 1) << words.front();
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  }
  EXPECT_EQ(runOn("train", {"--no-cache", "--cache-dir", path("c")}), 2);
  ASSERT_EQ(runOn("train", {"--epochs", "1"}), 0) << errors;
  EXPECT_EQ(runOn("eval", {"--check-kernels"}), 1);
  EXPECT_NE(errors.find("--check-kernels is for --target simulator"),
            std::string::npos)
      << errors;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

TEST(ByteCountTest, TakesUnitsOfBothKinds) {
  for (auto [text, bytes] :
       std::initializer_list<std::pair<const char *, int64_t>>{
           {"0", 0},
           {"4096", 4096},
           {"12B", 12},
           {"3KiB", 3072},
           {"3kB", 3000},
           {"64MiB", 64 << 20},
           {"5MB", 5000000},
           {"1GiB", 1 << 30},
           {"2GB", 2000000000},
           {"1TiB", int64_t(1) << 40},
           {"7TB", 7000000000000},
           {"9223372036854775807", std::numeric_limits<int64_t>::max()}}) {
    StatusOr<int64_t> parsed = parseByteCount(text);
    ASSERT_TRUE(parsed.ok()) << parsed.message();
    EXPECT_EQ(*parsed, bytes) << text;
  }
  for (const char *text : {"", "MiB", "-1", "+1", "1.5GiB", "1 MiB", "1mib",
                           "1K", "64MiBs", "9223372036854775808", "8388608TiB"})
    EXPECT_EQ(parseByteCount(text).message(),
              "'" + std::string(text) +
                  "' is not a number of bytes as 4096, 64MiB or 1GB");
}

namespace {

/// What each command needs besides a number; none of it can be used.
const std::map<std::string, Words> needed = {
    {"gen", {"-o", "/dev/null/x"}},
    {"info", {"/dev/null/x"}},
    {"train", {"--data", "/dev/null/x", "--checkpoint", "/dev/null/y"}},
    {"plan", {"--data", "/dev/null/x"}},
    {"eval", {"--data", "/dev/null/x", "--checkpoint", "/dev/null/y"}},
    {"compile", {"tgn", "-o", "/dev/null/x"}},
};

/// Numbers that must be 1 or more.
const std::set<std::string> positive = {"--epochs",
                                        "--batch-size",
                                        "--layers",
                                        "--neighbours",
                                        "--dim",
                                        "--heads",
                                        "--embedding-bytes",
                                        "--eval-batch",
                                        "--score-every",
                                        "--negatives-per-event",
                                        "--decay-steps",
                                        "--shards",
                                        "--processes"};

/// Fractions, of at most 1.
const std::set<std::string> fractions = {"--dropout",        "--mask-nodes",
                                         "--train-fraction", "--poptrack-decay",
                                         "--momentum",       "--decay-factor"};

/// Numbers of `eval` that are for models without a checkpoint.
const std::set<std::string> ofHeuristics = {
    "--poptrack-decay", "--negatives-per-event", "--eval-batch"};

/// Numbers of `plan` that are for a sweep.
const std::set<std::string> ofSweeps = {
    "--capacities", "--memories", "--dim", "--heads", "--dropout", "--threads"};
/// And for several processes.
const std::set<std::string> ofProcesses = {"--bandwidth", "--latency",
                                           "--shards"};

bool isNumber(const CLI::Option &option) {
  std::string type = option.get_type_name();
  return type.starts_with("INT") || type.starts_with("UINT") ||
         type.starts_with("FLOAT");
}

/// The status and the message of a command with a number.
int runWith(const std::string &command, const std::string &name,
            const std::string &value, std::string &message) {
  Words words = needed.at(command);
  if (command == "eval" && ofHeuristics.contains(name))
    words = {"--data", "/dev/null/x", "--model", "poptrack"};
  words.insert(words.begin(), command);
  if (name == "--embedding-bytes" || name == "--costs")
    words.insert(words.end(), {"--memory", "1000"});
  if (command == "plan" && ofSweeps.contains(name))
    words.push_back("--sweep");
  if (command == "plan" && ofProcesses.contains(name))
    words.insert(words.end(), {"--processes", "2"});
  words.insert(words.end(), {name, value});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  int status = run(std::move(words));
  testing::internal::GetCapturedStdout();
  message = testing::internal::GetCapturedStderr();
  return status;
}

} // namespace

TEST(NumbersTest, WhatIsNoNumberInRangeIsAUsageError) {
  int numbers = 0;
  Tool tool;
  for (const CLI::App *command : tool.commands())
    for (const CLI::Option *option : command->get_options()) {
      if (!isNumber(*option))
        continue;
      ++numbers;
      std::string name = nameOf(*option), message;
      for (const char *value :
           {"-1", "-0.5", "nan", "inf", "-inf", "1e400", "-1e400", "many", "3x",
            "0x", "99999999999999999999999999999", " 3", "+3"}) {
        bool fits = std::string(value).find("99999") == 0 &&
                    option->get_type_name().starts_with("FLOAT") &&
                    !fractions.contains(name);
        EXPECT_EQ(runWith(command->get_name(), name, value, message),
                  fits ? 1 : 2)
            << command->get_name() << " " << name << " " << value << message;
        EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1);
        EXPECT_LT(message.size(), 200u) << message;
        if (!fits)
          EXPECT_NE(message.find("'" + std::string(value) + "' is not a"),
                    std::string::npos)
              << message;
      }
      EXPECT_EQ(runWith(command->get_name(), name, "0", message),
                positive.contains(name) ? 2 : 1)
          << command->get_name() << " " << name << ": " << message;
      EXPECT_EQ(runWith(command->get_name(), name, "010", message) == 2,
                fractions.contains(name))
          << command->get_name() << " " << name << ": " << message;
    }
  EXPECT_GT(numbers, 35);
}
