//===- LabelsTest.cpp - Labels of nodes and events ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Labels.h"

#include "TemporaryFolder.h"
#include "orcinus/Graph/Loader.h"

#include <gtest/gtest.h>

using namespace orcinus;
using test::TemporaryFolder;

namespace {

using Texts = std::vector<std::string>;
using Values = std::vector<float>;

constexpr const char *events = "source,destination,time,kind,twin,size\n"
                               "a,b,1,red,blue,0.5\n"
                               "b,c,2,,red,\n"
                               "a,c,2,blue,blue,-2\n"
                               "c,a,5,green,red,7\n";

EventStream load(const std::string &columns) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = columns;
  auto loaded = loadEventStream(folder.write("events.csv", events), options);
  EXPECT_TRUE(loaded.ok()) << loaded.message();
  return loaded.ok() ? std::move(loaded->stream) : EventStream();
}

Values valuesOf(const LabelSet &labels, int64_t label) {
  Values values(labels.columns());
  labels.values(label, values);
  return values;
}

LabelSet labelsOf(const EventStream &stream, Task task) {
  auto labels = labelsOfStream(stream, task);
  EXPECT_TRUE(labels.ok()) << labels.message();
  return labels.ok() ? *labels : LabelSet();
}

TEST(Labels, OfEventsInTheirColumn) {
  LabelSet labels = labelsOf(load("kind"), Task::EdgeClassification);
  EXPECT_EQ(labels.classes, (Texts{"blue", "green", "red"}));
  ASSERT_EQ(labels.size(), 3);
  EXPECT_EQ(labels.columns(), 3);
  EXPECT_EQ(valuesOf(labels, 0), (Values{0, 0, 1}));
  EXPECT_EQ(valuesOf(labels, 1), (Values{1, 0, 0}));
  EXPECT_EQ(labels.places[1].event, 2);
  EXPECT_EQ(labels.places[1].of, LabelOf::Source);
  EXPECT_EQ(labels.ofEvents(1, 3), std::pair(int64_t(1), int64_t(2)));
  EXPECT_EQ(labels.ofEvents(0, 4), std::pair(int64_t(0), int64_t(3)));
}

TEST(Labels, OfBothEnds) {
  EventStream stream = load("kind,twin");
  LabelSet labels = labelsOf(stream, Task::NodeClassification);
  ASSERT_EQ(labels.size(), 7);
  std::vector<std::pair<int32_t, LabelOf>> found;
  for (const LabelPlace &place : labels.places)
    found.push_back({place.node, place.of});
  // a is node 0, b 1, c 2.
  using enum LabelOf;
  EXPECT_EQ(found,
            (std::vector<std::pair<int32_t, LabelOf>>{{0, Source},
                                                      {1, Destination},
                                                      {2, Destination},
                                                      {0, Source},
                                                      {2, Destination},
                                                      {2, Source},
                                                      {0, Destination}}));
  EXPECT_EQ(valuesOf(labels, 2), (Values{0, 0, 1}));
}

TEST(Labels, NumbersAndTwoClasses) {
  LabelSet numbers = labelsOf(load("size"), Task::EdgeRegression);
  EXPECT_TRUE(numbers.classes.empty());
  EXPECT_EQ(numbers.columns(), 1);
  ASSERT_EQ(numbers.size(), 3);
  EXPECT_EQ(valuesOf(numbers, 1), Values{-2});

  LabelSet binary = labelsOf(load("twin"), Task::NodeClassification);
  EXPECT_TRUE(binary.isBinary());
  EXPECT_EQ(binary.columns(), 1);
  EXPECT_EQ(binary.classes, (Texts{"blue", "red"}));
  EXPECT_EQ(valuesOf(binary, 0), Values{0});
  EXPECT_EQ(valuesOf(binary, 1), Values{1});
}

TEST(Labels, ClassesThatAreNumbersAreInTheirOrder) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = "label";
  auto loaded = loadEventStream(
      folder.write("ml.csv", ",u,i,ts,label,idx\n0,1,2,0.0,10,1\n"
                             "1,1,2,1.0,9.5,2\n2,2,1,2.0,-1,3\n"),
      options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  LabelSet labels = labelsOf(loaded->stream, Task::EdgeClassification);
  EXPECT_EQ(labels.classes, (Texts{"-1", "9.5", "10"}));
}

