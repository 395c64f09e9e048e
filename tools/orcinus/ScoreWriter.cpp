//===- ScoreWriter.cpp - The scores of a test as a file -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreWriter.h"

#include "lib/Graph/CsvText.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

using namespace orcinus;

double orcinus::probability(float logit) {
  return 1 / (1 + std::exp(-static_cast<double>(logit)));
}

Status ScoreWriter::open() {
  text = "event,source,destination,time,label,score\n";
  return file.open();
}

void ScoreWriter::add(std::span<const int32_t> events,
                      std::span<const int32_t> negatives,
                      std::span<const float> logits) {
  for (size_t row = 0; row != events.size(); ++row)
    for (int label : {1, 0}) {
      int32_t event = events[row];
      fmt::format_to(std::back_inserter(text), "{},", event);
      appendCsvNode(text, stream, stream.source[event]);
      text += ',';
      appendCsvNode(text, stream,
                    label ? stream.destination[event] : negatives[row]);
      text += ',';
      appendCsvTime(text, stream.timeScale, stream.time[event]);
      fmt::format_to(std::back_inserter(text), ",{},{}\n", label,
                     probability(logits[label ? row : events.size() + row]));
    }
  if (failure.ok())
    failure = file.write(text);
  text.clear();
}

Status ScoreWriter::commit() { return failure.ok() ? file.commit() : failure; }
