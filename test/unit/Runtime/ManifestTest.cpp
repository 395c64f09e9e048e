//===- ManifestTest.cpp - Manifests and initial parameters ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Manifest.h"

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/Initializer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>
#include <variant>

using namespace orcinus;

namespace {

std::string withArgument(const std::string &argument) {
  return R"({"version": 2, "model": "m", "neighbours": 5, "parameters": [], "states": [],
    "functions": [{"name": "train_step", "arguments": [)" +
         argument + "]}]}";
}

void expectRejected(const std::string &text, const char *words) {
  auto manifest = parseManifest(text);
  ASSERT_FALSE(manifest.ok());
  EXPECT_NE(manifest.message().find(words), std::string::npos)
      << manifest.message();
  EXPECT_EQ(manifest.message().find('\n'), std::string::npos);
}

TEST(ManifestTest, ParsesBindings) {
  auto manifest = parseManifest(withArgument(
      R"({"binding": "table:12.self_offsets", "type": "i32", "shape": [-1]},
         {"binding": "input:step", "type": "i64"},
         {"binding": "parameter:a:b", "type": "f32", "shape": [2, 3]})"));
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  const FunctionSpecification *function = manifest->function("train_step");
  ASSERT_NE(function, nullptr);
  const auto &arguments = function->arguments;
  ASSERT_EQ(arguments.size(), 3u);
  EXPECT_EQ(arguments[0].kind, BindingKind::Table);
  EXPECT_EQ(arguments[0].table.handle, 12);
  EXPECT_EQ(arguments[0].table.component, Component::SelfOffsets);
  EXPECT_EQ(arguments[1].kind, BindingKind::Step);
  EXPECT_FALSE(arguments[1].shape.has_value());
  EXPECT_EQ(arguments[2].name, "a:b");
}

TEST(ManifestTest, WhatIsOfParametersAloneHasAKnownShape) {
  auto withShape = [](const std::string &shape) {
    return withArgument(R"({"binding": "prepared:0", "type": "f32")" + shape +
                        "}");
  };
  auto manifest = parseManifest(withShape(R"(, "shape": [2, 3])"));
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  EXPECT_EQ(manifest->functions[0].arguments[0].kind, BindingKind::Prepared);
  expectRejected(withShape(R"(, "shape": [-1, 3])"), "an extent in a shape");
  expectRejected(withShape(""), "prepared:0");
}

TEST(ManifestTest, ACacheWithAPolicyAloneSharesAMemory) {
  auto parse = [](const std::string &more) {
    return parseManifest(R"({"version": 2, "model": "m", "neighbours": 5,
      "parameters": [], "states": [], "functions": [], "caches": [{
      "name": "m1", "width": 8, "key": "event_time", "miss": "recompute")" +
                         more + "}]}");
  };
  for (auto [more, capacity, shares] :
       {std::tuple("", -1, false),
        {R"(, "policy": "lru")", -1, true},
        {R"(, "policy": "lru", "capacity": 7)", 7, false}}) {
    auto manifest = parse(more);
    ASSERT_TRUE(manifest.ok()) << manifest.message();
    const CacheSpecification &cache = manifest->caches.front();
    EXPECT_EQ(cache.capacity.value_or(-1), capacity) << more;
    EXPECT_EQ(cache.sharesMemory, shares) << more;
    if (*more)
      EXPECT_EQ(cache.policy, PolicyKind::LeastRecentlyUsed);
  }
  EXPECT_FALSE(parse(R"(, "policy": "belady")").ok());
  EXPECT_FALSE(parse(R"(, "capacity": 7)").ok());
}

TEST(ManifestTest, ACacheIsSharedAsThePaperDoesUnlessItSaysSo) {
  auto separates = [](const std::string &share) -> StatusOr<bool> {
    auto manifest =
        parseManifest(R"({"version": 2, "model": "m", "neighbours": 5,
      "parameters": [], "states": [], "functions": [], "caches": [{
      "name": "m1", "width": 8, "key": "query_time", "miss": "recompute")" +
                      share + "}]}");
    return manifest.ok() ? StatusOr<bool>(manifest->caches[0].separate)
                         : manifest.status();
  };
  EXPECT_EQ(*separates(""), false);
  EXPECT_EQ(*separates(R"(, "share": "causal")"), false);
  EXPECT_EQ(*separates(R"(, "share": "separate")"), true);
  EXPECT_NE(separates(R"(, "share": "all")").message().find("unknown share"),
            std::string::npos);
}

TEST(ManifestTest, TheOptimizerIsAdamWhereNoneIsNamed) {
  std::string text = withArgument(
      R"({"binding": "velocity:w", "type": "f32", "shape": [2]},
         {"binding": "gradient:w", "type": "f32", "shape": [2]})");
  auto manifest = parseManifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  EXPECT_EQ(manifest->optimizer, "");
  EXPECT_EQ(manifest->learningRate, 1e-4);
  EXPECT_EQ(manifest->functions[0].arguments[0].kind, BindingKind::Velocity);
  EXPECT_EQ(manifest->functions[0].arguments[1].kind, BindingKind::Gradient);
  auto with = [&](const std::string &optimizer) {
    return text.substr(0, text.size() - 1) + ", \"optimizer\": " + optimizer +
           "}";
  };
  manifest = parseManifest(with(R"({"kind": "sgd", "learning_rate": 0.5})"));
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  EXPECT_NE(manifest->optimizer.find("sgd"), std::string::npos);
  EXPECT_EQ(manifest->learningRate, 0.5);
  expectRejected(with(R"({"kind": "sgd"})"), "learning_rate");
  expectRejected(with(R"({"kind": "sgd", "learning_rate": -1})"),
                 "a learning rate of -1");
  expectRejected(with("7"), "malformed");
}

TEST(ManifestTest, TheTargetIsTheHostWhereNoneIsNamed) {
  std::string text = withArgument("");
  auto manifest = parseManifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  EXPECT_EQ(manifest->target, DeviceKind::Host);
  text.insert(1, "\"target\": \"hip\", ");
  manifest = parseManifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  EXPECT_EQ(manifest->target, DeviceKind::Hip);
  text.replace(text.find("hip"), 3, "tpu");
  expectRejected(text, "no target 'tpu'");
}

TEST(ManifestTest, MailboxesAreRead) {
  std::string text =
      withArgument(R"({"binding": "mail:m", "type": "f32", "shape": [-1, 8]})");
  auto with = [&](const std::string &slots, const std::string &keep) {
    return text.substr(0, text.size() - 1) +
           R"(, "mailboxes": [{"name": "m", "width": 8, "slots": )" + slots +
           R"(, "neighbours": 20, "keep": ")" + keep + "\"}]}";
  };
  auto manifest = parseManifest(with("10", "last"));
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  ASSERT_EQ(manifest->mailboxes.size(), 1u);
  const MailboxSpecification &mailbox = manifest->mailboxes[0];
  EXPECT_EQ(mailbox.name, "m");
  EXPECT_EQ(mailbox.width, 8);
  EXPECT_EQ(mailbox.options.slots, 10);
  EXPECT_EQ(mailbox.options.neighbours, 20);
  EXPECT_EQ(mailbox.options.keep, MailKeep::Last);
  EXPECT_EQ(manifest->functions[0].arguments[0].kind, BindingKind::Mail);
  expectRejected(with("0", "mean"), "a mailbox's slots of 0");
  expectRejected(with("4097", "mean"), "a mailbox's slots of 4097");
  expectRejected(with("1", "none"), "a mailbox that keeps 'none'");
}

TEST(ManifestTest, RejectsWhatIsNotTheContract) {
  expectRejected("", "malformed");
  expectRejected("{", "malformed");
  expectRejected("[]", "malformed");
  expectRejected(R"({"version": 1})",
                 "it has version 1, this runtime reads version 2: compile the "
                 "model again");
  expectRejected(R"({"version": 2, "model": "m"})", "neighbours");
  expectRejected(withArgument(R"({"binding": "nothing:x", "type": "f32"})"),
                 "'nothing:x': there is no such binding");
  expectRejected(withArgument(R"({"binding": "input:step", "type": "i32"})"),
                 "type");
  expectRejected(withArgument(R"({"binding": "table:x.nodes", "type": "i32"})"),
                 "HANDLE.COMPONENT");
  expectRejected(withArgument(R"({"binding": "table:1.", "type": "i32"})"),
                 "'' is no name of a table");
  expectRejected(
      withArgument(
          R"({"binding": "state:s", "type": "f32", "shape": [1,1,1,1,1]})"),
      "too many dimensions");
  expectRejected(
      withArgument(R"({"binding": "state:s", "type": "f32", "shape": [-2]})"),
      "extent");
  expectRejected(withArgument(R"({"binding": "state:s", "type": "f\n32"})"),
                 "type 'f 32'");
}

std::string withExtents(const std::string &extents) {
  return withArgument(
      R"({"binding": "output:scores", "type": "f32", "extents": )" + extents +
      "}");
}

TEST(ManifestTest, OutputsHaveRolesAndExtents) {
  auto manifest =
      parseManifest(withExtents(R"([{"events": 2, "table:7.rows": 1}, 100])"));
  ASSERT_TRUE(manifest.ok()) << manifest.message();
  const ArgumentSpecification &output = manifest->functions[0].arguments[0];
  EXPECT_EQ(output.kind, BindingKind::Output);
  EXPECT_EQ(output.name, "scores");
  ASSERT_EQ(output.extents.size(), 2u);
  ASSERT_EQ(output.extents[0].terms.size(), 2u);
  EXPECT_EQ(output.extents[0].terms[0].factor, 2);
  EXPECT_EQ(std::get<StepCount>(output.extents[0].terms[0].of),
            StepCount::Events);
  EXPECT_EQ(std::get<TableName>(output.extents[0].terms[1].of).handle, 7);
  EXPECT_EQ(std::get<TableName>(output.extents[0].terms[1].of).component,
            Component::Rows);
  EXPECT_TRUE(output.extents[1].terms.empty());
  EXPECT_EQ(output.extents[1].number, 100);
}

TEST(ManifestTest, RejectsExtentsThatAreNone) {
  expectRejected(withExtents(R"([{"evnets": 2}])"),
                 "argument 'output:scores': a step counts no 'evnets', but its "
                 "events, negatives, pairs, targets");
  expectRejected(withExtents(R"([{"events": 0}])"),
                 "an extent in 'events' of 0");
  expectRejected(withExtents(R"([{"events": 1048577}])"),
                 "an extent in 'events' of 1048577");
  expectRejected(withExtents(R"([{"table:x.rows": 1}])"), "HANDLE.COMPONENT");
  expectRejected(withExtents(R"([{"table:1": 1}])"), "HANDLE.COMPONENT");
  expectRejected(withExtents("[{}]"), "the sum of nothing");
  expectRejected(withExtents("[0]"), "an extent of 0");
  expectRejected(withExtents(R"(["events"])"), R"(an extent of "events")");
  expectRejected(withExtents("[1, 1, 1, 1, 1]"), "no list, or too many");
  expectRejected(withExtents("7"), "no list, or too many");
  expectRejected(
      withArgument(R"({"binding": "output:loss", "type": "f32", "shape": []})"),
      "'output:loss'");
  expectRejected(
      withArgument(R"({"binding": "output:", "type": "f32", "extents": []})"),
      "an output without a role");
}

TEST(ManifestTest, IntegersAreTakenAsTheyAreOrNotAtAll) {
  // 2^32 + 5 has the 5 that stands there otherwise in its lowest bits.
  for (const char *number : {"4294967301", "18446744073709551615", "-1", "5.5",
                             "1e300", "\"5\"", "null"}) {
    std::string text = withArgument("");
    text.replace(text.find('5'), 1, number);
    expectRejected(text, "a number of neighbours of");
  }
  expectRejected(R"({"version": 4294967297})", "version 4294967297");
  expectRejected(
      withArgument(
          R"({"binding": "state:s", "type": "f32", "shape": [9223372036854775809]})"),
      "an extent in a shape of 9223372036854775809");
  std::string text = withArgument("");
  text.insert(1, R"("sizes": {"dim": 9223372036854775808}, )");
  expectRejected(text, "a size 'dim' of 9223372036854775808");
}

/// The error of a trainer over the fake model's manifest with `from` replaced.
std::string trainerError(const std::string &from, const std::string &to) {
  std::string manifest = test::makeFakeModel()->manifest();
  size_t place = manifest.find(from);
  EXPECT_NE(place, std::string::npos);
  manifest.replace(place, from.size(), to);
  auto stream = generateEventStream(GeneratorOptions());
  auto trainer =
      Trainer::create(std::make_shared<EventStream>(std::move(*stream)),
                      test::makeFakeModelWithManifest(manifest), {});
  if (!trainer.ok())
    return trainer.message();
  auto step = trainer->trainStep();
  return step.ok() ? "no error" : step.message();
}

TEST(ManifestTest, ProgramsThatDoNotFitAreErrors) {
  auto expect = [](const std::string &message, const char *words) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  expect(trainerError("\"shape\": [4], \"init", "\"shape\": [5], \"init"),
         "with shape [4], but it is [5]");
  expect(trainerError("\"zeros\"", "\"unheard of\""), "unheard of");
  expect(trainerError("parameter:weights", "parameter:other"),
         "does not declare");
  expect(trainerError("\"shape\": [-1, 2]", "\"shape\": [-1, 3]"), "shape");
  expect(trainerError("\"shape\": [-1, 5]", "\"shape\": [-1, 6]"), "shape");
  expect(trainerError("table:2.self", "table:7.self"), "table 7.self");
  expect(trainerError(R"("table:2.self", "type": "i32")",
                      R"("table:2.self", "type": "f32")"),
         "'table:2.self' with another element type");
  expect(trainerError("\"train_step\"", "\"other_step\""), "train_step");
  expect(trainerError(R"([{"pairs": 1}])", R"([{"events": 3}])"),
         "evaluate_step gives [3 * events] as its 'scores', which is taken "
         "with the extents [pairs]");
  expect(trainerError("output:loss", "output:cost"),
         "train_step gives no 'loss'");
}

std::vector<float> initialized(const char *kind, std::vector<int64_t> shape,
                               uint64_t seed = 1, const char *name = "p") {
  ParameterSpecification parameter{name, std::move(shape), kind};
  int64_t count =
      std::accumulate(parameter.shape.begin(), parameter.shape.end(),
                      int64_t(1), std::multiplies<>());
  std::vector<float> values(count, -77);
  Status status = initializeParameter(parameter, {.seed = seed}, values);
  EXPECT_TRUE(status.ok()) << status.message();
  return values;
}

void expectUniform(const std::vector<float> &values, double bound) {
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*least, -bound);
  EXPECT_LE(*greatest, bound);
  EXPECT_LT(*least, -0.97 * bound);
  EXPECT_GT(*greatest, 0.97 * bound);
  double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / values.size();
  EXPECT_NEAR(mean, 0, 0.05 * bound);
}

TEST(InitializerTest, DrawsWithinBounds) {
  expectUniform(initialized("xavier", {60, 90}), std::sqrt(6.0 / 150));
  expectUniform(initialized("xavier", {2, 60, 90}), std::sqrt(6.0 / 150));
  expectUniform(initialized("uniform_fan_in", {60, 90}), 1 / std::sqrt(60.0));
  expectUniform(initialized("uniform_fan_in(172)", {5400}),
                1 / std::sqrt(172.0));
}

TEST(InitializerTest, DrawsNormalNumbers) {
  std::vector<float> values = initialized("normal", {100, 100});
  double mean = 0, squares = 0, within = 0;
  for (double value : values) {
    mean += value / 1e4;
    squares += value * value / 1e4;
    within += std::abs(value) < 1 ? 1e-4 : 0;
  }
  EXPECT_NEAR(mean, 0, 0.04);
  EXPECT_NEAR(squares, 1, 0.06);
  // Of a normal distribution within one standard deviation.
  EXPECT_NEAR(within, 0.6827, 0.02);
}

TEST(InitializerTest, FillsConstants) {
  EXPECT_EQ(initialized("zeros", {3}), std::vector<float>(3, 0));
  EXPECT_EQ(initialized("ones", {3}), std::vector<float>(3, 1));
  std::vector<float> frequencies = initialized("time_frequencies", {100});
  EXPECT_EQ(frequencies[0], 1);
  EXPECT_FLOAT_EQ(frequencies[11], 0.1f);
  EXPECT_FLOAT_EQ(frequencies[99], 1e-9f);
  EXPECT_EQ(initialized("time_frequencies", {1}), std::vector<float>{1});
}

/// By hand: the gaps of sources are 1, 3 and 9, those of destinations 1, 3 and
/// 5. The last event is not a training event.
TEST(InitializerTest, MeasuresGapsOfRoles) {
  EventStream stream;
  stream.nodeCount = 3;
  stream.source = {0, 0, 1, 1};
  stream.destination = {2, 2, 2, 2};
  for (double time : {1, 4, 9, 100})
    stream.time.push_back(stream.timeScale.at(time));
  std::vector<int32_t> training{0, 1, 2};
  auto filled = [&](const char *kind) {
    std::vector<float> values(2);
    Status status = initializeParameter({"gaps", {2, 1}, kind},
                                        {0, &stream, training}, values);
    EXPECT_TRUE(status.ok()) << status.message();
    return values;
  };
  std::vector<float> shifts = filled("gap_shifts"), rates = filled("gap_rates");
  EXPECT_FLOAT_EQ(shifts[0], -13 / 3.0f * rates[0]);
  EXPECT_FLOAT_EQ(shifts[1], -3 * rates[1]);
  EXPECT_FLOAT_EQ(rates[0], 1 / std::sqrt((1 + 9 + 81) / 3.0f - 169 / 9.0f));
  EXPECT_FLOAT_EQ(rates[1], 1 / std::sqrt((1 + 9 + 25) / 3.0f - 9));
}

TEST(InitializerTest, DependsOnSeedAndName) {
  auto values = initialized("xavier", {8, 8});
  EXPECT_EQ(values, initialized("xavier", {8, 8}));
  EXPECT_NE(values, initialized("xavier", {8, 8}, 2));
  EXPECT_NE(values, initialized("xavier", {8, 8}, 1, "q"));
}

TEST(InitializerTest, RejectsShapes) {
  std::vector<float> values(3);
  EXPECT_FALSE(initializeParameter({"p", {3}, "xavier"}, {}, values).ok());
  EXPECT_FALSE(initializeParameter({"p", {3}, "what"}, {}, values).ok());
  EXPECT_FALSE(initializeParameter({"p", {3}, "gap_shifts"}, {}, values).ok());
}

} // namespace
