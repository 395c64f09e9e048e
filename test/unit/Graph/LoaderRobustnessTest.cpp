//===- LoaderRobustnessTest.cpp - Damaged files do no harm ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TemporaryFolder.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Writer.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

/// Checks what every loaded stream promises.
void expectValid(const EventStream &stream) {
  size_t events = stream.time.size();
  ASSERT_GT(events, 0u);
  ASSERT_EQ(stream.source.size(), events);
  ASSERT_EQ(stream.destination.size(), events);
  ASSERT_TRUE(std::is_sorted(stream.time.begin(), stream.time.end()));
  ASSERT_GE(stream.seconds(0), 0);
  ASSERT_TRUE(std::isfinite(stream.seconds(stream.eventCount() - 1)));
  for (const Column<int32_t> *ids : {&stream.source, &stream.destination})
    for (int32_t id : *ids)
      ASSERT_TRUE(id >= 0 && id < stream.nodeCount);
  if (!stream.externalIds.empty()) {
    ASSERT_EQ(std::ssize(stream.externalIds), stream.nodeCount);
    ASSERT_TRUE(std::is_sorted(stream.externalIds.begin(),
                               stream.externalIds.end(), std::less_equal<>()));
  }
  const FeatureMatrix &features = stream.edgeFeatures;
  ASSERT_EQ(std::ssize(features.values), features.rows * features.columns);
  if (features.columns > 0) {
    ASSERT_EQ(features.rows, std::ssize(stream.time));
  }
  for (float value : features.values)
    ASSERT_TRUE(std::isfinite(value));
}

/// `text` with a few bytes changed, removed or doubled, or its end cut off.
std::string damage(std::string text, std::mt19937 &random) {
  constexpr std::string_view bytes("0195-.,eE \t\n\r#naif\0\x80\xff", 21);
  for (size_t change = random() % 4 + 1; change > 0 && !text.empty();
       --change) {
    size_t at = random() % text.size();
    switch (random() % 5) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text.erase(at, random() % 4 + 1);
      break;
    case 2:
      text.insert(at, text.substr(at, random() % 20));
      break;
    default:
      text[at] = bytes[random() % bytes.size()];
    }
  }
  return text;
}

/// Damages the file `name` of `folder` in many ways and loads `specification`
/// each time: it must be loaded as a valid stream, or be refused in one line.
void loadDamaged(const TemporaryFolder &folder, const std::string &name,
                 const std::string &specification) {
  std::string text = folder.read(name);
  std::mt19937 random(1);
  int refused = 0;
  constexpr int rounds = 300;
  for (int round = 0; round < rounds; ++round) {
    folder.write(name, damage(text, random));
    LoadOptions options;
    options.sort = round % 2;
    StatusOr<LoadedStream> loaded =
        loadEventStream(folder.path(specification), options);
    if (loaded.ok()) {
      expectValid(loaded->stream);
      continue;
    }
    ++refused;
    ASSERT_EQ(loaded.message().find('\n'), std::string::npos);
    ASSERT_NE(loaded.message().find(name), std::string::npos)
        << loaded.message();
  }
  EXPECT_GT(refused, rounds / 10);
  EXPECT_LT(refused, rounds);
  folder.write(name, text);
}

TEST(LoaderRobustness, PlainText) {
  TemporaryFolder folder;
  folder.write("x.txt", "1 8228 0\n2 8229 36\n2 8229 77\n3 8230 131\n"
                        "4 8231 150\n5 8232 153\n6 8233 183\n");
  loadDamaged(folder, "x.txt", "x.txt");
}

TEST(LoaderRobustness, PlainTextWithFeatures) {
  TemporaryFolder folder;
  StatusOr<EventStream> stream = generateEventStream({10, 20, 1, 3});
  ASSERT_TRUE(stream.ok());
  ASSERT_TRUE(writeEventCsv(*stream, folder.path("x.csv")).ok());
  loadDamaged(folder, "x.csv", "x.csv");
}

TEST(LoaderRobustness, Jodie) {
  TemporaryFolder folder;
  folder.write("x.csv", "user_id,item_id,timestamp,state_label,"
                        "comma_separated_list_of_features\n"
                        "0,0,0.0,0,-0.17,0.25\n1,1,36.0,0,1.5e-3,0\n"
                        "1,1,77.0,0,0.5,-2\n2,2,131.0,1,3,4\n");
  loadDamaged(folder, "x.csv", "x.csv");
}

TEST(LoaderRobustness, GzipAndDyglib) {
  TemporaryFolder folder;
  std::string text = ",u,i,ts,label,idx\n0,1,2,0.0,0.0,1\n1,2,4,5.0,0.0,2\n";
  folder.write("x.csv.gz", test::gzip(text));
  loadDamaged(folder, "x.csv.gz", "x.csv.gz");
  folder.write("ml_x.csv", text);
  loadDamaged(folder, "ml_x.csv", "ml_x.csv");
}

TEST(LoaderRobustness, Numpy) {
  TemporaryFolder folder;
  folder.write("ml_x.csv", ",u,i,ts,label,idx\n0,0,1,0.0,0.0,1\n");
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': "
                       "(2, 3), }\n";
  std::string array("\x93NUMPY\x01\0", 8);
  array += static_cast<char>(header.size());
  array += '\0';
  array += header;
  array.append(24, '\x3f');
  folder.write("ml_x.npy", array);
  ASSERT_TRUE(loadEventStream(folder.path("ml_x.csv")).ok());
  loadDamaged(folder, "ml_x.npy", "ml_x.csv");
}

} // namespace
