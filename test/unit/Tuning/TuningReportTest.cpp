//===- TuningReportTest.cpp - What a tuning has come to -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/TuningReport.h"

#include "lib/Tuning/PageFigures.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace orcinus;

/// Of a network with two operators, one of which reuses a bridge.
static TuningReport networkReport() {
  TuningReport report;
  report.steps = {{"first", false, "", 2, 1.5, 64, 0},
                  {"between", true, "first", 1, 0.5, 8, 0},
                  {"<second>", false, "between", 1, 0.75, 12, 4}};
  for (const char *name : {"first", "<second>"}) {
    OperatorResult result;
    result.name = name;
    result.program.microseconds = 10;
    result.program.baselineMicroseconds = 1;
    result.untunedMicroseconds = 20;
    report.operators.push_back(result);
  }
  report.bridges = 1;
  NetworkReport &network = report.network.emplace();
  network.network = "net\".mlir";
  network.latencies = {
      {8, 3, 2, 0.667, {{0.5, 3, "before"}, {9, 2, "with first"}}}};
  network.operators = {{"first", 4, 20, 10, true, "kept"},
                       {"<second>", 1, 20, 20, false, "not kept"}};
  network.byDefault = {{"'linalg.exp' in @f", "has too few iterations"}};
  return report;
}

TEST(TuningReport, HasAllFactsAsJson) {
  nlohmann::json json = nlohmann::json::parse(networkReport().toJson());
  EXPECT_EQ(json["plan"]["steps"][2]["source"], "between");
  EXPECT_EQ(json["plan"]["steps"][2]["mending_trials"], 4);
  EXPECT_EQ(json["plan"]["steps"][1]["bridge"], true);
  nlohmann::json network = json["network"];
  EXPECT_EQ(network["latencies"][0]["extent"], 8);
  EXPECT_EQ(network["latencies"][0]["moments"][1]["what"], "with first");
  EXPECT_EQ(network["operators"][0]["kept"], true);
  EXPECT_EQ(network["operators"][0]["calls"], 4);
  EXPECT_EQ(network["by_default"][0]["reason"], "has too few iterations");
}

TEST(TuningReport, AddsUp) {
  TuningReport all = networkReport();
  all.add(networkReport());
  EXPECT_EQ(all.steps.size(), 3u) << "a name is there once";
  EXPECT_EQ(all.steps[0].trials, 128);
  EXPECT_EQ(all.operators.size(), 4u);
  EXPECT_EQ(all.bridges, 2);
}

static size_t countOf(const std::string &text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++count;
  return count;
}

// What is drawn is what was done, and names are text whatever they say.
TEST(TuningReport, IsAPageByItself) {
  std::string page = tuningPage(networkReport());
  EXPECT_EQ(countOf(page, "<second>"), 0u);
  EXPECT_GE(countOf(page, "&lt;second&gt;"), 3u);
  EXPECT_EQ(countOf(page, "class=\"hollow\""), 1u);
  EXPECT_EQ(countOf(page, "<script"), 0u);
  EXPECT_EQ(countOf(page, "http:"), 0u);
  EXPECT_EQ(countOf(page, "https:"), 0u);
  EXPECT_EQ(countOf(page, "<svg"), countOf(page, "</svg>"));
  EXPECT_EQ(countOf(page, "<tr>"), countOf(page, "</tr>"));
  EXPECT_NE(page.find("has too few iterations"), std::string::npos);
  EXPECT_NE(page.find("0.667"), std::string::npos);
}

TEST(TuningReport, IsAPageWhereNothingWasDone) {
  std::string page = tuningPage(TuningReport());
  EXPECT_EQ(countOf(page, "<svg"), 0u);
  EXPECT_NE(page.find("</html>"), std::string::npos);
}

TEST(PageFigures, EscapeWhateverComes) {
  EXPECT_EQ(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped("caf\xe9"), "caf\uFFFD");
}

TEST(PageFigures, PutEachNodeOnALineBelowItsParent) {
  std::string tree = treeFigure({{TreeNode::root, "a", "", false},
                                 {0, "b", "", false},
                                 {0, "c", "", true},
                                 {1, "d", "", false}},
                                "root");
  // Depth first: a, b, d, c.
  size_t a = tree.find(">a<"), b = tree.find(">b<"), c = tree.find(">c<"),
         d = tree.find(">d<");
  for (size_t at : {a, b, c, d})
    EXPECT_NE(at, std::string::npos);
  auto lineOf = [&](size_t at) {
    size_t y = tree.rfind("y=\"", at);
    return std::stod(tree.substr(y + 3));
  };
  EXPECT_LT(lineOf(a), lineOf(b));
  EXPECT_LT(lineOf(b), lineOf(d));
  EXPECT_LT(lineOf(d), lineOf(c));
}
