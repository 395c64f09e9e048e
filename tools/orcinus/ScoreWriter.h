//===- ScoreWriter.h - The scores of a test as a file -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_SCOREWRITER_H
#define TOOLS_ORCINUS_SCOREWRITER_H

#include "lib/Graph/AtomicFile.h"
#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <string>

namespace orcinus {

/// The probability whose logit is `logit`.
double probability(float logit);

/// Writes the scores of a test, a row an event and a row a negative, with the
/// columns event (its index in the stream), source, destination, time (in
/// seconds), label (1 for the event, 0 for the negative) and score (the
/// probability). `orcinus predict --pairs` takes the file as it is.
class ScoreWriter {
public:
  /// `stream`, which the events are of, must outlive the writer.
  ScoreWriter(const std::string &path, const EventStream &stream)
      : file(path), stream(stream) {}

  /// Errors, here and below: those of the file system.
  Status open();
  /// Adds a batch, as TrainingObserver::onTestScores() has it. What fails is
  /// told by commit().
  void add(std::span<const int32_t> events, std::span<const int32_t> negatives,
           std::span<const float> logits);
  /// Makes the file visible at its path.
  Status commit();

private:
  AtomicFile file;
  const EventStream &stream;
  std::string text;
  Status failure;
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_SCOREWRITER_H
