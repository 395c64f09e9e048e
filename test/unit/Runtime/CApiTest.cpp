//===- CApiTest.cpp - The C API -------------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/c/Orcinus.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

/// Takes an error message over.
std::string take(char *error) {
  std::string result = error ? error : "";
  orcinus_string_free(error);
  return result;
}

class CApiTest : public testing::Test {
protected:
  CApiTest() {
    stream =
        orcinus_stream_open("synthetic:nodes=100,events=3000", nullptr, &error);
    model = orcinus_model_compile(nullptr, stream, &error);
    orcinus_options *options = orcinus_options_create(&error);
    for (auto [name, value] :
         {std::pair("epochs", "2"), {"threads", "1"}, {"lr", "0.02"}})
      EXPECT_EQ(orcinus_options_set(options, name, value, nullptr), 0);
    trainer = orcinus_trainer_create(stream, model, options, &error);
    orcinus_options_free(options);
  }
  ~CApiTest() override {
    orcinus_trainer_free(trainer);
    orcinus_model_free(model);
    orcinus_stream_free(stream);
  }

  char *error = nullptr;
  orcinus_stream *stream;
  orcinus_model *model;
  orcinus_trainer *trainer;
};

TEST_F(CApiTest, TrainsAndSavesAndLoads) {
  ASSERT_NE(trainer, nullptr) << take(error);
  EXPECT_EQ(orcinus_stream_event_count(stream), 3000);
  EXPECT_EQ(orcinus_stream_node_count(stream), 100);
  double loss = -1;
  EXPECT_EQ(orcinus_trainer_step(trainer, &loss, nullptr), 0);
  EXPECT_GT(loss, 0);
  orcinus_epoch_report epoch;
  ASSERT_EQ(orcinus_trainer_epoch(trainer, &epoch, &error), 0) << take(error);
  EXPECT_EQ(epoch.epoch, 1);
  EXPECT_GT(epoch.validation.average_precision, 0.5);

  std::string directory = (std::filesystem::temp_directory_path() /
                           ("orcinus-c-" + std::to_string(getpid())))
                              .string();
  ASSERT_EQ(orcinus_trainer_save(trainer, directory.c_str(), &error), 0)
      << take(error);
  orcinus_options *stored =
      orcinus_options_of_checkpoint(directory.c_str(), &error);
  ASSERT_NE(stored, nullptr) << take(error);
  EXPECT_EQ(take(orcinus_options_get(stored, "lr", nullptr)), "0.02");
  EXPECT_EQ(take(orcinus_options_get(stored, "epochs", nullptr)), "2");
  orcinus_options_free(stored);
  orcinus_test_report before, after;
  ASSERT_EQ(orcinus_trainer_test(trainer, &before, &error), 0);
  ASSERT_EQ(orcinus_trainer_load(trainer, directory.c_str(), &error), 0)
      << take(error);
  ASSERT_EQ(orcinus_trainer_test(trainer, &after, nullptr), 0);
  EXPECT_EQ(before.test.average_precision, after.test.average_precision);
  std::filesystem::remove_all(directory);
  ASSERT_EQ(orcinus_trainer_load(trainer, directory.c_str(), &error), -1);
  EXPECT_NE(take(error).find("no checkpoint"), std::string::npos);
  EXPECT_EQ(orcinus_last_code(), ORCINUS_INPUT_OUTPUT);
}

