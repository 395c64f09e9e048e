//===- SyntheticLoaderTest.cpp - Streams made as asked --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Loader.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

TEST(SyntheticLoader, GivesWhatTheGeneratorGives) {
  StatusOr<LoadedStream> loaded =
      loadEventStream("synthetic:nodes=50,events=300,seed=7,features=3");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  StatusOr<EventStream> stream = generateEventStream({50, 300, 7, 3});
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(loaded->stream.source, stream->source);
  EXPECT_EQ(loaded->stream.time, stream->time);
  EXPECT_EQ(loaded->stream.edgeFeatures.values, stream->edgeFeatures.values);
  EXPECT_EQ(loaded->description,
            "synthetic stream, nodes=50 events=300 seed=7 features=3");
}

TEST(SyntheticLoader, RejectsWhatItDoesNotKnow) {
  EXPECT_EQ(loadEventStream("synthetic:nodes=50,edges=3").message(),
            "synthetic stream: unknown option 'edges'; use nodes, events, seed "
            "and features");
  EXPECT_EQ(loadEventStream("synthetic:nodes=many").message(),
            "synthetic stream: 'nodes' is 'many'; give a non-negative integer");
  EXPECT_EQ(loadEventStream("synthetic:nodes=-4").message(),
            "synthetic stream: 'nodes' is '-4'; give a non-negative integer");
  EXPECT_EQ(loadEventStream("synthetic:nodes").message(),
            "synthetic stream: 'nodes' has no value; write for example "
            "synthetic:nodes=1000,events=10000");
  EXPECT_EQ(loadEventStream("synthetic:nodes=1").message(),
            "a synthetic stream of 1 nodes cannot be made; ask for 2 to 2^31 - "
            "1");
  EXPECT_EQ(loadEventStream("synthetic:events=3000000000").message(),
            "a synthetic stream of 3000000000 events cannot be made; ask for 1 "
            "to 2^31 - 1");
}

} // namespace
