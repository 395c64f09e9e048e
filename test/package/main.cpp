//===- main.cpp - Uses the installed C++ API ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Trainer.h"

#include <cstdio>
#include <memory>
#include <vector>

static int fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return 1;
}

/// Trains a step and embeds a query.
int main() {
  auto loaded = orcinus::loadEventStream("synthetic:nodes=100,events=2000");
  if (!loaded.ok())
    return fail(loaded.message());
  auto stream =
      std::make_shared<orcinus::EventStream>(std::move(loaded->stream));
  orcinus::CompileOptions compile;
  compile.dimension = 16;
  auto model = orcinus::compileModel(compile);
  if (!model.ok())
    return fail(model.message());
  auto trainer = orcinus::Trainer::create(stream, *model);
  if (!trainer.ok())
    return fail(trainer.message());
  auto step = trainer->trainStep();
  if (!step.ok())
    return fail(step.message());

  std::vector<int32_t> nodes{0};
  std::vector<double> times{stream->seconds(stream->eventCount() - 1)};
  std::vector<float> embedding(trainer->embeddingWidth());
  orcinus::Status status = trainer->embed(nodes, times, embedding);
  if (!status.ok())
    return fail(status.message());
  std::printf("loss %f, first column %f\n", step->loss, embedding[0]);
  return 0;
}
