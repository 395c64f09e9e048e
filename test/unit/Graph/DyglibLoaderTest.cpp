//===- DyglibLoaderTest.cpp - Events in the DyGLib and TGN layout ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestStreams.h"
#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

/// A file as numpy.save writes it, of version `version`.
template <typename T>
std::string npy(const std::string &type, const std::string &shape,
                const std::vector<T> &values, bool fortran = false,
                char version = 1) {
  std::string header = "{'descr': " + type +
                       ", 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }\n";
  std::string file = "\x93NUMPY";
  file += version;
  file += '\0';
  for (int byte = 0; byte < (version == 1 ? 2 : 4); ++byte)
    file += static_cast<char>(header.size() >> (8 * byte));
  file += header;
  file.append(reinterpret_cast<const char *>(values.data()),
              values.size() * sizeof(T));
  return file;
}

/// Three events among the nodes 1, 2 and 4, with their features.
class DyglibLoader : public ::testing::Test {
protected:
  void SetUp() override {
    folder.write("ml_x.csv", ",u,i,ts,label,idx\n0,1,2,0.0,0.0,1\n"
                             "1,2,4,5.0,0.0,2\n2,4,1,5.0,1.0,3\n");
    folder.write("ml_x.npy",
                 npy<double>("'<f8'", "(4, 2)", {0, 0, 1, 2, 3, 4, 5, 6}));
    folder.write("ml_x_node.npy",
                 npy<float>("'<f4'", "(5, 1)", {0, 10, 20, 30, 40}));
  }

  StatusOr<LoadedStream> load(LoadOptions options = {}) {
    return loadEventStream(folder.path("ml_x.csv"), options);
  }

  /// The message of loading, with the folder's path removed.
  std::string message() {
    StatusOr<LoadedStream> loaded = load();
    std::string text = loaded.ok() ? "no error" : loaded.message();
    for (size_t at; (at = text.find(folder.path(""))) != std::string::npos;)
      text.erase(at, folder.path("").size());
    return text;
  }

  /// The message of loading with the edge features `bytes`.
  std::string messageOfFeatures(std::string_view bytes) {
    folder.write("ml_x.npy", bytes);
    return message();
  }

  TemporaryFolder folder;
};

