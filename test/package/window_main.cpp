//===- window_main.cpp - Trains a model with a plugin's index work --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Plugin.h"
#include "orcinus/Runtime/Trainer.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

using Stream = std::shared_ptr<const orcinus::EventStream>;

/// The model's text with another sampler in place of the plugin's.
static std::string withSampler(std::string text, const std::string &sampler) {
  const std::string own = "window.sample %queries k(5) within(1000)";
  return text.replace(text.find(own), own.size(), sampler);
}

/// The loss after ten steps.
static orcinus::StatusOr<double> lossOf(const std::string &text,
                                        const Stream &stream) {
  orcinus::CompileOptions compile;
  compile.model = "window";
  compile.modelText = text;
  compile.useCache = false;
  auto model = orcinus::compileModel(compile);
  if (!model.ok())
    return model.status();
  auto trainer = orcinus::Trainer::create(stream, *model);
  if (!trainer.ok())
    return trainer.status();
  double loss = 0;
  for (int count = 0; count != 10; ++count) {
    auto step = trainer->trainStep();
    if (!step.ok())
      return step.status();
    loss = step->loss;
  }
  return loss;
}

static int run(const std::string &plugin, const std::string &model) {
  std::ifstream file(model);
  std::string text(std::istreambuf_iterator<char>(file), {});
  auto loaded =
      orcinus::loadEventStream("synthetic:nodes=100,events=4000,features=3");
  if (!loaded.ok())
    return 1;
  auto stream =
      std::make_shared<orcinus::EventStream>(std::move(loaded->stream));
  text.replace(text.find("edge = 0"), 8, "edge = 3");
  if (lossOf(text, stream).ok()) {
    std::fprintf(stderr, "compiled without the plugin's dialect\n");
    return 1;
  }
  if (orcinus::Status status = orcinus::loadPlugin(plugin); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.message().c_str());
    return 1;
  }
  auto windowed = lossOf(text, stream);
  auto all = lossOf(
      withSampler(text, "window.sample %queries k(5) within(2147483647)"),
      stream);
  auto recent = lossOf(
      withSampler(text, "tgnn.sample %queries k(5) policy(recent)"), stream);
  for (const auto &loss : {windowed, all, recent})
    if (!loss.ok()) {
      std::fprintf(stderr, "%s\n", loss.message().c_str());
      return 1;
    }
  std::printf("losses %.9g, %.9g without an end, %.9g of the recent\n",
              *windowed, *all, *recent);
  return *all == *recent && *windowed != *all ? 0 : 1;
}

int main(int argc, char **argv) {
  return argc == 3 ? run(argv[1], argv[2]) : 2;
}
