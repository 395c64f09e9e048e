//===- CommandLineTest.cpp - The tool, run as a process -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <spawn.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;
extern char **environ;

namespace {

class CommandLineTest : public testing::Test {
protected:
  CommandLineTest() {
    folder = fs::temp_directory_path() /
             ("orcinus-tool-" + std::to_string(getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~CommandLineTest() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const {
    return (folder / name).string();
  }

  std::string read(const std::string &name) const {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Starts the tool with its output in `out`, a file of the folder or an
  /// absolute path, and its errors in `err`, which may be the same.
  pid_t start(std::vector<std::string> words, const char *out = "out",
              const char *err = "err") {
    words.insert(words.begin(), ORCINUS_FAKE_TOOL);
    std::vector<char *> arguments;
    for (std::string &word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, path(out).c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (std::string_view(out) == err)
      posix_spawn_file_actions_adddup2(&actions, 1, 2);
    else
      posix_spawn_file_actions_addopen(&actions, 2, path(err).c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0666);
    pid_t child = -1;
    EXPECT_EQ(posix_spawn(&child, ORCINUS_FAKE_TOOL, &actions, nullptr,
                          arguments.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
  }

  /// The exit status, or minus the signal.
  int finish(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  int run(std::vector<std::string> words, const char *out = "out",
          const char *err = "err") {
    return finish(start(std::move(words), out, err));
  }

  void expectUsageError(std::vector<std::string> words, const char *message) {
    EXPECT_EQ(run(std::move(words)), 2);
    expectOneLine(message);
  }
  void expectError(std::vector<std::string> words, const char *message) {
    EXPECT_EQ(run(std::move(words)), 1);
    expectOneLine(message);
  }
  void expectOneLine(const char *message) {
    std::string text = read("err");
    EXPECT_NE(text.find(message), std::string::npos) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  }

  fs::path folder;
};

TEST_F(CommandLineTest, GeneratesDescribesTrainsAndEvaluates) {
  ASSERT_EQ(run({"gen", "--nodes", "100", "--events", "3000", "-o",
                 path("events.csv")}),
            0);
  ASSERT_EQ(run({"info", path("events.csv")}), 0);
  EXPECT_NE(read("out").find("events          3000"), std::string::npos);
  ASSERT_EQ(run({"train", "--data", path("events.csv"), "--epochs", "2",
                 "--checkpoint", path("run"), "--metrics", path("m")}),
            0)
      << read("err");
  std::string trained = read("out");
  EXPECT_NE(trained.find("epoch 2: loss"), std::string::npos) << trained;
  // A file is no terminal: no bar.
  EXPECT_EQ(trained.find('\r'), std::string::npos);
  ASSERT_EQ(
      run({"eval", "--data", path("events.csv"), "--checkpoint", path("run")}),
      0);
  auto figures = [](const std::string &text) {
    size_t begin = text.find("): AP");
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_EQ(figures(read("out")), figures(trained));
  ASSERT_EQ(run({"eval", "--data", "synthetic:nodes=50,events=2000",
                 "--checkpoint", path("run")}),
            0);
}

TEST_F(CommandLineTest, HelpShowsDefaults) {
  ASSERT_EQ(run({"train", "--help"}), 0);
  std::string help = read("out");
  for (const char *text : {"--batch-size", "=200", "--neighbours",
                           "=the model's", "or 0.0001", "=tgn", "--patience"})
    EXPECT_NE(help.find(text), std::string::npos) << text;
  EXPECT_EQ(run({"--version"}), 0);
}

TEST_F(CommandLineTest, WrongUsageIsOneLineAndStatusTwo) {
  const std::string data = "synthetic:nodes=50,events=2000";
  expectUsageError({}, "subcommand");
  expectUsageError({"train"}, "--data is required");
  expectUsageError({"train", "--data", data, "--reuse", "guess"},
                   "--reuse: 'guess' is none of none push-pull recompute");
  expectUsageError({"train", "--data", data, "--target", "tpu"},
                   "no target 'tpu'; use host, cuda, hip or simulator");
  expectUsageError({"info"}, "data is required");
  expectUsageError({"info", data, "--devices"}, "excludes");
  expectUsageError({"train", "--data", data, "--batch-size", "0"},
                   "--batch-size");
  expectUsageError({"train", "--data", data, "--resume"}, "--checkpoint");
  expectUsageError({"train", "--data", data, "--epochs", "many"}, "--epochs");
}

TEST_F(CommandLineTest, ListsDevices) {
  ASSERT_EQ(run({"info", "--devices"}), 0) << read("err");
  std::string text = read("out");
  EXPECT_TRUE(text.starts_with("host        usable ")) << text;
  for (const char *kind : {"\ncuda ", "\nhip ", "\nsimulator "})
    EXPECT_NE(text.find(kind), std::string::npos) << text;
}

TEST_F(CommandLineTest, ErrorsAreOneLineAndStatusOne) {
  expectError({"train", "--data", path("none.csv")}, "none.csv");
  expectError({"train", "--data", "synthetic:nodes=50,events=2000", "--model",
               "missing"},
              "no model 'missing'");
  expectError({"eval", "--data", "synthetic:nodes=50,events=2000",
               "--checkpoint", path("none")},
              "no checkpoint");
  expectError({"gen", "-o", path("no/where.csv")}, "no/where.csv");
  expectError({"train", "--data", "synthetic:nodes=50,events=2000",
               "--checkpoint", "/dev/null/x"},
              "checkpoint");
}

TEST_F(CommandLineTest, ErrorsComeAfterTheLinesBeforeThem) {
  EXPECT_EQ(run({"train", "--data", "synthetic:nodes=50,events=2000",
                 "--epochs", "1", "--metrics", path("no/where")},
                "both", "both"),
            1);
  std::string text = read("both");
  EXPECT_TRUE(text.starts_with("synthetic:")) << text;
  size_t error = text.find("orcinus: error: ");
  ASSERT_NE(error, std::string::npos) << text;
  EXPECT_EQ(text.find('\n', error), text.size() - 1) << text;
}

TEST_F(CommandLineTest, LinesAreThereWhenTheyAreWritten) {
  // More epochs than anyone waits for, so that no end of the run flushes.
  pid_t child = start({"train", "--data", "synthetic:nodes=500,events=100000",
                       "--epochs", "100000", "--patience", "0"});
  siginfo_t ended{};
  while (read("out").find("model tgn: ") == std::string::npos &&
         ended.si_pid == 0 &&
         waitid(P_PID, child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0)
    usleep(1000);
  kill(child, SIGKILL);
  EXPECT_EQ(finish(child), -SIGKILL) << read("err");
  EXPECT_NE(read("out").find("model tgn: "), std::string::npos);
}

TEST_F(CommandLineTest, ATestWithoutTheRunsEventsIsWarnedOf) {
  ASSERT_EQ(
      run({"gen", "--nodes", "80", "--events", "3000", "-o", path("all.csv")}),
      0);
  std::string all = read("all.csv");
  size_t middle = all.find('\n', all.size() / 2) + 1;
  size_t header = all.find('\n') + 1;
  std::ofstream(path("old.csv")) << all.substr(0, middle);
  std::ofstream(path("new.csv")) << all.substr(0, header) << all.substr(middle);
  ASSERT_EQ(run({"train", "--data", path("old.csv"), "--epochs", "1",
                 "--checkpoint", path("run")}),
            0)
      << read("err");
  auto evaluate = [&](const char *file) {
    EXPECT_EQ(run({"eval", "--data", path(file), "--checkpoint", path("run"),
                   "--metrics", path("m")}),
              0)
        << read("err");
    EXPECT_EQ(read("m").rfind("{\"event\":\"test\",\"ap\":0.", 0), 0u);
    return read("err");
  };
  EXPECT_EQ(evaluate("old.csv"), "");
  EXPECT_EQ(evaluate("all.csv"), "");
  std::string warning = evaluate("new.csv");
  EXPECT_EQ(warning.rfind("orcinus: warning: these are not the events", 0), 0u)
      << warning;
  EXPECT_EQ(std::count(warning.begin(), warning.end(), '\n'), 1);
}

TEST_F(CommandLineTest, OutputThatCannotBeWrittenIsAnError) {
  EXPECT_EQ(finish(start({"train", "--data", "synthetic:nodes=50,events=2000",
                          "--epochs", "1"},
                         "/dev/full")),
            1);
  expectOneLine("error");
}

/// The file that stands at `path` now; each checkpoint is another.
ino_t fileAt(const std::string &path) {
  struct stat information;
  return stat(path.c_str(), &information) == 0 ? information.st_ino : 0;
}

/// Kills runs at many moments, with a checkpoint every four batches, and then
/// lets one finish: its metrics are those of a run that was left alone.
TEST_F(CommandLineTest, ResumesAfterKills) {
  const std::string data = "synthetic:nodes=200,events=30000";
  auto words = [&](const std::string &name) {
    return std::vector<std::string>{"train",
                                    "--data",
                                    data,
                                    "--epochs",
                                    "3",
                                    "--lr",
                                    "0.02",
                                    "--threads",
                                    "1",
                                    "--resume",
                                    "--metrics",
                                    path(name + ".jsonl"),
                                    "--checkpoint-batches",
                                    "4",
                                    "--checkpoint",
                                    path(name)};
  };
  ASSERT_EQ(run(words("whole")), 0) << read("err");

  int kills = 0;
  for (int round = 0; round != 12; ++round) {
    ino_t before = fileAt(path("killed/checkpoint"));
    pid_t child = start(words("killed"));
    siginfo_t ended{};
    while (fileAt(path("killed/checkpoint")) == before && ended.si_pid == 0 &&
           waitid(P_PID, child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0)
      usleep(200);
    usleep(1700 * round);
    kill(child, SIGKILL);
    kills += finish(child) == -SIGKILL;
  }
  EXPECT_GT(kills, 2);
  ASSERT_EQ(run(words("killed")), 0) << read("err");
  auto figures = [&](const std::string &name) {
    return std::regex_replace(read(name),
                              std::regex("\"[a-z_]*_seconds\":[^,}]*"), "");
  };
  EXPECT_EQ(figures("killed.jsonl"), figures("whole.jsonl"));
}

} // namespace
