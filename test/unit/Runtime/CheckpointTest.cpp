//===- CheckpointTest.cpp - Checkpoints, resumed and damaged --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/CheckpointFile.h"
#include "runtime/Train/MetricsLog.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <pthread.h>
#include <regex>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

using namespace orcinus;
namespace fs = std::filesystem;

namespace {

std::string readFile(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void writeFile(const fs::path &path, const std::string &contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

class CheckpointTest : public testing::Test {
protected:
  CheckpointTest() {
    folder = fs::temp_directory_path() /
             ("orcinus-checkpoint-" + std::to_string(getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
    options.epochs = 3;
    options.learningRate = 0.02;
    options.threads = 1;
  }
  ~CheckpointTest() override { fs::remove_all(folder); }

  std::string directory() const { return (folder / "run").string(); }
  fs::path file() const { return folder / "run" / "checkpoint"; }

  Trainer makeTrainer(uint64_t streamSeed = 1, CompileOptions compile = {}) {
    GeneratorOptions generator;
    generator.nodes = 100;
    generator.events = 4000;
    generator.seed = streamSeed;
    auto stream = generateEventStream(generator);
    EXPECT_TRUE(stream.ok());
    auto trainer =
        Trainer::create(std::make_shared<EventStream>(std::move(*stream)),
                        test::makeFakeModel(compile), options);
    EXPECT_TRUE(trainer.ok()) << trainer.message();
    return std::move(*trainer);
  }

  fs::path folder;
  TrainOptions options;
};

/// All that a run is observed by: parameters and embeddings.
std::vector<float> observe(Trainer &trainer) {
  std::span<float> weights = trainer.parameter("weights");
  std::vector<float> result(weights.begin(), weights.end());
  std::vector<int32_t> nodes(100);
  std::vector<double> times(100, 1e9);
  for (int node = 0; node != 100; ++node)
    nodes[node] = node;
  std::vector<float> embeddings(300);
  EXPECT_TRUE(trainer.embed(nodes, times, embeddings).ok());
  result.insert(result.end(), embeddings.begin(), embeddings.end());
  return result;
}

void expectError(const Status &status, const char *words) {
  ASSERT_FALSE(status.ok()) << "wanted: " << words;
  EXPECT_NE(status.message().find(words), std::string::npos)
      << status.message();
  EXPECT_EQ(status.message().find('\n'), std::string::npos);
}

TEST_F(CheckpointTest, ContinuesBitwiseFromEveryBatch) {
  Trainer whole = makeTrainer();
  auto wanted = whole.train();
  ASSERT_TRUE(wanted.ok());
  std::vector<float> wantedState = observe(whole);

  for (int steps : {1, 5, 13, 20, 33}) {
    Trainer first = makeTrainer();
    for (int step = 0; step != steps; ++step) {
      // Epochs are completed, so that validation takes place.
      auto report = first.trainStep();
      ASSERT_TRUE(report.ok());
      if (report->batch == report->batches)
        ASSERT_TRUE(first.trainEpoch().ok());
    }
    ASSERT_TRUE(first.save(directory()).ok());
    Trainer second = makeTrainer();
    Status loaded = second.load(directory());
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(observe(first), observe(second));
    auto report = second.train();
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->test.averagePrecision, wanted->test.averagePrecision);
    EXPECT_EQ(report->bestEpoch, wanted->bestEpoch);
    EXPECT_EQ(observe(second), wantedState);
  }
}

TEST_F(CheckpointTest, SavingOftenChangesNothing) {
  Trainer plain = makeTrainer(), saving = makeTrainer();
  CheckpointOptions checkpoints;
  checkpoints.directory = directory();
  checkpoints.everyBatches = 1;
  auto left = plain.train(), right = saving.train(checkpoints);
  ASSERT_TRUE(left.ok() && right.ok()) << right.message();
  EXPECT_EQ(left->test.averagePrecision, right->test.averagePrecision);
  EXPECT_EQ(observe(plain), observe(saving));
}

TEST_F(CheckpointTest, AFinishedRunIsTestedAgainAndMayGoOn) {
  CheckpointOptions checkpoints;
  checkpoints.directory = directory();
  checkpoints.resume = true;
  auto first = makeTrainer().train(checkpoints);
  auto again = makeTrainer().train(checkpoints);
  ASSERT_TRUE(first.ok() && again.ok()) << again.message();
  EXPECT_EQ(first->test.averagePrecision, again->test.averagePrecision);

  options.epochs = 5;
  Trainer longer = makeTrainer(), whole = makeTrainer();
  auto left = longer.train(checkpoints), right = whole.train();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->test.averagePrecision, right->test.averagePrecision);
  EXPECT_EQ(observe(longer), observe(whole));
}

TEST_F(CheckpointTest, ANewRunDoesNotReplaceAnOldOne) {
  CheckpointOptions checkpoints;
  checkpoints.directory = directory();
  ASSERT_TRUE(makeTrainer().train(checkpoints).ok());
  std::string before = readFile(file());
  expectError(makeTrainer().train(checkpoints).status(), "already holds");
  EXPECT_EQ(readFile(file()), before);
}

TEST_F(CheckpointTest, OtherCommentsMakeNoOtherModel) {
  CompileOptions compile;
  compile.modelText = "size = 4 // a comment\n name = \"a // b\"";
  ASSERT_TRUE(makeTrainer(1, compile).save(directory()).ok());
  for (const char *same :
       {"// a head\nsize = 4\n\n  name = \"a // b\" // and an end",
        "size = 4 name = \"a // b\"\n"}) {
    compile.modelText = same;
    Status status = makeTrainer(1, compile).load(directory());
    EXPECT_TRUE(status.ok()) << same << ": " << status.message();
  }
  for (const char *other :
       {"size = 4 // name = \"a // b\"", "size = 4 name = \"a // c\"",
        "size = 4 name = \"a  // b\""}) {
    compile.modelText = other;
    expectError(makeTrainer(1, compile).load(directory()), "text differs");
  }
}

TEST_F(CheckpointTest, OtherRunsAreRejected) {
  ASSERT_TRUE(makeTrainer().save(directory()).ok());
  CompileOptions compile;
  compile.modelText = "another text";
  expectError(makeTrainer(1, compile).load(directory()), "text differs");
  compile = {};
  compile.layers = 3;
  expectError(makeTrainer(1, compile).load(directory()), "size 'layers' is 2");
  expectError(makeTrainer(2).load(directory()), "another event stream");
  options.batchSize = 100;
  expectError(makeTrainer().load(directory()), "batch size is 200");
  options.batchSize = 200;
  options.seed = 9;
  expectError(makeTrainer().load(directory()), "seed is 0, here it is 9");
  // What may differ.
  options.seed = 0;
  options.epochs = 77;
  options.patience = 1;
  options.prepareAhead = false;
  EXPECT_TRUE(makeTrainer().load(directory()).ok());
}

TEST_F(CheckpointTest, EveryDamageIsFoundAndChangesNothing) {
  Trainer trainer = makeTrainer();
  ASSERT_TRUE(trainer.trainEpoch().ok());
  ASSERT_TRUE(trainer.save(directory()).ok());
  ASSERT_TRUE(trainer.trainStep().ok());
  std::vector<float> before = observe(trainer);
  std::string sound = readFile(file());

  for (size_t length = 0; length < sound.size();
       length += length < 64 ? 1 : sound.size() / 50) {
    writeFile(file(), sound.substr(0, length));
    ASSERT_FALSE(trainer.load(directory()).ok()) << length;
  }
  for (size_t place = 0; place < sound.size();
       place += place < 64 ? 1 : sound.size() / 200) {
    std::string altered = sound;
    altered[place] ^= 0x10;
    writeFile(file(), altered);
    ASSERT_FALSE(trainer.load(directory()).ok()) << place;
  }
  writeFile(file(), sound + "x");
  expectError(trainer.load(directory()), "damaged");
  EXPECT_EQ(trainer.load(directory()).code(), StatusCode::Damaged);
  writeFile(file(), "src,dst,time\n1,2,3\nand so on, for longer than a prefix");
  expectError(trainer.load(directory()), "not a checkpoint");
  fs::remove(file());
  expectError(trainer.load(directory()), "no checkpoint in");
  EXPECT_EQ(observe(trainer), before);

  writeFile(file(), sound);
  EXPECT_TRUE(trainer.load(directory()).ok());
}

TEST_F(CheckpointTest, AFullDiskKeepsTheOldOne) {
  Trainer trainer = makeTrainer();
  ASSERT_TRUE(trainer.save(directory()).ok());
  std::string before = readFile(file());
  ASSERT_TRUE(trainer.trainStep().ok());

  // A limit on the file size stands for the full disk.
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  auto *handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = old;
  small.rlim_cur = 2000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  Status status = trainer.save(directory());
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);

  expectError(status, "cannot write");
  EXPECT_EQ(readFile(file()), before);
  auto entries = fs::directory_iterator(directory());
  EXPECT_EQ(std::distance(fs::begin(entries), fs::end(entries)), 1);
}

TEST_F(CheckpointTest, APathThatIsNoDirectoryIsAnError) {
  writeFile(folder / "run", "a file");
  expectError(makeTrainer().save(directory()), "checkpoint directory");
  EXPECT_EQ(readFile(folder / "run"), "a file");
}

TEST_F(CheckpointTest, LeftoversOfKilledWritersAreRemoved) {
  fs::create_directories(directory());
  writeFile(fs::path(directory()) / "checkpoint.tmp.123.0", "half");
  writeFile(fs::path(directory()) / "notes.txt", "mine");
  CheckpointOptions checkpoints;
  checkpoints.directory = directory();
  ASSERT_TRUE(makeTrainer().train(checkpoints).ok());
  EXPECT_FALSE(fs::exists(fs::path(directory()) / "checkpoint.tmp.123.0"));
  EXPECT_TRUE(fs::exists(fs::path(directory()) / "notes.txt"));
}

TEST_F(CheckpointTest, TellsHowTheRunWasMade) {
  options.batchSize = 123;
  options.seed = ~uint64_t(0);
  CompileOptions compile;
  compile.dropout = 0.3f;
  compile.model = "mine";
  ASSERT_TRUE(makeTrainer(1, compile).save(directory()).ok());
  auto description = readCheckpoint(directory());
  ASSERT_TRUE(description.ok()) << description.message();
  EXPECT_EQ(description->compile.modelText, "fake model mine");
  EXPECT_EQ(description->compile.dropout, 0.3f);
  EXPECT_EQ(description->train.batchSize, 123);
  EXPECT_EQ(description->train.seed, ~uint64_t(0));
  EXPECT_TRUE(holdsCheckpoint(directory()));
  EXPECT_FALSE(holdsCheckpoint(folder.string()));
}

TEST_F(CheckpointTest, TestsOnTheSameAndOnAnotherStream) {
  CheckpointOptions checkpoints;
  checkpoints.directory = directory();
  auto report = makeTrainer().train(checkpoints);
  ASSERT_TRUE(report.ok());
  Trainer same = makeTrainer();
  auto sameRun = same.loadForTest(directory());
  ASSERT_TRUE(sameRun.ok()) << sameRun.message();
  EXPECT_EQ(*sameRun, CheckpointMatch::Run);
  auto again = same.test();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->test.averagePrecision, report->test.averagePrecision);

  Trainer other = makeTrainer(2);
  auto otherRun = other.loadForTest(directory());
  ASSERT_TRUE(otherRun.ok()) << otherRun.message();
  EXPECT_EQ(*otherRun, CheckpointMatch::Model);
  auto metrics = other.replayAndTest();
  ASSERT_TRUE(metrics.ok());
  EXPECT_GT(metrics->averagePrecision, 0.6);
}

//===----------------------------------------------------------------------===//
// Checkpoints whose checksums are right
//===----------------------------------------------------------------------===//

using Json = nlohmann::ordered_json;

/// Writes `directory`'s checkpoint again, changed by `change(header,
/// sections)`, with right checksums.
template <typename Change>
void rewrite(const std::string &directory, Change change) {
  std::map<std::string, std::vector<std::byte>> contents;
  Json header;
  {
    auto file = openCheckpointFile(directory);
    ASSERT_TRUE(file.ok()) << file.message();
    header = file->header();
    for (const Json &each : header["sections"]) {
      std::string name = each["name"];
      contents[name].resize(each["bytes"].get<size_t>());
      ASSERT_TRUE(file->read(name, contents[name]).ok());
    }
  }
  change(header, contents);
  std::vector<FileSection> sections;
  for (const auto &[name, bytes] : contents)
    sections.push_back({name, bytes});
  ASSERT_TRUE(writeCheckpointFile(directory, header, sections).ok());
}

TEST_F(CheckpointTest, ValuesThatNoRunHasAreRejectedAndChangeNothing) {
  Trainer trainer = makeTrainer();
  ASSERT_TRUE(trainer.trainEpoch().ok());
  ASSERT_TRUE(trainer.trainStep().ok());
  ASSERT_TRUE(trainer.save(directory()).ok());
  std::string sound = readFile(file());
  ASSERT_TRUE(trainer.trainStep().ok());
  std::vector<float> before = observe(trainer);

  auto expectRejected = [&](const std::string &what, auto change) {
    writeFile(file(), sound);
    rewrite(directory(), change);
    Status status = trainer.load(directory());
    ASSERT_FALSE(status.ok()) << what;
    EXPECT_NE(status.message().find("malformed"), std::string::npos)
        << what << ": " << status.message();
    EXPECT_EQ(status.message().find('\n'), std::string::npos) << what;
    EXPECT_EQ(observe(trainer), before) << what;
  };
  for (auto [key, value] : std::initializer_list<std::pair<const char *, Json>>{
           {"epochs", -1},
           {"epochs", 2},
           {"epochs", 1e300},
           {"batch", -1},
           {"batch", 1 << 20},
           {"batch", "x"},
           {"batch", 1.5},
           {"steps", -1},
           {"steps", 7},
           {"loss sum", nullptr},
           {"rows", {-1}},
           {"rows", {1e300}},
           {"best epoch", 2},
           {"best average precision", 2},
           {"best area under the curve", -1},
           {"train seconds", -1},
           {"reuse", {{"reads", -1}}},
           {"history", {"a\nb"}},
           {"history", 3},
           {"total seconds", -1}})
    expectRejected(
        key, [&](Json &header, auto &) { header["position"][key] = value; });
  for (const char *prefix : {"index:", "best index:"}) {
    auto events = [&](int32_t value) {
      return [=](Json &, auto &sections) {
        auto &bytes = sections[std::string(prefix) + "pending_events"];
        auto *values = reinterpret_cast<int32_t *>(bytes.data());
        std::fill(values, values + bytes.size() / sizeof(int32_t), value);
      };
    };
    for (int32_t event : {-2, 4000, std::numeric_limits<int32_t>::max(), 0})
      expectRejected(prefix + std::to_string(event), events(event));
    for (double time : {std::numeric_limits<double>::quiet_NaN(), 1e300,
                        -std::numeric_limits<double>::infinity()})
      expectRejected(
          prefix + std::to_string(time), [&](Json &, auto &sections) {
            auto &bytes = sections[std::string(prefix) + "last_updates"];
            auto *values = reinterpret_cast<double *>(bytes.data());
            std::fill(values, values + bytes.size() / sizeof(double), time);
          });
  }
  writeFile(file(), sound);
  EXPECT_TRUE(trainer.load(directory()).ok());
}

TEST_F(CheckpointTest, OptionsThatNoRunHasAreRejected) {
  ASSERT_TRUE(makeTrainer().save(directory()).ok());
  std::string sound = readFile(file());
  for (auto [key, value] : std::initializer_list<std::pair<const char *, Json>>{
           {"threads", 1 << 20},
           {"threads", 1e300},
           {"batch size", 0},
           {"dropout", "x"},
           {"dropout", 7},
           {"reuse", "guess"},
           {"seed", -1},
           {"layers", -3},
           {"block gradient", 3}}) {
    writeFile(file(), sound);
    rewrite(directory(),
            [&](Json &header, auto &) { header["options"][key] = value; });
    expectError(readCheckpoint(directory()).status(), "malformed");
  }
}

TEST_F(CheckpointTest, SectionsBeyondTheFileAreRejected) {
  ASSERT_TRUE(makeTrainer().save(directory()).ok());
  rewrite(directory(), [](Json &, auto &sections) {
    sections.erase("index:pending_events");
  });
  expectError(makeTrainer().load(directory()), "pending_events");
}

//===----------------------------------------------------------------------===//
// Errors within a run
//===----------------------------------------------------------------------===//

/// What makes the next step fail, until it is taken back.
void setWeights(Trainer &trainer, const std::vector<float> &values) {
  std::ranges::copy(values, trainer.parameter("weights").begin());
}

TEST_F(CheckpointTest, AnErrorWithinABatchIsNotRepaired) {
  Trainer trainer = makeTrainer(), whole = makeTrainer();
  for (int step = 0; step != 3; ++step)
    ASSERT_TRUE(trainer.trainStep().ok());
  ASSERT_TRUE(trainer.save(directory()).ok());
  std::string saved = readFile(file());
  std::span<float> weights = trainer.parameter("weights");
  std::vector<float> sound(weights.begin(), weights.end());
  setWeights(trainer, {NAN, NAN, NAN, NAN});
  expectError(trainer.trainStep().status(), "not finite");
  setWeights(trainer, sound);

  // The batch's events are in the states already: nothing may go on from here.
  const char *refusal = "an earlier error left this trainer within a batch";
  std::vector<float> row(3);
  expectError(trainer.trainStep().status(), refusal);
  expectError(trainer.trainEpoch().status(), refusal);
  expectError(trainer.train().status(), refusal);
  expectError(trainer.replayAndTest().status(), refusal);
  expectError(trainer.embed(std::vector{1}, std::vector{1e9}, row), refusal);
  expectError(trainer.save(directory()), refusal);
  EXPECT_EQ(readFile(file()), saved);

  // But from a checkpoint.
  ASSERT_TRUE(trainer.load(directory()).ok());
  ASSERT_TRUE(trainer.train().ok());
  ASSERT_TRUE(whole.train().ok());
  EXPECT_EQ(observe(trainer), observe(whole));
}

TEST_F(CheckpointTest, AnErrorWithinAValidationIsNotRepaired) {
  Trainer trainer = makeTrainer();
  for (;;) {
    auto report = trainer.trainStep();
    ASSERT_TRUE(report.ok());
    if (report->batch == report->batches)
      break;
  }
  std::span<float> weights = trainer.parameter("weights");
  std::vector<float> sound(weights.begin(), weights.end());
  setWeights(trainer, {NAN, NAN, NAN, NAN});
  expectError(trainer.trainEpoch().status(), "not finite");
  setWeights(trainer, sound);
  expectError(trainer.trainEpoch().status(), "an earlier error");
  EXPECT_EQ(trainer.trainEpoch().code(), StatusCode::Unusable);
}

TEST_F(CheckpointTest, ARunGoesOnAfterACheckpointThatCouldNotBeWritten) {
  CheckpointOptions checkpoints;
  checkpoints.directory = (folder / "file" / "run").string();
  checkpoints.everyBatches = 2;
  writeFile(folder / "file", "no directory");
  Trainer trainer = makeTrainer(), whole = makeTrainer();
  expectError(trainer.train(checkpoints).status(), "checkpoint directory");
  fs::remove(folder / "file");
  auto report = trainer.train(checkpoints), wanted = whole.train();
  ASSERT_TRUE(report.ok() && wanted.ok()) << report.message();
  EXPECT_EQ(report->test.averagePrecision, wanted->test.averagePrecision);
  EXPECT_EQ(observe(trainer), observe(whole));
}

TEST_F(CheckpointTest, AThreadThatCannotStartIsAnError) {
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_getattr_default_np(&huge), 0);
  // No address space has room for such a stack.
  ASSERT_EQ(pthread_attr_setstacksize(&huge, size_t(1) << 60), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  auto stream = generateEventStream({});
  auto trainer =
      Trainer::create(std::make_shared<EventStream>(std::move(*stream)),
                      test::makeFakeModel(), options);
  pthread_setattr_default_np(&usual);
  pthread_attr_destroy(&huge);
  pthread_attr_destroy(&usual);
  expectError(trainer.status(), "cannot start the thread");
}

//===----------------------------------------------------------------------===//
// The metrics file
//===----------------------------------------------------------------------===//

class MetricsTest : public CheckpointTest {
protected:
  MetricsTest() { checkpoints.directory = directory(); }

