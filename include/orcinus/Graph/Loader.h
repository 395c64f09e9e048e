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
  /// The columns of a plain text file, one letter each: "u" source, "v"
  /// destination, "t" time, each once, and "-" for a column not used; or
  /// "auto", which goes by the header's names or, without them, by the values.
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

/// Loads `specification`: a file of events, or
/// "synthetic:nodes=…,events=…[,seed=…][,features=…]". Formats, each also
/// gzipped, and told apart by their header:
///  - plain text: source, destination and time in any order, separated by
///    blanks or commas, with or without a header; columns that the header calls
///    "feature…" are edge features (as `writeEventCsv` writes them);
///  - JODIE csv: "user_id,item_id,timestamp,state_label,…", features behind;
///    items are numbered behind the users;
///  - DyGLib or TGN csv: ",u,i,ts,label,idx", with X.npy (edge features, row 0
///    unused) and X_node.npy (node features, a row for each id) beside X.csv.
/// Ids with gaps or beyond 2^31 are renumbered densely, in their order. Errors
/// name the file, the line and what to do.
StatusOr<LoadedStream> loadEventStream(const std::string &specification,
                                       const LoadOptions &options = {});

} // namespace orcinus

#endif // ORCINUS_GRAPH_LOADER_H
