//===- NodeNamesTest.cpp - Checkpoints know what nodes are called ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Report.h"
#include "orcinus/Runtime/Trainer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <unistd.h>

using namespace orcinus;
namespace fs = std::filesystem;

namespace {

class NodeNamesTest : public testing::Test {
protected:
  NodeNamesTest()
      : folder(fs::temp_directory_path() /
               ("orcinus-node-names-" + std::to_string(getpid()))) {
    GeneratorOptions generator;
    generator.nodes = 20;
    generator.events = 400;
    stream = std::move(*generateEventStream(generator));
    options.epochs = 1;
    options.threads = 1;
  }
  ~NodeNamesTest() override { fs::remove_all(folder); }

  StatusOr<Trainer> makeTrainer() const {
    return Trainer::create(std::make_shared<EventStream>(stream),
                           test::makeFakeModel(CompileOptions()), options);
  }

  /// The names in the checkpoint of the stream.
  std::vector<std::string> storedNames() const {
    auto trainer = makeTrainer();
    EXPECT_TRUE(trainer.ok()) << trainer.message();
    Status saved = trainer->save(folder.string());
    EXPECT_TRUE(saved.ok()) << saved.message();
    auto names = readCheckpointNodeNames(folder.string());
    EXPECT_TRUE(names.ok()) << names.message();
    return *names;
  }

  /// The names in the stream.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      result.push_back(stream.nodeName(node));
    return result;
  }

  fs::path folder;
  EventStream stream;
  TrainOptions options;
};

TEST_F(NodeNamesTest, DenseIds) {
  EXPECT_EQ(names()[7], "7");
  EXPECT_EQ(storedNames(), names());
}

TEST_F(NodeNamesTest, IntegersWithGaps) {
  for (int64_t node = 0; node != stream.nodeCount; ++node)
    stream.externalIds.push_back(INT64_MAX - 100 + 2 * node);
  EXPECT_EQ(names()[0], "9223372036854775707");
  EXPECT_EQ(storedNames(), names());
}

TEST_F(NodeNamesTest, Texts) {
  for (int64_t node = 0; node != stream.nodeCount; ++node)
    stream.externalNames.push_back(
        node == 3 ? "" : std::string(node, 'x') + "\n\"" + char('a' + node));
  EXPECT_EQ(storedNames(), names());
}

/// Keeps the notes of a run.
class Notes : public TrainingObserver {
public:
  void onNote(const std::string &note) override { all.push_back(note); }
  std::vector<std::string> all;
};

TEST_F(NodeNamesTest, TheOnlyDestinationIsSaidOnceByItsName) {
  stream.destination = std::vector<int32_t>(stream.destination.size(), 5);
  stream.externalNames.assign(20, "other");
  stream.externalNames[5] = "shop";
  auto trainer = makeTrainer();
  ASSERT_TRUE(trainer.ok()) << trainer.message();
  Notes notes;
  ASSERT_TRUE(trainer->train({}, {}, &notes).ok());
  ASSERT_EQ(notes.all.size(), 1u);
  EXPECT_NE(notes.all[0].find("all events have the destination shop"),
            std::string::npos);
}

TEST_F(NodeNamesTest, AnEmptySplitIsAnErrorBeforeTraining) {
  stream.setSeconds(std::vector<double>(400, 5));
  options.maskedNodeFraction = 0;
  auto trainer = makeTrainer();
  ASSERT_TRUE(trainer.ok()) << trainer.message();
  auto report = trainer->train();
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.message().find("all events have the same time"),
            std::string::npos)
      << report.message();
}

} // namespace