TEST_F(CApiTest, AlignsGrownStreams) {
  ASSERT_NE(trainer, nullptr) << take(error);
  auto scratch = std::filesystem::temp_directory_path() /
                 ("orcinus-c-grown-" + std::to_string(getpid()));
  std::filesystem::create_directory(scratch);
  std::string csv = (scratch / "events.csv").string();
  auto open = [&](int events) {
    std::ofstream file(csv);
    file << "u,v,t\n";
    for (int event = 0; event != events; ++event)
      file << (event < 600 ? 10 * (event % 17) : 15) << ',' << 10 * (event % 23)
           << ',' << event << '\n';
    file.close();
    return orcinus_stream_open(csv.c_str(), nullptr, &error);
  };
  orcinus_stream *old = open(600), *grown = open(700);
  ASSERT_TRUE(old && grown) << take(error);
  orcinus_trainer *first = orcinus_trainer_create(old, model, nullptr, &error);
  ASSERT_NE(first, nullptr) << take(error);
  std::string run = (scratch / "run").string();
  ASSERT_EQ(orcinus_trainer_epoch(first, nullptr, &error), 0) << take(error);
  ASSERT_EQ(orcinus_trainer_save(first, run.c_str(), &error), 0) << take(error);

  EXPECT_EQ(orcinus_stream_find_node(old, 20), 2);
  EXPECT_EQ(orcinus_stream_find_node(grown, 20), 3);
  EXPECT_EQ(orcinus_stream_align(grown, "nowhere", &error), -1);
  EXPECT_NE(take(error).find("no checkpoint"), std::string::npos);
  ASSERT_EQ(orcinus_stream_align(grown, run.c_str(), &error), 0) << take(error);
  EXPECT_EQ(orcinus_stream_find_node(grown, 20), 2);
  EXPECT_EQ(orcinus_stream_find_node(grown, 15), 23);
  EXPECT_EQ(orcinus_stream_external_id(grown, 23), 15);

  orcinus_trainer_free(first);
  orcinus_stream_free(grown);
  orcinus_stream_free(old);
  std::filesystem::remove_all(scratch);
}

TEST_F(CApiTest, RunsAsAWhole) {
  orcinus_test_report report;
  std::vector<int> epochs;
  auto observe = [](const orcinus_epoch_report *epoch, void *user) {
    static_cast<std::vector<int> *>(user)->push_back(epoch->epoch);
  };
  ASSERT_EQ(orcinus_trainer_train(trainer, nullptr, 0, nullptr, observe,
                                  &epochs, &report, &error),
            0)
      << take(error);
  EXPECT_EQ(epochs, (std::vector<int>{1, 2}));
  EXPECT_GT(report.test.area_under_curve, 0.5);
  EXPECT_GE(report.best_epoch, 1);
  ASSERT_EQ(orcinus_trainer_train(trainer, nullptr, 1, nullptr, nullptr,
                                  nullptr, nullptr, &error),
            -1);
  EXPECT_NE(take(error).find("checkpoint directory"), std::string::npos);
}

TEST_F(CApiTest, EmbedsQueries) {
  ASSERT_EQ(orcinus_trainer_embedding_width(trainer), 3);
  std::vector<int32_t> nodes{1, 2}, outside{100};
  std::vector<double> times{1e9, 1e9};
  std::vector<float> rows(6, NAN);
  ASSERT_EQ(orcinus_trainer_embed(trainer, nodes.data(), times.data(), 2,
                                  rows.data(), &error),
            0);
  EXPECT_TRUE(std::isfinite(rows[5]));
  EXPECT_EQ(orcinus_trainer_embed(trainer, outside.data(), times.data(), 1,
                                  rows.data(), &error),
            -1);
  EXPECT_NE(take(error).find("node 100"), std::string::npos);
  auto refuse = [&](const int32_t *who, const double *when, int64_t queries,
                    float *result, const char *words) {
    EXPECT_EQ(
        orcinus_trainer_embed(trainer, who, when, queries, result, &error), -1);
    EXPECT_NE(take(error).find(words), std::string::npos) << words;
    EXPECT_EQ(orcinus_last_code(), ORCINUS_INVALID_ARGUMENT);
  };
  refuse(nodes.data(), times.data(), -1, rows.data(), "number of nodes: -1");
  refuse(nullptr, times.data(), 2, rows.data(), "the nodes are null");
  refuse(nodes.data(), nullptr, 2, rows.data(), "the times are null");
  refuse(nodes.data(), times.data(), 2, nullptr, "of the result are null");
  refuse(nodes.data(), times.data(), INT64_MAX, rows.data(),
         "more than there can be");
  EXPECT_EQ(
      orcinus_trainer_embed(trainer, nullptr, nullptr, 0, nullptr, &error), 0)
      << take(error);
}

TEST_F(CApiTest, FiguresAreThoseOfLabels) {
  ASSERT_NE(trainer, nullptr) << take(error);
  ASSERT_EQ(orcinus_trainer_epoch(trainer, nullptr, &error), 0) << take(error);
  EXPECT_TRUE(std::isnan(orcinus_trainer_figure(trainer, "accuracy")));
  EXPECT_TRUE(std::isnan(orcinus_trainer_figure(trainer, nullptr)));
}

