//===- ScheduleSpaceTest.cpp - The spaces of all built-in operators -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ScheduleSpace.h"
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
