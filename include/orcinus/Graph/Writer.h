//===- Writer.h - Writing event streams -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_WRITER_H
#define ORCINUS_GRAPH_WRITER_H

#include "orcinus/Graph/Loader.h"

#include <string>

namespace orcinus {

/// Writes `stream` as a csv file with the header
/// "source,destination,time[,feature0,…]" and one row an event, which
/// `loadEventStream` reads back to the same events: nodes by their external
/// ids, numbers with as many digits as they need to be read back exactly.
///
/// The file appears whole or not at all: it is written beside `path` and then
/// renamed, so that a failure leaves what was at `path` before. A device or a
/// pipe at `path` is written to directly.
///
/// Errors: node features, which the format cannot hold; a folder that does not
/// exist or may not be written; a full disk.
Status writeEventCsv(const EventStream &stream, const std::string &path);

/// Writes the stream as it lies in memory, with its features, labels and the
/// names of its nodes, and what it comes from, to a file that `loadEventStream`
/// maps in place of reading it. Errors: as of writeEventCsv(), node features
/// excepted.
Status writeEventFile(const EventStream &stream, const StreamSource &source,
                      const std::string &path);

} // namespace orcinus

#endif // ORCINUS_GRAPH_WRITER_H
