//===- CheckerTest.cpp - Each mistake is reported -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "gtest/gtest.h"

#include <set>
#include <string>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

using Kind = SimulatorReport::Kind;

namespace {

/// What running `entry` on two blocks of 64 threads reports, in any of several
/// orders; all orders must agree on the kinds and places.
std::vector<SimulatorReport> reportsOf(KernelEntry entry) {
  std::vector<SimulatorReport> first;
  auto placesOf = [](const std::vector<SimulatorReport> &reports) {
    std::set<std::pair<Kind, std::set<std::string>>> places;
    for (const SimulatorReport &report : reports)
      places.emplace(report.kind,
                     std::set<std::string>(report.locations.begin(),
                                           report.locations.end()));
    return places;
  };
  for (uint64_t seed = 0; seed <= 20; ++seed) {
    Simulator simulator({.check = true, .seed = seed});
    std::vector<int32_t> global(1024);
    int32_t *data = global.data();
    void *params[] = {&data};
    SimulatedKernel kernel = collectiveKernel(entry, 1024);
    Status status = simulator.launch(kernel, {2, 1, 1}, {64, 1, 1}, 0, params);
    EXPECT_EQ(status.ok(), simulator.reports().empty());
    if (!simulator.reports().empty())
      EXPECT_TRUE(
          status.message().starts_with(simulator.reports().front().message));
    if (seed == 0)
      first = simulator.reports();
    else
      EXPECT_EQ(placesOf(simulator.reports()), placesOf(first))
          << "seed " << seed;
  }
  return first;
}

#define EXPECT_ONE_REPORT(reports, wantedKind, ...)                            \
  do {                                                                         \
    auto found = (reports);                                                    \
    ASSERT_EQ(found.size(), 1u);                                               \
    EXPECT_EQ(found[0].kind, wantedKind);                                      \
    EXPECT_EQ(std::set<std::string>(found[0].locations.begin(),                \
                                    found[0].locations.end()),                 \
              (std::set<std::string>{__VA_ARGS__}));                           \
  } while (false)

/// Neighbours exchange values through workgroup memory, with barriers.
void exchangeRightly(void **params, SimulatorThread *self) {
  int32_t me = self->threadId[0], *shared = workgroupInts(self);
  for (int round = 0; round < 3; ++round) {
    checkedStore(self, shared + me, me, "k:1:1");
    orcinus_sim_barrier(self, "k:2:1");
    checkedLoad(self, shared + (me + 1) % 64, "k:3:1");
    orcinus_sim_barrier(self, "k:4:1");
  }
  auto *global = argument<int32_t *>(params, 0);
  checkedStore(self, global + self->blockId[0] * 64 + me, me, "k:5:1");
  orcinus_sim_barrier(self, "k:6:1");
  checkedLoad(self, global + self->blockId[0] * 64 + (me + 1) % 64, "k:7:1");
}

TEST(SimulatorChecker, RightKernelHasNoReport) {
  EXPECT_TRUE(reportsOf(&exchangeRightly).empty());
}

TEST(SimulatorChecker, WorkgroupRace) {
  auto reports = reportsOf([](void **, SimulatorThread *self) {
    int32_t me = self->threadId[0], *shared = workgroupInts(self);
    checkedStore(self, shared + me, me, "k:1:1");
    orcinus_sim_barrier(self, "k:2:1");
    checkedStore(self, shared + me, me, "k:3:1");
    // A shuffle orders nothing.
    shuffle(self, ShuffleMode::Xor, 0, 1, 32, "k:4:1");
    checkedLoad(self, shared + (me ^ 1), "k:5:1");
  });
  EXPECT_ONE_REPORT(reports, Kind::WorkgroupRace, "k:3:1", "k:5:1");
  EXPECT_EQ(reports[0].kernel, "hand");
  EXPECT_NE(reports[0].message.find("k:3:1"), std::string::npos);
  EXPECT_NE(reports[0].message.find("k:5:1"), std::string::npos);
}

TEST(SimulatorChecker, WritersRaceWhateverTheyWrite) {
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      checkedStore(self, workgroupInts(self), 1, "k:1:1");
                    }),
                    Kind::WorkgroupRace, "k:1:1");
}

TEST(SimulatorChecker, ReaderBeforeWriterRaces) {
  // In order, the writer comes last and has itself read the word last.
  EXPECT_ONE_REPORT(reportsOf([](void **params, SimulatorThread *self) {
                      auto *word =
                          argument<int32_t *>(params, 0) + self->blockId[0];
                      checkedLoad(self, word, "k:1:1");
                      if (self->threadId[0] == 63)
                        checkedStore(self, word, 1, "k:2:1");
                    }),
                    Kind::GlobalRace, "k:1:1", "k:2:1");
}

