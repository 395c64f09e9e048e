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
#include <vector>

namespace orcinus {

/// What the loader may be told instead of recognising it.
struct LoadOptions {
  /// The columns of a plain text file, one letter each: "u" source, "v"
  /// destination, "t" time, each once, "f" for an edge feature and "-" for a
  /// column not used; or
  /// "auto", which goes by the header's names or, without them, by the values.
  std::string columns = "auto";
  /// Sort events by time where the file is not sorted (stable); otherwise an
  /// unsorted file is an error that names the first line out of order.
  bool sort = false;
  /// What times that are numbers count: "s", "ms", "us", "ns", "min", "h", "d";
  /// or "auto", which tells times since 1970 by their size and takes others for
  /// seconds.
  std::string timeUnit = "auto";
  /// Which columns of a plain text file are edge features, by the names of the
  /// header: "auto", those that begin with "feature"; "all", every column of
  /// numbers that is nothing else; "" for none; or names between commas.
  std::string features = "auto";
  /// Names, between commas, of columns of any text: with one feature for each
  /// text that occurs, 1 where it does and else 0, …
  std::string categories = "";
  /// … or with one feature, the number of the text in the order in which texts
  /// first occur.
  std::string categoryCodes = "";
  /// Columns of labels, by their names between commas: numbers or any text, an
  /// empty one where an event has none. JODIE's is "state_label", DyGLib's
  /// "label".
  std::string labels = "";
};

/// What a column was taken for.
struct ColumnUse {
  std::string name;
  /// For a person: "source", "edge feature 3", "not used: text", …
  std::string use;
};

/// What a stream comes from.
struct StreamSource {
  /// For a person: format, columns, header, compression, id mapping.
  std::string description;
  /// Of a file with named columns, in their order.
  std::vector<ColumnUse> columns = {};
  /// Whether items are numbered behind the users of this very file, so that
  /// another file has other ids for them.
  bool itemsAreShifted = false;
};

/// A loaded stream and what the file was taken for, as StreamSource has it.
struct LoadedStream {
  EventStream stream;
  std::string description;
  std::vector<ColumnUse> columns = {};
  bool itemsAreShifted = false;

  StreamSource source() const {
    return {description, columns, itemsAreShifted};
  }
};

/// Loads `specification`: a file of events, or
/// "synthetic:nodes=…,events=…[,seed=…][,features=…]". Formats, each also
/// gzipped, and told apart by their header:
///  - plain text: source, destination and time in any order, separated by
///    blanks or commas, with or without a header; columns that the header calls
///    "feature…" are edge features (as `writeEventCsv` writes them);
///  - JODIE csv: "user_id,item_id,timestamp,state_label,…", features behind;
///    items are numbered behind the users;
///  - what writeEventFile() makes (not gzipped), which is mapped, not read;
///  - DyGLib or TGN csv: ",u,i,ts,label,idx", with X.npy (edge features, row 0
///    unused) and X_node.npy (node features, a row for each id) beside X.csv.
/// Ids with gaps or beyond 2^31 are renumbered densely, in their order. Errors
/// name the file, the line and what to do.
StatusOr<LoadedStream> loadEventStream(const std::string &specification,
                                       const LoadOptions &options = {});

} // namespace orcinus

#endif // ORCINUS_GRAPH_LOADER_H