TEST_F(DyglibLoader, JoinsEventsWithTheirFeatures) {
  StatusOr<LoadedStream> loaded = load();
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const EventStream &stream = loaded->stream;
  EXPECT_EQ(stream.source, (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(stream.destination, (std::vector<int32_t>{1, 2, 0}));
  EXPECT_EQ(test::secondsOf(stream), (std::vector<double>{0, 5, 5}));
  EXPECT_EQ(stream.externalIds, (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(stream.edgeFeatures.rows, 3);
  EXPECT_EQ(stream.edgeFeatures.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(stream.nodeFeatures.rows, 3);
  EXPECT_EQ(stream.nodeFeatures.values, (std::vector<float>{10, 20, 40}));
  EXPECT_EQ(loaded->description,
            "DyGLib csv, columns u=source i=destination ts=time, 2 edge "
            "features, 1 node features; node ids 1..4 with gaps renumbered "
            "0..2; times taken for seconds");
}

TEST_F(DyglibLoader, TakesTheFeatureRowFromIdxAndFollowsTheSorting) {
  folder.write("ml_x.csv", ",u,i,ts,label,idx\n0,1,2,9,0,2\n1,2,4,5,0,3\n"
                           "2,4,1,7,1,1\n");
  StatusOr<LoadedStream> loaded = load({"auto", true});
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(test::secondsOf(loaded->stream), (std::vector<double>{5, 7, 9}));
  EXPECT_EQ(loaded->stream.edgeFeatures.values,
            (std::vector<float>{5, 6, 1, 2, 3, 4}));
}

TEST_F(DyglibLoader, ReadsGzippedFiles) {
  TemporaryFolder other;
  for (const char *name : {"ml_x.csv", "ml_x.npy", "ml_x_node.npy"})
    other.write(std::string(name) + ".gz", test::gzip(folder.read(name)));
  StatusOr<LoadedStream> loaded = loadEventStream(other.path("ml_x.csv.gz"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 2);
  EXPECT_EQ(loaded->stream.nodeFeatures.columns, 1);
}

TEST_F(DyglibLoader, LoadsWithoutFeatureFiles) {
  std::filesystem::remove(folder.path("ml_x.npy"));
  std::filesystem::remove(folder.path("ml_x_node.npy"));
  StatusOr<LoadedStream> loaded = load();
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 0);
  EXPECT_EQ(loaded->stream.nodeFeatures.columns, 0);
  EXPECT_NE(loaded->description.find(", no edge features, no node features"),
            std::string::npos);
}

TEST_F(DyglibLoader, ReadsVersion2AndVectors) {
  folder.write("ml_x.npy", npy<float>("'<f4'", "(4,)", {0, 1, 2, 3}, false, 2));
  StatusOr<LoadedStream> loaded = load();
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->stream.edgeFeatures.columns, 1);
  EXPECT_EQ(loaded->stream.edgeFeatures.values, (std::vector<float>{1, 2, 3}));
}

TEST_F(DyglibLoader, RejectsFeatureFilesOfAnotherLength) {
  EXPECT_EQ(messageOfFeatures(npy<float>("'<f4'", "(3, 1)", {0, 1, 2})),
            "'ml_x.npy' has 3 rows, but 'ml_x.csv' needs 4 (one for each edge "
            "and row 0 as padding); use files that belong together");
  EXPECT_EQ(messageOfFeatures(npy<float>("'<f4'", "(5, 1)", {0, 1, 2, 3, 4})),
            "'ml_x.npy' has 5 rows, but 'ml_x.csv' needs 4 (one for each edge "
            "and row 0 as padding); use files that belong together");
  SetUp();
  folder.write("ml_x_node.npy", npy<float>("'<f4'", "(2, 1)", {0, 1}));
  EXPECT_EQ(message(),
            "'ml_x_node.npy' has 2 rows, but 'ml_x.csv' needs 5 (one for each "
            "node and row 0 as padding); use files that belong together");
}

TEST_F(DyglibLoader, RejectsBadNumpyFiles) {
  std::vector<float> values(8);
  EXPECT_EQ(messageOfFeatures("0 1 2\n"),
            "'ml_x.npy' is not a npy file; write it with numpy.save");
  EXPECT_EQ(messageOfFeatures(""),
            "'ml_x.npy' is empty; copy or write it again");
  EXPECT_EQ(messageOfFeatures("\x93NUMPY\x01"),
            "'ml_x.npy' is truncated: its npy header is incomplete; copy or "
            "write it again");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "(4, 2)", values).substr(0, 40)),
            "'ml_x.npy' is truncated: its npy header is incomplete; copy or "
            "write it again");
  EXPECT_EQ(messageOfFeatures(npy("'<i8'", "(4, 1)", values)),
            "'ml_x.npy' has elements of type '<i8'; expected '<f4' or '<f8': "
            "convert it with astype('float32')");
  EXPECT_EQ(messageOfFeatures(npy("'>f4'", "(4, 2)", values)),
            "'ml_x.npy' has elements of type '>f4'; expected '<f4' or '<f8': "
            "convert it with astype('float32')");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "(4, 2)", values, true)),
            "'ml_x.npy' is in Fortran order; write it with "
            "numpy.ascontiguousarray");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "(4, 2, 1)", values)),
            "'ml_x.npy' has the shape '(4, 2, 1)'; expected a matrix (rows, "
            "columns)");
  // A quoted field with doubled quotes is not part of the file.
  EXPECT_EQ(
      messageOfFeatures(npy("'<f4'", "(\"4 of \"\"them\"\"\",1)", values)),
      "'ml_x.npy' has the shape '(\"4 of \"\"them\"\"\",1)'; expected extents");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "()", values)),
            "'ml_x.npy' has the shape '()'; expected a matrix (rows, columns)");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "(4, 3)", values)),
            "'ml_x.npy' is truncated for its shape (4, 3); copy or write it "
            "again");
  EXPECT_EQ(messageOfFeatures(npy("'<f4'", "(4, 1)", values)),
            "'ml_x.npy' is too long for its shape (4, 1); copy or write it "
            "again");
  EXPECT_EQ(messageOfFeatures(npy(
                "'<f4'", "(4611686018427387904, 4611686018427387904)", values)),
            "'ml_x.npy' is truncated for its shape (4611686018427387904, "
            "4611686018427387904); copy or write it again");
}

TEST_F(DyglibLoader, RejectsFeaturesThatAreNotFinite) {
  EXPECT_EQ(messageOfFeatures(
                npy<double>("'<f8'", "(4, 1)", {0, 1, std::nan(""), 3})),
            "'ml_x.npy' holds, in row 2, a value that is not finite in single "
            "precision; replace it");
  EXPECT_EQ(messageOfFeatures(npy<double>("'<f8'", "(4, 1)", {0, 1, 2, 1e300})),
            "'ml_x.npy' holds, in row 3, a value that is not finite in single "
            "precision; replace it");
}

TEST_F(DyglibLoader, RejectsBadRows) {
  auto messageOfRows = [&](const std::string &rows) {
    folder.write("ml_x.csv", ",u,i,ts,label,idx\n" + rows);
    return message();
  };
  EXPECT_EQ(messageOfRows("0,1,2,0,0\n"),
            "ml_x.csv:2: row has 5 fields, expected 6 (number, u, i, ts, "
            "label, idx); correct or remove the row");
  EXPECT_EQ(messageOfRows("0,1,2,0,0,1\n1,2"),
            "ml_x.csv:3: row has 2 fields, expected 6 (number, u, i, ts, "
            "label, idx); correct or remove the row (the file ends in it)");
  EXPECT_EQ(messageOfRows("0,1,2,0,0,x\n"),
            "ml_x.csv:2: idx 'x' is not an integer; number the events from 1");
  EXPECT_EQ(messageOfRows("0,1,2,0,0,1\n1,1,4,0,0,9\n2,1,4,0,0,3\n"),
            "ml_x.csv:3: idx '9' is outside 1..3; number the events from 1");
  EXPECT_EQ(messageOfRows("0,1,2,nan,0,1\n"),
            "ml_x.csv:2: timestamp 'nan' is not finite; correct or remove the "
            "row");
}

} // namespace
