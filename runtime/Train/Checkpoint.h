//===- Checkpoint.h - What a checkpoint holds -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CHECKPOINT_H
#define RUNTIME_TRAIN_CHECKPOINT_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Options.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/CheckpointFile.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ModelState.h"
#include "runtime/Train/RunPosition.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

struct WholeRows;

/// What tells one run from another: a checkpoint continues only a run with the
/// same. Each part is an object of plain values.
struct RunIdentity {
  /// The text, and what became of it: sizes, dropout, tuned programs.
  nlohmann::ordered_json model;
  /// The options of RunOptions.h whose role is to identify.
  nlohmann::ordered_json options;
  nlohmann::ordered_json stream;
  /// The names of the labels' classes; empty where there are none.
  std::vector<std::string> classes;
};

/// O(size of the stream and the labels, null without): they are checksummed.
RunIdentity identify(const CompiledModel &model, const Manifest &manifest,
                     const TrainOptions &options, const EventStream &stream,
                     const LabelSet *labels);

/// The parts of a run that a checkpoint holds. `best` counts where
/// `position.bestEpoch` is not 0.
struct RunParts {
  ModelState &state;
  ModelSnapshot &best;
  RunPosition &position;
  /// To save where each process has rows of its own, those of all nodes.
  const WholeRows *whole = nullptr;
};

/// Writes a checkpoint; see writeCheckpointFile().
Status saveCheckpoint(const std::string &directory, const RunIdentity &identity,
                      const CompiledModel &model, const TrainOptions &options,
                      const EventStream &stream, RunParts parts);

/// The first difference between `own` and what a file of the kind `kind` has
/// stored as its `what`.
Status compareIdentity(const nlohmann::ordered_json &stored,
                       const nlohmann::ordered_json &own, std::string_view kind,
                       std::string_view what);

/// Checks that `file` is of the same model as `identity`, or of wholly the
/// same run; the error names the first difference.
Status checkSameModel(const SectionFile &file, const RunIdentity &identity);
Status checkSameRun(const SectionFile &file, const RunIdentity &identity);

/// Checks that the run of the checkpoint in `directory`, which `file` is of,
/// had labels of the classes `classes`.
Status checkSameClasses(const SectionFile &file, const std::string &directory,
                        const std::vector<std::string> &classes);

/// Whether `stream` begins with the events that the checkpoint's run had.
StatusOr<bool> continuesStream(const SectionFile &file,
                               const EventStream &stream);

/// The batches of an epoch, and those of them that make an optimizer's step,
/// where that is known.
struct EpochCounts {
  int64_t batches = 0;
  std::optional<int64_t> steps;
};

/// Reads everything, for a run on `stream` with such epochs; on an error
/// nothing is changed. Errors: also values that no such run has.
Status loadRun(SectionFile &file, const EventStream &stream,
               const EpochCounts &epoch, RunParts parts);

/// Whether an epoch of the checkpoint's run was validated.
StatusOr<bool> hasBestEpoch(const SectionFile &file);

/// Whether the checkpoint's run is in the exact epochs at its end.
StatusOr<bool> isInExactEpochs(const SectionFile &file);

/// Reads the best parameters, or the current ones where no epoch was
/// validated, and draws the random vectors of their epoch, with which walks
/// begin; on an error nothing is changed.
Status loadParameters(SectionFile &file, ModelState &state);

/// The same of all but those of the head `head`. Errors: also one that the file
/// has not, or of another size.
Status loadEncoderParameters(SectionFile &file, ModelState &state,
                             std::string_view head);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CHECKPOINT_H