  std::string metrics() const { return (folder / "metrics.jsonl").string(); }

  /// The file without its times, which no two runs share.
  std::string lines() const {
    std::string text = readFile(metrics());
    return std::regex_replace(text, std::regex("\"[a-z_]*_seconds\":[^,}]*"),
                              "");
  }

  CheckpointOptions checkpoints;
};

TEST_F(MetricsTest, OneLineAnEpochAndOneForTheTest) {
  ASSERT_TRUE(makeTrainer().train({}, metrics()).ok());
  std::string text = lines();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(text.rfind("{\"event\":\"epoch\",\"epoch\":1,", 0), 0u);
  EXPECT_NE(text.find("\n{\"event\":\"test\",\"ap\":"), std::string::npos);
}

TEST_F(MetricsTest, AResumedRunsFileIsThatOfOneRun) {
  ASSERT_TRUE(makeTrainer().train({}, metrics()).ok());
  std::string whole = lines();
  fs::remove(metrics());

  options.epochs = 2;
  ASSERT_TRUE(makeTrainer().train(checkpoints, metrics()).ok());
  std::string early = readFile(metrics());
  // Killed within a line, after a line, or before it was written.
  for (size_t keep : {early.size(), early.size() - 20, early.find('\n') + 1,
                      early.find('\n') + 9, size_t(0)}) {
    options.epochs = 3;
    fs::path copy = folder / "copy";
    fs::remove_all(copy);
    fs::copy(directory(), copy);
    writeFile(metrics(), early.substr(0, keep));
    CheckpointOptions resumed;
    resumed.directory = copy.string();
    resumed.resume = true;
    ASSERT_TRUE(makeTrainer().train(resumed, metrics()).ok());
    EXPECT_EQ(lines(), whole) << keep;
  }
}

TEST_F(MetricsTest, AFileOfAnotherRunIsAddedTo) {
  options.epochs = 1;
  ASSERT_TRUE(makeTrainer().train(checkpoints).ok());
  writeFile(metrics(), "something else\n");
  checkpoints.resume = true;
  ASSERT_TRUE(makeTrainer().train(checkpoints, metrics()).ok());
  std::string text = lines();
  EXPECT_EQ(text.rfind("something else\n{\"event\":\"epoch\"", 0), 0u) << text;
}

/// What `--resume` makes of a file, whatever it holds.
TEST_F(MetricsTest, AResumedRunKeepsAllButItsOwnLaterLines) {
  const std::string own = "{\"event\":\"epoch\",\"epoch\":";
  const std::vector<std::string> history = {own + "1}", own + "2}"};
  const std::string first = history[0] + "\n", both = first + history[1] + "\n";
  const std::string foreign = "a line\nand a second\n", later = own + "3}\n";
  struct Case {
    std::string before;
    size_t epochs;
    std::string after;
  };
  for (const Case &each : std::initializer_list<Case>{
           // Nothing was written yet: whatever is there is kept.
           {"", 0, ""},
           {foreign, 0, foreign},
           {first, 0, first},
           {"no end", 0, "no end\n"},
           {"{\"event\":\"ep", 0, "{\"event\":\"ep\n"},
           {std::string("\0\1\n", 3), 0, std::string("\0\1\n", 3)},
           // The run's lines, whole, missing, cut short, and to come again.
           {"", 2, both},
           {first, 2, both},
           {both, 2, both},
           {both + later, 2, both},
           {both + later + own, 2, both},
           {first + own, 2, both},
           {first.substr(0, first.size() - 1), 2, both},
           {both + "{\"event\":\"test\"}\n", 1, first},
           // The same behind something else.
           {foreign, 2, foreign + both},
           {"no end", 1, "no end\n" + first},
           {foreign + both + later, 2, foreign + both},
           {foreign + first, 2, foreign + both},
           // Something else behind: nothing is cut off.
           {both + foreign, 2, both + foreign},
           {both + later + foreign, 2, both + later + foreign},
           {first + foreign, 2, first + foreign + history[1] + "\n"}}) {
    writeFile(metrics(), each.before);
    auto log = MetricsLog::open(metrics(), /*resumed=*/true,
                                std::span(history).first(each.epochs));
    ASSERT_TRUE(log.ok()) << log.message();
    EXPECT_EQ(readFile(metrics()), each.after) << each.before;
    ASSERT_TRUE(log->append("next").ok());
    EXPECT_EQ(readFile(metrics()), each.after + "next\n") << each.before;
  }
}

TEST_F(MetricsTest, ARunThatIsResumedBeforeAnEpochKeepsTheFile) {
  ASSERT_TRUE(makeTrainer().save(directory()).ok());
  writeFile(metrics(), "mine\n");
  checkpoints.resume = true;
  options.epochs = 1;
  ASSERT_TRUE(makeTrainer().train(checkpoints, metrics()).ok());
  EXPECT_EQ(readFile(metrics()).rfind("mine\n{\"event\":\"epoch\"", 0), 0u);
}

TEST_F(MetricsTest, TheInductiveAreaAndTheTimesAreThere) {
  ASSERT_TRUE(makeTrainer().train({}, metrics()).ok());
  std::ifstream file(metrics());
  std::string text, last;
  ASSERT_TRUE(std::getline(file, text));
  Json epoch = Json::parse(text);
  EXPECT_GT(epoch.at("val_auc_inductive").get<double>(), 0);
  double epochs = 0;
  do {
    Json line = Json::parse(last = text);
    epochs += line.value("train_seconds", 0.0) + line.value("val_seconds", 0.0);
  } while (std::getline(file, text));
  Json test = Json::parse(last);
  EXPECT_GT(test.at("test_seconds").get<double>(), 0);
  EXPECT_GE(test.at("compile_seconds").get<double>(), 0);
  EXPECT_GE(test.at("total_seconds").get<double>(),
            epochs + test["test_seconds"].get<double>());
}

TEST_F(MetricsTest, AFileThatCannotBeWrittenIsAnError) {
  expectError(makeTrainer().train({}, "/dev/full").status(), "metrics");
  expectError(
      makeTrainer().train({}, (folder / "no" / "file").string()).status(),
      "metrics");
}

} // namespace