TEST(CApiOptionsTest, AreSetByName) {
  char *error = nullptr;
  orcinus_options *options = orcinus_options_create(&error);
  ASSERT_NE(options, nullptr) << take(error);
  auto expect = [&](const char *name, const char *value) {
    EXPECT_EQ(take(orcinus_options_get(options, name, nullptr)), value) << name;
  };
  expect("model", "tgn");
  expect("layers", "");
  expect("cache", "true");
  expect("late-events", "refuse");
  for (auto [name, value] : {std::pair("layers", "3"),
                             {"reuse", "push-pull"},
                             {"capacity", "100"},
                             {"block-gradient", "false"},
                             {"dropout", "0.25"},
                             {"tuning-db", "some.db"},
                             {"seed", "18446744073709551615"},
                             {"sort", "true"},
                             {"columns", "uvt"},
                             {"late-events", "clamp"}}) {
    EXPECT_EQ(orcinus_options_set(options, name, value, &error), 0)
        << take(error);
    expect(name, value);
  }
  EXPECT_EQ(orcinus_options_set(options, "memory", "2MiB", &error), 0);
  expect("memory", "2097152");
  auto reject = [&](const char *name, const char *value, const char *words) {
    EXPECT_EQ(orcinus_options_set(options, name, value, &error), -1);
    EXPECT_NE(take(error).find(words), std::string::npos) << name;
  };
  reject("colour", "red", "no option 'colour'; there are: model, layers");
  reject("layers", "17", "'17' is not a whole number of at least 1");
  reject("layers", "-1", "at most 16");
  reject("memory", "2Mi", "option 'memory': '2Mi' is not a number of bytes");
  reject("threads", "two", "'two' is not a whole number");
  reject("dropout", "nan", "'nan' is not a number");
  reject("reuse", "always", "none push-pull recompute");
  reject("sort", "yes", "neither true nor false");
  reject("late-events", "drop", "refuse clamp");
  expect("layers", "3");
  EXPECT_EQ(orcinus_options_get(options, "", nullptr), nullptr);
  EXPECT_EQ(orcinus_options_of_checkpoint("nowhere", &error), nullptr);
  EXPECT_NE(take(error).find("nowhere"), std::string::npos);
  orcinus_options_free(options);
}

TEST(CApiStreamTest, NamesNodes) {
  std::string path = testing::TempDir() + "orcinus-c-names.csv";
  auto open = [&](const char *text) {
    std::ofstream(path) << text;
    char *error = nullptr;
    orcinus_stream *stream = orcinus_stream_open(path.c_str(), nullptr, &error);
    EXPECT_NE(stream, nullptr) << take(error);
    return stream;
  };
  orcinus_stream *texts = open("u,v,t\nann,bob,0\nbob,7,1\n");
  EXPECT_EQ(take(orcinus_stream_node_name(texts, 1)), "bob");
  EXPECT_EQ(take(orcinus_stream_node_name(texts, 2)), "7");
  EXPECT_EQ(orcinus_stream_node_name(texts, 3), nullptr);
  EXPECT_EQ(orcinus_stream_find_node_named(texts, "7"), 2);
  EXPECT_EQ(orcinus_stream_find_node_named(texts, "eve"), -1);
  EXPECT_EQ(orcinus_stream_find_node_named(texts, nullptr), -1);
  EXPECT_EQ(orcinus_stream_find_node(texts, 7), -1);
  EXPECT_EQ(orcinus_stream_external_id(texts, 2), -1);
  orcinus_stream_free(texts);

  orcinus_stream *integers = open("u,v,t\n5,900,0\n900,7,1\n");
  EXPECT_EQ(take(orcinus_stream_node_name(integers, 2)), "900");
  EXPECT_EQ(orcinus_stream_find_node_named(integers, "900"), 2);
  EXPECT_EQ(orcinus_stream_find_node_named(integers, "900x"), -1);
  EXPECT_EQ(orcinus_stream_find_node_named(integers, nullptr), -1);
  orcinus_stream_free(integers);
  std::remove(path.c_str());
}