TEST(SimulatorChecker, AtomicsDoNotRaceWithEachOther) {
  EXPECT_TRUE(reportsOf([](void **params, SimulatorThread *self) {
                checkedAdd(self, argument<int32_t *>(params, 0), 1, "k:1:1");
              }).empty());
  EXPECT_ONE_REPORT(reportsOf([](void **params, SimulatorThread *self) {
                      auto *word = argument<int32_t *>(params, 0);
                      checkedAdd(self, word, 1, "k:1:1");
                      orcinus_sim_barrier(self, "k:2:1");
                      if (self->threadId[0] == 0)
                        checkedLoad(self, word, "k:3:1");
                    }),
                    Kind::GlobalRace, "k:1:1", "k:3:1");
}

TEST(SimulatorChecker, BlocksAreNotOrdered) {
  EXPECT_ONE_REPORT(reportsOf([](void **params, SimulatorThread *self) {
                      auto *global = argument<int32_t *>(params, 0);
                      int32_t me = self->threadId[0];
                      if (self->blockId[0] == 0)
                        checkedStore(self, global + me, 1, "k:1:1");
                      orcinus_sim_barrier(self, "k:2:1");
                      if (self->blockId[0] == 1)
                        checkedLoad(self, global + me, "k:3:1");
                    }),
                    Kind::GlobalRace, "k:1:1", "k:3:1");
}

TEST(SimulatorChecker, WorkgroupMemoryIsEachBlocksOwn) {
  EXPECT_TRUE(reportsOf([](void **, SimulatorThread *self) {
                int32_t me = self->threadId[0];
                if (self->blockId[0] == 0)
                  checkedStore(self, workgroupInts(self) + me, 1, "k:1:1");
                else
                  checkedStore(self, workgroupInts(self) + 63 - me, 1, "k:2:1");
              }).empty());
}

TEST(SimulatorChecker, BytesOfAWordAreApart) {
  EXPECT_TRUE(reportsOf([](void **, SimulatorThread *self) {
                int32_t me = self->threadId[0];
                checkedStore(self, self->workgroup + me, char(me), "k:1:1");
                orcinus_sim_barrier(self, "k:2:1");
                checkedLoad(self, self->workgroup + (me + 1) % 64, "k:3:1");
              }).empty());
}

TEST(SimulatorChecker, WideAccessesCoverAllTheirWords) {
  struct alignas(16) Four {
    int32_t part[4];
  };
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      int32_t me = self->threadId[0];
                      auto *fours = reinterpret_cast<Four *>(self->workgroup);
                      checkedStore(self, fours + me, Four{}, "k:1:1");
                      orcinus_sim_barrier(self, "k:2:1");
                      checkedLoad(self, &fours[me ^ 1].part[3], "k:3:1");
                      checkedStore(self, fours + me, Four{}, "k:4:1");
                    }),
                    Kind::WorkgroupRace, "k:3:1", "k:4:1");
}

TEST(SimulatorChecker, UninitialisedRead) {
  auto reports = reportsOf([](void **, SimulatorThread *self) {
    int32_t me = self->threadId[0], *shared = workgroupInts(self);
    if (me != 5)
      checkedStore(self, shared + me, me, "k:1:1");
    orcinus_sim_barrier(self, "k:2:1");
    // Not a number, if it were one.
    if (me == 5)
      EXPECT_EQ(checkedLoad(self, shared + 5, "k:3:1"), -1);
  });
  EXPECT_ONE_REPORT(reports, Kind::UninitialisedRead, "k:3:1");
  EXPECT_EQ(reports[0].thread, (std::array<int32_t, 3>{5, 0, 0}));
}

/// AddressSanitizer would put the variable elsewhere than on the stack.
__attribute__((no_sanitize("address"))) void usePrivate(void **,
                                                        SimulatorThread *self) {
  int32_t mine = 0;
  checkedStore(self, &mine, 1, "k:1:1");
  orcinus_sim_barrier(self, "k:2:1");
  checkedLoad(self, &mine, "k:3:1");
}

TEST(SimulatorChecker, PrivateMemoryIsNotShared) {
  EXPECT_TRUE(reportsOf(&usePrivate).empty());
}

TEST(SimulatorChecker, OutOfBoundsStopsTheThreadAlone) {
  int64_t after = 0, others = 0;
  void *counters[] = {&after, &others};
  SimulatedKernel kernel =
      collectiveKernel([](void **params, SimulatorThread *self) {
        if (self->threadId[0] == 7) {
          orcinus_sim_out_of_bounds(self, 70, 64, 1, "k:1:1");
          ++*static_cast<int64_t *>(params[0]);
        }
        shuffle(self, ShuffleMode::Xor, 0, 1, 32, "k:2:1");
        orcinus_sim_barrier(self, "k:3:1");
        ++*static_cast<int64_t *>(params[1]);
      });
  for (bool check : {false, true}) {
    after = others = 0;
    Simulator simulator({.check = check});
    Status status =
        simulator.launch(kernel, {2, 1, 1}, {64, 1, 1}, 0, counters);
    EXPECT_EQ(status.message(),
              "kernel 'hand': index 70 is out of bounds of dimension 1, which "
              "has extent 64, at k:1:1, by thread (7,0,0) of block (0,0,0)");
    EXPECT_EQ(after, 0);
    EXPECT_EQ(others, 2 * 63);
    EXPECT_EQ(simulator.reports().size(), 1u);
  }
}

