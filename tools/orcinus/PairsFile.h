//===- PairsFile.h - The pairs that are to be scored ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PAIRSFILE_H
#define TOOLS_ORCINUS_PAIRSFILE_H

#include "SessionOptions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// What a row has besides a time.
enum class PairsForm { Pairs, Sources, Nodes };

/// A csv file of pairs, and what its rows ask.
struct PairsFile {
  /// The first row of what is written: the file's own, or what its columns are
  /// by their place.
  std::string header;
  /// The rows as they stand in the file, without columns that an earlier
  /// prediction has added.
  std::vector<std::string> rows;
  /// What each asks; without destinations, these are 0.
  std::vector<PairQuery> queries;
  /// The rows with a node that no event has named.
  int64_t unknownRows = 0;

  /// Reads `path`: the columns source, destination (of pairs alone), time and,
  /// optionally, event, in this order, or in any order among others where a
  /// header names them. A row that names an event, an index into the stream,
  /// is asked at that event's time, whatever its own. Errors name the line.
  static StatusOr<PairsFile> read(const std::string &path, PairsForm form,
                                  const SessionCommandOptions &options,
                                  const Session &session);
};

} // namespace orcinus

#endif // TOOLS_ORCINUS_PAIRSFILE_H