TEST(Labels, OfJodieAreSortedWithTheEvents) {
  TemporaryFolder folder;
  LoadOptions options;
  options.labels = "state_label";
  options.sort = true;
  auto loaded = loadEventStream(
      folder.write("j.csv", "user_id,item_id,timestamp,state_label,features\n"
                            "0,0,5,1,0.5\n1,0,2,0,0.5\n"),
      options);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  LabelSet labels = labelsOf(loaded->stream, Task::NodeClassification);
  ASSERT_EQ(labels.size(), 2);
  EXPECT_EQ(valuesOf(labels, 0), Values{0});
  EXPECT_EQ(labels.places[0].node, 1);
}

std::string columnsError(const std::string &columns, Task task) {
  auto labels = labelsOfStream(load(columns), task);
  return labels.ok() ? "no error" : labels.message();
}

TEST(Labels, ColumnsThatDoNotFitAreErrors) {
  EXPECT_EQ(columnsError("", Task::NodeClassification),
            "the stream has no labels: name the columns that hold them, or a "
            "file");
  EXPECT_EQ(columnsError("kind,twin", Task::EdgeClassification),
            "there are 2 columns of labels, but an event has one label");
  EXPECT_EQ(columnsError("kind,twin,size", Task::NodeClassification),
            "there are 3 columns of labels, but at most two have a meaning, of "
            "the events' sources and of their destinations");
  EXPECT_EQ(columnsError("kind", Task::NodeRegression),
            "column 'kind': the label 'red' is no number in single precision; "
            "correct or remove it, or choose a task of classes");
  EXPECT_EQ(columnsError("kind", Task::NodeProperty),
            "node-property takes its labels, weights of classes by node and "
            "time, from a file of their own");
  EXPECT_EQ(parseTask("dance").message(),
            "there is no task 'dance': choose one of link-prediction, "
            "node-classification, node-regression, node-property, "
            "edge-classification, edge-regression");
}

