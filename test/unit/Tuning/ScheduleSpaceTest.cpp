//===- ScheduleSpaceTest.cpp - The spaces of all built-in operators -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ScheduleSpace.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/OperatorSets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace orcinus;

namespace {

TargetDescription target(int64_t bits, int64_t registers, int64_t threads) {
  TargetDescription target;
  target.vectorBits = bits;
  target.vectorRegisters = registers;
  target.threads = threads;
  return target;
}

/// Each operator of each set, on a machine.
template <typename Check>
void forEachSpace(Check check) {
  for (const TargetDescription &machine :
       {target(512, 32, 2), target(256, 16, 1), target(128, 16, 8)})
    for (const char *set : {"gemm-apart", "gemm-grid", "standard"}) {
      StatusOr<std::vector<TunableOperator>> operators = operatorSet(set, 0);
      ASSERT_TRUE(operators.ok()) << operators.message();
      for (const TunableOperator &op : *operators) {
        auto space = createScheduleSpace(op.description, machine);
        ASSERT_TRUE(space.ok()) << space.message();
        check(**space);
      }
    }
}

} // namespace

TEST(ScheduleSpace, DefaultsAreLegal) {
  forEachSpace([](const ScheduleSpace &space) {
    Schedule schedule = space.defaultSchedule();
    Status status = space.legal(schedule);
    EXPECT_TRUE(status.ok()) << space.description().name << ": "
                             << schedule.toString() << ": " << status.message();
  });
}

TEST(ScheduleSpace, ChoicesAscend) {
  forEachSpace([](const ScheduleSpace &space) {
    std::set<std::string> names;
    for (const ScheduleParameter &parameter : space.parameters()) {
      EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
      ASSERT_FALSE(parameter.choices.empty()) << parameter.name;
      EXPECT_EQ(std::adjacent_find(parameter.choices.begin(),
                                   parameter.choices.end(),
                                   std::greater_equal<>()),
                parameter.choices.end())
          << space.description().name << " " << parameter.name;
      EXPECT_LT(parameter.loop,
                static_cast<int>(space.description().loops.size()));
    }
  });
}

// What the reuse of programs relies on.
TEST(ScheduleSpace, AKindHasOneSetOfParameters) {
  using Signature =
      std::vector<std::tuple<std::string, ParameterRole, int64_t>>;
  std::map<std::pair<std::string, int64_t>, std::pair<Signature, size_t>> kinds;
  forEachSpace([&](const ScheduleSpace &space) {
    Signature signature;
    for (const ScheduleParameter &parameter : space.parameters())
      signature.emplace_back(parameter.name, parameter.role, parameter.unit);
    size_t features = space.features(space.defaultSchedule()).size();
    auto [known, isNew] =
        kinds.insert({{space.description().kind(), space.target().vectorBits},
                      {signature, features}});
    EXPECT_EQ(known->second, std::pair(signature, features))
        << space.description().name;
  });
}

TEST(ScheduleSpace, RefusesTilesBeyondTheRegisters) {
  forEachSpace([](const ScheduleSpace &space) {
    Schedule schedule = space.defaultSchedule();
    if (!schedule.find("panel_vectors"))
      return;
    schedule.set("tile_rows", 30);
    schedule.set("panel_vectors", 2);
    EXPECT_FALSE(space.legal(schedule).ok()) << space.description().name;
  });
}

/// A sum of products over the loops m, n and k, which k is summed over.
static OperatorDescription product(std::string left, std::string right,
                                   std::string result, int64_t rows) {
  OperatorDescription description;
  description.name = "product";
  description.loops = {{"m", LoopKind::Parallel, rows},
                       {"n", LoopKind::Parallel, 24},
                       {"k", LoopKind::Reduction, 20}};
  description.operands = {{"f32", std::move(left)},
                          {"f32", std::move(right)},
                          {"f32", std::move(result), OperandRole::Result}};
  return description;
}

// The compiler asks the same function (passes/Lowering/Contraction.cpp).
TEST(ScheduleSpace, HasNoTilesForWhatIsNoContraction) {
  TargetDescription machine = target(256, 16, 1);
  auto refusal = [&](const OperatorDescription &description) {
    return createScheduleSpace(description, machine).message();
  };
  EXPECT_EQ(refusal(product("m, k", "k, n", "m, n", 12)), "");
  EXPECT_EQ(refusal(product("m, k", "n, k", "m, n", 2)), "");
  EXPECT_EQ(refusal(product("m, k", "k, n", "m, n + 1", 12)),
            "'product' is no contraction: its result has no contiguous column "
            "of its own");
  EXPECT_EQ(refusal(product("m, k", "k", "m, n", 12)),
            "'product' is no contraction: neither factor has the innermost "
            "dimension of the result");
  EXPECT_EQ(refusal(product("m, n", "k, n", "m, n", 12)),
            "'product' is no contraction: it sums nothing, or over what only "
            "one factor has");
  EXPECT_EQ(refusal(product("n, k, m", "k, n", "m, n", 12)),
            "'product' is no contraction: both factors have the innermost "
            "dimension of the result, and not as their own innermost");
  OperatorDescription square = product("m, k", "k, n", "m, n", 12);
  square.operands.erase(square.operands.begin());
  EXPECT_EQ(refusal(square), "'product' is no contraction: it has 2 operands");
}

// Loops of one iteration slide over nothing; a bucket's loop may do more.
TEST(ScheduleSpace, KnowsLoopsOfOneIteration) {
  TargetDescription machine = target(256, 16, 1);
  OperatorDescription alone = product("k", "k, n", "n", 1);
  EXPECT_TRUE(createScheduleSpace(alone, machine).ok());
  alone.loops.push_back({"r", LoopKind::Reduction, 1});
  alone.operands[0].map = "k + r";
  EXPECT_TRUE(createScheduleSpace(alone, machine).ok());
  alone.loops.back().bucketed = true;
  EXPECT_FALSE(createScheduleSpace(alone, machine).ok());
  // The extent of a loop that only a window has is not known, even where the
  // window has one element.
  OperatorDescription window = product("m + k", "n", "m, n", 12);
  window.loops[2].extent = 1;
  EXPECT_TRUE(createScheduleSpace(window, machine).ok());
  window.operands[2].map = "n";
  window.loops[0] = {"m", LoopKind::Reduction, 12, /*bucketed=*/true};
  window.operands[1].map = "m + k, n";
  EXPECT_EQ(createScheduleSpace(window, machine).message(),
            "'product' is no contraction: an extent is not that of an operand");
}

TEST(ScheduleSpace, KeepsToWhatTheCompilerReads) {
  ConvolutionShape shape;
  shape.spatial = {80, 80};
  shape.inputChannels = shape.outputChannels = 8;
  shape.window = 35;
  auto space =
      createScheduleSpace(depthwiseConvolution(shape), target(256, 16, 1));
  ASSERT_TRUE(space.ok()) << space.message();
  Schedule schedule = (*space)->defaultSchedule();
  EXPECT_TRUE((*space)->legal(schedule).ok());
  for (const ScheduleParameter &parameter : (*space)->parameters())
    if (parameter.name == "unroll")
      EXPECT_EQ(parameter.choices, (std::vector<int64_t>{1, 35}));
  // All taps of the window.
  schedule.set("unroll", 35 * 35);
  EXPECT_EQ((*space)->legal(schedule).message(),
            "'unroll' in the schedule must be at most 1024");
}
