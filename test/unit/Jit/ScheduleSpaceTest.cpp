//===- ScheduleSpaceTest.cpp - What spaces call legal, compiled -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ScheduleSpace.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Jit/OperatorBench.h"
#include "runtime/Jit/OperatorCompiler.h"

#include "gtest/gtest.h"

#include <random>

using namespace orcinus;

namespace {

/// An operator of `family` over loops that are spelled `name:extent`, those of
/// the result first.
OperatorDescription
describe(OperatorFamily family, std::string body,
         std::vector<std::pair<std::string, int64_t>> parallel,
         std::vector<std::pair<std::string, int64_t>> reductions,
         std::vector<std::string> maps) {
  OperatorDescription description;
  description.name = maps.front();
  description.family = family;
  description.body = std::move(body);
  for (auto &[name, extent] : parallel)
    description.loops.push_back({name, LoopKind::Parallel, extent, false});
  for (auto &[name, extent] : reductions)
    description.loops.push_back({name, LoopKind::Reduction, extent, false});
  for (const std::string &map : maps)
    description.operands.push_back({"f32", map, OperandRole::Activation});
  description.operands.back().role = OperandRole::Result;
  return description;
}

std::vector<OperatorDescription> operators() {
  using enum OperatorFamily;
  return {
      describe(Contraction, "multiply_add", {{"m", 37}, {"n", 75}},
               {{"k", 150}}, {"m, k", "k, n", "m, n"}),
      describe(Contraction, "multiply_add", {{"b", 3}, {"m", 20}, {"n", 33}},
               {{"k", 70}}, {"b, m, k", "b, n, k", "b, m, n"}),
      describe(Contraction, "multiply_add",
               {{"n", 1}, {"y", 5}, {"x", 7}, {"f", 40}},
               {{"p", 3}, {"q", 3}, {"c", 9}},
               {"n, y * 2 + p, x * 2 + q, c", "p, q, c, f", "n, y, x, f"}),
      describe(Contraction, "multiply_add",
               {{"n", 1}, {"y", 3}, {"r", 2}, {"x", 4}, {"s", 2}, {"f", 20}},
               {{"a", 2}, {"b", 2}, {"c", 8}},
               {"n, y + r + a, x + s + b, c", "r, s, a, b, c, f",
                "n, y, r, x, s, f"}),
      describe(Depthwise, "multiply_add",
               {{"n", 1}, {"y", 6}, {"x", 9}, {"c", 40}}, {{"p", 3}, {"q", 3}},
               {"n, y + p, x + q, c", "p, q, c", "n, y, x, c"}),
      describe(Reduction, "softmax", {{"m", 21}}, {{"n", 70}},
               {"m, n", "m, n"}),
      describe(Reduction, "layer_norm", {{"m", 21}}, {{"n", 70}},
               {"m, n", "n", "n", "m, n"}),
      describe(Reduction, "l2_norm", {{"m", 5}}, {{"n", 300}}, {"m, n", "m"}),
  };
}

Schedule draw(const ScheduleSpace &space, std::mt19937 &random) {
  for (;;) {
    Schedule schedule;
    for (const ScheduleParameter &parameter : space.parameters())
      schedule.set(parameter.name,
                   parameter.choices[random() % parameter.choices.size()]);
    if (space.legal(schedule).ok())
      return schedule;
  }
}

class ScheduleSpaceTest : public testing::TestWithParam<int> {};

// The compiler takes every schedule that a space calls legal, and the program
// computes what the unscheduled one does.
TEST_P(ScheduleSpaceTest, LegalSchedulesAreRight) {
  constexpr int drawn = 12;
  std::mt19937 random(GetParam());
  OperatorCompiler compiler(GetParam());
  HostDevice host({});
  for (const OperatorDescription &description : operators()) {
    StatusOr<TunableOperator> op = makeOperator(description);
    ASSERT_TRUE(op.ok()) << op.message();
    auto space = createScheduleSpace(description, describeHost(GetParam()));
    ASSERT_TRUE(space.ok()) << space.message();
    auto bench = OperatorBench::create(compiler, op->module, host, GetParam());
    ASSERT_TRUE(bench.ok()) << bench.message();
    for (int number = 0; number <= drawn; ++number) {
      Schedule schedule =
          number ? draw(**space, random) : (*space)->defaultSchedule();
      StatusOr<std::string> object = compiler.compile(op->module, schedule);
      ASSERT_TRUE(object.ok()) << description.name << " " << schedule.toString()
                               << ": " << object.message();
      // One call is enough to compare.
      Measurement measurement =
          (*bench)->measure(*object, /*enoughMicroseconds=*/1e-3);
      EXPECT_TRUE(measurement.ok())
          << description.name << " " << schedule.toString() << ": "
          << measurement.message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, ScheduleSpaceTest, testing::Values(1, 2));

} // namespace
