//===- NodeNameSections.h - What nodes are called, in checkpoints -*- C++ -*-=//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_NODENAMESECTIONS_H
#define RUNTIME_TRAIN_NODENAMESECTIONS_H

#include "lib/Graph/JoinedTexts.h"
#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/CheckpointFile.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// The sections of a checkpoint that name the nodes of its stream again: the
/// ids, where they are integers other than the dense ones, or all names in a
/// row and where each ends.
class NodeNameSections {
public:
  /// `stream` must outlive the sections.
  explicit NodeNameSections(const EventStream &stream);

  void addTo(std::vector<FileSection> &sections) const;

private:
  const EventStream &stream;
  JoinedTexts names;
};

/// The names of the `nodeCount` nodes of the checkpoint `file`. Errors:
/// sections that do not hold that many.
StatusOr<std::vector<std::string>> readNodeNames(SectionFile &file,
                                                 int32_t nodeCount);

/// The names of all nodes of the stream that the header of the checkpoint
/// `file` describes. Errors: a header or sections that do not.
StatusOr<std::vector<std::string>> readNodeNames(SectionFile &file);

} // namespace orcinus

#endif // RUNTIME_TRAIN_NODENAMESECTIONS_H
