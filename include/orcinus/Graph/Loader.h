//===- Loader.h - Reading event streams -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_LOADER_H
#define ORCINUS_GRAPH_LOADER_H

#include "orcinus/Graph/EventStream.h"

#include <string>

namespace orcinus {

/// What the loader may be told instead of recognising it.
struct LoadOptions {
  /// The order of the first three columns of a plain text file: a permutation
  /// of "uvt" (source, destination, time), or "auto".
  std::string columns = "auto";
  /// Sort events by time where the file is not sorted (stable); otherwise an
  /// unsorted file is an error that names the first line out of order.
  bool sort = false;
};

/// A loaded stream and what the file was taken for.
struct LoadedStream {
  EventStream stream;
  /// For a person: format, columns, header, compression, id mapping.
  std::string description;
};

/// Loads `specification`: a file of events (plain text, JODIE csv, DyGLib csv
/// with its .npy files; each also gzipped), or
/// "synthetic:nodes=…,events=…[,seed=…][,features=…]".
/// Errors name the file, the line and what to do.
StatusOr<LoadedStream> loadEventStream(const std::string &specification,
                                       const LoadOptions &options = {});

} // namespace orcinus

#endif // ORCINUS_GRAPH_LOADER_H