TEST(SimulatorChecker, MisalignedStopsTheThreadAlone) {
  int64_t others = 0;
  void *counters[] = {&others};
  SimulatedKernel kernel =
      collectiveKernel([](void **params, SimulatorThread *self) {
        if (self->threadId[0] == 7)
          orcinus_sim_misaligned(self, 4, 16, "k:1:1");
        ++*static_cast<int64_t *>(params[0]);
      });
  Simulator simulator({.check = true});
  Status status = simulator.launch(kernel, {2, 1, 1}, {64, 1, 1}, 0, counters);
  EXPECT_EQ(status.message(),
            "kernel 'hand': an address is 4 bytes beyond a multiple of 16, at "
            "k:1:1, by thread (7,0,0) of block (0,0,0)");
  EXPECT_EQ(others, 2 * 63);
  ASSERT_EQ(simulator.reports().size(), 1u);
  EXPECT_EQ(simulator.reports()[0].kind, Kind::Misaligned);
}

TEST(SimulatorChecker, BarrierThatSomeNeverReach) {
  auto ended = reportsOf([](void **, SimulatorThread *self) {
    if (self->threadId[0] != 3)
      orcinus_sim_barrier(self, "k:1:1");
  });
  EXPECT_ONE_REPORT(ended, Kind::BarrierDivergence, "k:1:1");
  EXPECT_NE(ended[0].message.find("thread (3,0,0) has ended"),
            std::string::npos)
      << ended[0].message;
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      if (self->threadId[0] < 32)
                        orcinus_sim_barrier(self, "k:1:1");
                      else
                        orcinus_sim_barrier(self, "k:2:1");
                    }),
                    Kind::BarrierDivergence, "k:1:1", "k:2:1");
}

TEST(SimulatorChecker, BarriersAreToldApartByTheirTexts) {
  // Two barriers that one op of the source became.
  static const char one[] = "k:1:1", other[] = "k:1:1";
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      orcinus_sim_barrier(self,
                                          self->threadId[0] < 5 ? one : other);
                    }),
                    Kind::BarrierDivergence, "k:1:1");
}

TEST(SimulatorChecker, ShuffleThatSomeLanesNeverReach) {
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      if (self->threadId[0] < 16)
                        shuffle(self, ShuffleMode::Xor, 0, 1, 32, "k:1:1");
                    }),
                    Kind::ShuffleDivergence, "k:1:1");
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      if (self->threadId[0] % 2 == 0)
                        shuffle(self, ShuffleMode::Xor, 0, 2, 32, "k:1:1");
                      else
                        orcinus_sim_barrier(self, "k:2:1");
                    }),
                    Kind::ShuffleDivergence, "k:1:1", "k:2:1");
  EXPECT_ONE_REPORT(reportsOf([](void **, SimulatorThread *self) {
                      shuffle(self, ShuffleMode::Xor, 0, 1, 48, "k:1:1");
                    }),
                    Kind::ShuffleDivergence, "k:1:1");
}

TEST(SimulatorChecker, ShuffleOfAPartSubgroup) {
  SimulatedKernel kernel =
      collectiveKernel([](void **params, SimulatorThread *self) {
        shuffle(self, ShuffleMode::Xor, 0, argument<int32_t>(params, 0), 32);
      });
  int32_t offset = 4;
  void *params[] = {&offset};
  Simulator simulator;
  // 40 threads: the lanes of the second subgroup are 0 to 7.
  EXPECT_TRUE(simulator.launch(kernel, {1, 1, 1}, {40, 1, 1}, 0, params).ok());
  offset = 8;
  EXPECT_EQ(
      simulator.launch(kernel, {1, 1, 1}, {40, 1, 1}, 0, params).message(),
      "kernel 'hand': shuffle at k:1:1 reads lane 8 of a subgroup that "
      "has 8, by thread (32,0,0) of block (0,0,0)");
}

TEST(SimulatorChecker, ReportsAreBounded) {
  static std::vector<std::string> places;
  for (int32_t at = 0; at < 400; ++at)
    places.push_back("k:" + std::to_string(at) + ":1");
  SimulatedKernel kernel = collectiveKernel(
      [](void **, SimulatorThread *self) {
        for (const std::string &place : places)
          checkedLoad(self, self->workgroup, place.c_str());
      },
      64);
  Simulator simulator({.check = true});
  EXPECT_FALSE(simulator.launch(kernel, {1, 1, 1}, {2, 1, 1}, 0, nullptr).ok());
  EXPECT_EQ(simulator.reports().size(), ReportLog::bound);
}

} // namespace
