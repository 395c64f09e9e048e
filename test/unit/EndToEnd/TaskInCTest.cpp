//===- TaskInCTest.cpp - Training by the C interface ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/c/Orcinus.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus::test;

namespace {

std::string take(char *text) {
  std::string result = text ? text : "";
  orcinus_string_free(text);
  return result;
}

/// Options of a small run.
orcinus_options *
smallOptions(const std::vector<std::pair<const char *, const char *>> &more) {
  orcinus_options *options = orcinus_options_create(nullptr);
  static const std::string cache = testing::TempDir() + "orcinus-end-to-end";
  for (auto [name, value] : std::vector<std::pair<const char *, const char *>>{
           {"dim", "8"},
           {"layers", "1"},
           {"neighbours", "3"},
           {"epochs", "1"},
           {"threads", "1"},
           {"lr", "0.01"},
           {"cache-dir", cache.c_str()}})
    EXPECT_EQ(orcinus_options_set(options, name, value, nullptr), 0) << name;
  for (auto [name, value] : more)
    EXPECT_EQ(orcinus_options_set(options, name, value, nullptr), 0) << name;
  return options;
}

TEST(TaskInCTest, TrainsByLabelsAndPredicts) {
  TemporaryFolder folder;
  std::string text = "source,destination,time,kind\n";
  for (int event = 0; event != 900; ++event)
    text += std::to_string(event * 7 % 31) + "," +
            std::to_string(31 + event * 11 % 17) + "," +
            std::to_string(event * 3) + "," + "abc"[event * 7 % 31 % 3] + "\n";
  std::string file = folder.write("events.csv", text);
  char *error = nullptr;
  orcinus_options *options = smallOptions({{"task", "node-classification"},
                                           {"label-columns", "kind"},
                                           {"mask-nodes", "0"}});
  orcinus_stream *stream = orcinus_stream_open(file.c_str(), options, &error);
  ASSERT_NE(stream, nullptr) << take(error);
  ASSERT_EQ(orcinus_options_set_labels(options, stream, nullptr, &error), 0)
      << take(error);
  orcinus_model *model = orcinus_model_compile(options, stream, &error);
  ASSERT_NE(model, nullptr) << take(error);
  orcinus_trainer *trainer =
      orcinus_trainer_create(stream, model, options, &error);
  ASSERT_NE(trainer, nullptr) << take(error);
  EXPECT_TRUE(std::isnan(orcinus_trainer_figure(trainer, "accuracy")));
  std::string run = folder.path("run");
  orcinus_test_report report;
  ASSERT_EQ(orcinus_trainer_train(trainer, run.c_str(), 0, nullptr, nullptr,
                                  nullptr, &report, &error),
            0)
      << take(error);
  EXPECT_TRUE(std::isnan(report.test.average_precision));
  double accuracy = orcinus_trainer_figure(trainer, "accuracy");
  EXPECT_TRUE(accuracy >= 0 && accuracy <= 1) << accuracy;
  EXPECT_TRUE(
      std::isfinite(orcinus_trainer_figure(trainer, "majority_accuracy")));
  EXPECT_TRUE(std::isnan(orcinus_trainer_figure(trainer, "rmse")));
  EXPECT_EQ(take(orcinus_checkpoint_class(run.c_str(), 2, &error)), "c");
  EXPECT_EQ(orcinus_checkpoint_class(run.c_str(), 3, &error), nullptr);

  orcinus_session *session =
      orcinus_session_open(run.c_str(), stream, options, &error);
  ASSERT_NE(session, nullptr) << take(error);
  ASSERT_EQ(orcinus_session_prediction_width(session), 3);
  std::vector<int32_t> nodes = {0, 5};
  std::vector<double> times = {3000, 3000};
  std::vector<float> logits(6, NAN);
  ASSERT_EQ(orcinus_session_predict(session, nodes.data(), times.data(), 2,
                                    logits.data(), &error),
            0)
      << take(error);
  for (float logit : logits)
    EXPECT_TRUE(std::isfinite(logit));

  // Another task begins with this one's encoder.
  orcinus_options *shares = smallOptions({{"task", "node-property"},
                                          {"freeze-encoder", "true"},
                                          {"mask-nodes", "0"}});
  std::string labels = folder.write(
      "labels.csv", "node,time,class,weight\n1,50,x,0.5\n1,50,y,0.5\n"
                    "2,90,x,1\n1,2400,x,1\n2,2650,y,1\n");
  ASSERT_EQ(orcinus_options_set_labels(shares, stream, labels.c_str(), &error),
            0)
      << take(error);
  orcinus_model *other = orcinus_model_compile(shares, stream, &error);
  ASSERT_NE(other, nullptr) << take(error);
  orcinus_trainer *head = orcinus_trainer_create(stream, other, shares, &error);
  ASSERT_NE(head, nullptr) << take(error);
  EXPECT_EQ(orcinus_trainer_load_encoder(head, run.c_str(), &error), 0)
      << take(error);
  std::string none = folder.path("none");
  EXPECT_EQ(orcinus_trainer_load_encoder(head, none.c_str(), &error), -1);
  EXPECT_NE(take(error).find("none"), std::string::npos);
  orcinus_options *wrong = smallOptions({});
  EXPECT_EQ(orcinus_options_set_labels(wrong, stream, nullptr, &error), -1);
  EXPECT_NE(take(error), "");

  orcinus_options_free(wrong);
  orcinus_trainer_free(head);
  orcinus_model_free(other);
  orcinus_options_free(shares);
  orcinus_session_free(session);
  orcinus_trainer_free(trainer);
  orcinus_model_free(model);
  orcinus_stream_free(stream);
  orcinus_options_free(options);
}

/// What a run of one epoch writes into its metrics file.
std::string metricsOfRun(orcinus_options *options,
                         const TemporaryFolder &folder) {
  char *error = nullptr;
  orcinus_stream *stream =
      orcinus_stream_open("synthetic:nodes=60,events=900", nullptr, &error);
  orcinus_model *model = orcinus_model_compile(options, stream, &error);
  EXPECT_NE(model, nullptr) << take(error);
  orcinus_trainer *trainer =
      model ? orcinus_trainer_create(stream, model, options, &error) : nullptr;
  EXPECT_NE(trainer, nullptr) << take(error);
  std::string metrics = folder.path("metrics");
  if (trainer)
    EXPECT_EQ(orcinus_trainer_train(trainer, nullptr, 0, metrics.c_str(),
                                    nullptr, nullptr, nullptr, &error),
              0)
        << take(error);
  orcinus_trainer_free(trainer);
  orcinus_model_free(model);
  orcinus_stream_free(stream);
  orcinus_options_free(options);
  return trainer ? folder.read("metrics") : "";
}

TEST(TrainingInCTest, MeasuresStalenessInFourBatches) {
  TemporaryFolder folder;
  std::string metrics =
      metricsOfRun(smallOptions({{"layers", "2"},
                                 {"reuse", "push-pull"},
                                 {"batch-size", "50"},
                                 {"measure-staleness", "true"}}),
                   folder);
  int measured = 0;
  const std::string line = "\"event\":\"staleness\"";
  for (size_t at = metrics.find(line); at != std::string::npos;
       at = metrics.find(line, at + 1))
    ++measured;
  EXPECT_EQ(measured, 4) << metrics;
}

TEST(TrainingInCTest, TrainsInShards) {
  TemporaryFolder folder;
  std::string metrics = metricsOfRun(smallOptions({{"shards", "2"}}), folder);
  EXPECT_NE(metrics.find("\"event\":\"test\""), std::string::npos) << metrics;
}

} // namespace