TEST(CApiStreamTest, ChecksArrays) {
  std::vector<int32_t> source{0, 1, 2}, destination{1, 2, 0};
  std::vector<double> time{0, 1, 1};
  std::vector<float> features{1, 2, 3};
  auto create = [&](int32_t nodes, char **error) {
    return orcinus_stream_create(source.data(), destination.data(), time.data(),
                                 3, nodes, features.data(), 1, features.data(),
                                 1, error);
  };
  char *error = nullptr;
  orcinus_stream *stream = create(3, &error);
  ASSERT_NE(stream, nullptr) << take(error);
  EXPECT_EQ(error, nullptr);
  EXPECT_EQ(orcinus_stream_find_node(stream, 2), 2);
  EXPECT_EQ(orcinus_stream_find_node(stream, 3), -1);
  EXPECT_EQ(orcinus_stream_external_id(stream, 1), 1);
  EXPECT_EQ(orcinus_stream_external_id(stream, 9), -1);
  orcinus_stream_free(stream);

  EXPECT_EQ(create(2, &error), nullptr);
  EXPECT_NE(take(error).find("out of range"), std::string::npos);
  time[2] = 0.5;
  EXPECT_EQ(create(3, &error), nullptr);
  EXPECT_NE(take(error).find("earlier"), std::string::npos);
  time[2] = NAN;
  EXPECT_EQ(create(3, &error), nullptr);
  EXPECT_NE(take(error).find("finite"), std::string::npos);
  EXPECT_EQ(create(3, nullptr), nullptr);
}

TEST(CApiStreamTest, RefusesArraysThatAreNotThere) {
  int32_t ends[2] = {0, 1};
  double times[2] = {0, 1};
  float features[2] = {1, 2};
  auto refuse = [&](const int32_t *source, const int32_t *destination,
                    const double *time, int64_t events, const float *ofEdges,
                    int64_t edgeColumns, const float *ofNodes,
                    int64_t nodeColumns, const char *words) {
    char *error = nullptr;
    EXPECT_EQ(orcinus_stream_create(source, destination, time, events, 2,
                                    ofEdges, edgeColumns, ofNodes, nodeColumns,
                                    &error),
              nullptr)
        << words;
    EXPECT_NE(take(error).find(words), std::string::npos) << words;
    EXPECT_EQ(orcinus_last_code(), ORCINUS_INVALID_ARGUMENT);
  };
  refuse(nullptr, ends, times, 2, nullptr, 0, nullptr, 0, "sources are null");
  refuse(ends, nullptr, times, 2, nullptr, 0, nullptr, 0,
         "destinations are null");
  refuse(ends, ends, nullptr, 2, nullptr, 0, nullptr, 0, "times are null");
  refuse(ends, ends, times, 2, nullptr, 1, nullptr, 0,
         "edge features are null");
  refuse(ends, ends, times, 2, nullptr, 0, nullptr, 1,
         "node features are null");
  refuse(ends, ends, times, 2, features, INT64_MAX, nullptr, 0,
         "edge features are more than there can be");
  refuse(ends, ends, times, -1, nullptr, 0, nullptr, 0, "2^31-1 events");
  refuse(ends, ends, times, 2, features, -1, nullptr, 0, "no negative number");
}

TEST(CApiStreamTest, ErrorsAreMessages) {
  char *error = nullptr;
  EXPECT_EQ(orcinus_stream_open("no such file", nullptr, &error), nullptr);
  EXPECT_FALSE(take(error).empty());
  EXPECT_EQ(orcinus_last_code(), ORCINUS_INPUT_OUTPUT);
  EXPECT_EQ(orcinus_stream_open(nullptr, nullptr, &error), nullptr);
  EXPECT_FALSE(take(error).empty());
  EXPECT_EQ(orcinus_stream_open("synthetic:nodes=many", nullptr, &error),
            nullptr);
  EXPECT_FALSE(take(error).empty());
  EXPECT_EQ(orcinus_last_code(), ORCINUS_INVALID_ARGUMENT);
  orcinus_stream *stream =
      orcinus_stream_open("synthetic:nodes=9,events=9", nullptr, &error);
  EXPECT_EQ(error, nullptr);
  EXPECT_EQ(orcinus_last_code(), ORCINUS_OK);
  orcinus_stream_free(stream);
}

} // namespace