TEST(Labels, ColumnsThatAreNotThereAreErrors) {
  TemporaryFolder folder;
  std::string path = folder.write("events.csv", events);
  LoadOptions options;
  auto messageOf = [&](const std::string &columns) {
    options.labels = columns;
    auto loaded = loadEventStream(path, options);
    return loaded.ok() ? "no error" : loaded.message();
  };
  EXPECT_EQ(messageOf("colour"),
            "'" + path +
                "' has no column 'colour'; its columns are 'source', "
                "'destination', 'time', 'kind', 'twin', 'size'");
  EXPECT_EQ(messageOf("time"),
            "'" + path +
                "': column 'time' is in use already; name other columns as "
                "labels");
  path = folder.write("plain.txt", "1 2 3\n2 3 4\n");
  EXPECT_EQ(messageOf("kind"), "'" + path +
                                   "' has no header that names a column of "
                                   "labels (kind); add one");
  EXPECT_EQ(loadEventStream("synthetic:nodes=5,events=9", options).message(),
            "a synthetic stream has no labels: give a file, or leave out the "
            "columns of labels");
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

StatusOr<LabelSet> read(std::string_view text, Task task) {
  TemporaryFolder folder;
  return readLabels(load(""), folder.write("labels.csv", text), task, "auto");
}

TEST(LabelFile, AsksWithTheFirstEventThatIsNotBefore) {
  auto labels = read("node,time,label\na,0.5,x\nb,2,y\nc,3,x\na,9,y\n",
                     Task::NodeClassification);
  ASSERT_TRUE(labels.ok()) << labels.message();
  std::vector<int32_t> asked;
  for (const LabelPlace &place : labels->places) {
    asked.push_back(place.event);
    EXPECT_EQ(place.of, LabelOf::Node);
  }
  EXPECT_EQ(asked, (std::vector<int32_t>{0, 1, 3, 3}));
  EXPECT_EQ(TimeScale().seconds(labels->places[2].time), 3);
}

TEST(LabelFile, GathersSharesOfOneNodeAndTime) {
  auto labels = read("ts,user,class,weight\n1,a,rock,0.25\n1,b,jazz,1\n"
                     "1,a,jazz,0.75\n2,a,folk,2\n2,b,rock,3\n2,b,folk,1\n",
                     Task::NodeProperty);
  ASSERT_TRUE(labels.ok()) << labels.message();
  EXPECT_EQ(labels->classes, (Texts{"folk", "jazz", "rock"}));
  ASSERT_EQ(labels->size(), 4);
  EXPECT_EQ(valuesOf(*labels, 0), (Values{0, 0.75f, 0.25f}));
  EXPECT_EQ(valuesOf(*labels, 1), (Values{0, 1, 0}));
  // Weights are of their sum.
  EXPECT_EQ(valuesOf(*labels, 2), (Values{1, 0, 0}));
  EXPECT_EQ(valuesOf(*labels, 3), (Values{0.25f, 0, 0.75f}));
}

TEST(LabelFile, ReadsTheHeadersOfTgb) {
  for (std::string header :
       {"year,nation,trading_nation,weight", "ts,user,genre,weight",
        "ts,user,subreddit,weight", "ts,user_address,token_address,weight"}) {
    auto labels =
        read(header + "\n1,a,x,1\n1,a,y,3\n2,b,y,5\n", Task::NodeProperty);
    ASSERT_TRUE(labels.ok()) << labels.message();
    ASSERT_EQ(labels->size(), 2) << header;
    EXPECT_EQ(valuesOf(*labels, 0), (Values{0.25f, 0.75f})) << header;
  }
}

TEST(LabelFile, WeightsAreOfSharesAlone) {
  auto labels = read("node,label,weight\na,7,300\n", Task::NodeRegression);
  ASSERT_TRUE(labels.ok()) << labels.message();
  EXPECT_EQ(valuesOf(*labels, 0), Values{7});
}

TEST(LabelFile, WithoutTimesIsOfAllEventsOfANode) {
  auto labels = read("node,label\nc,7\na,1\n", Task::NodeRegression);
  ASSERT_TRUE(labels.ok()) << labels.message();
  // All events but b's ends.
  ASSERT_EQ(labels->size(), 6);
  EXPECT_EQ(valuesOf(*labels, 0), Values{1});
  EXPECT_EQ(labels->places[1].of, LabelOf::Destination);
  EXPECT_EQ(valuesOf(*labels, 1), Values{7});
}

std::string fileError(std::string_view text,
                      Task task = Task::NodeClassification) {
  auto labels = read(text, task);
  if (labels.ok())
    return "no error";
  std::string message = labels.message();
  size_t at = message.find("labels.csv");
  return at == std::string::npos ? message : message.substr(at);
}

TEST(LabelFile, WhatIsWrongIsSaidWithItsLine) {
  EXPECT_EQ(fileError("# nothing\n"),
            "labels.csv' is empty: it needs a header that names node and "
            "label, and labels");
  EXPECT_EQ(fileError("node,colour\na,1\n"),
            "labels.csv:1: the header 'node', 'colour' names no column 'node' "
            "(or user) or no column 'label' (or class, value); there may be "
            "'time' and 'weight' besides");
  EXPECT_EQ(fileError("node,label\na,1\nz,2\n"),
            "labels.csv:3: the data have no node 'z'; nodes are named as in "
            "the data");
  EXPECT_EQ(fileError("node,label\na,1\na,2\n"),
            "labels.csv:3: node 'a' has a label before; leave one of them");
  EXPECT_EQ(fileError("node,time,label\na,1,x\na,1,y\n"),
            "labels.csv:3: node 'a' has a label before for this time; leave "
            "one of them");
  EXPECT_EQ(fileError("node,time,label\na,2,x\na,1,y\n"),
            "labels.csv:3: time '1' is before the row above; sort the labels "
            "by time");
  EXPECT_EQ(fileError("node,label\na\n"),
            "labels.csv:2: row has 1 fields, but the header has 2");
  EXPECT_EQ(fileError("node,label\na,\n"),
            "labels.csv:2: the label is empty; remove the row");
  EXPECT_EQ(fileError("node,label\na,x\nb,x\n"),
            "labels.csv': all labels are 'x', so that there is nothing to tell "
            "apart; give labels of another class, too");
  EXPECT_EQ(fileError("node,label\n"),
            "labels.csv': there is no label at all; give some");
  EXPECT_EQ(fileError("node,label\na,1\nb,two\n", Task::NodeRegression),
            "labels.csv:3: the label 'two' is no number in single precision; "
            "correct or remove it, or choose a task of classes");
  EXPECT_EQ(fileError("node,label\na,x\nb,\"y\n"),
            "labels.csv:3: a quote that opens in this row is never closed; "
            "close it or remove the row");
  EXPECT_EQ(
      fileError("node,ts,class,weight\na,1,x,0\na,1,y,0\n", Task::NodeProperty),
      "labels.csv': node 'a': has a label whose weights are all 0; "
      "remove its rows");
  EXPECT_EQ(fileError("node,class,weight\na,x,1\n", Task::NodeProperty),
            "labels.csv:1: the header names no column 'time', which labels of "
            "node-property have");
  EXPECT_EQ(fileError("node,ts,class,weight\na,1,x,-1\n", Task::NodeProperty),
            "labels.csv:2: the weight '-1' is no number of 0 or more");
  EXPECT_EQ(fileError("node,label\na,1\n", Task::EdgeRegression),
            "labels.csv' has labels of nodes, of which edge-regression has "
            "none; name a column of the events");
}

} // namespace
