//===- EventFile.h - Event streams as they lie in memory --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format, little-endian: "ORCEVENT", u32 version, u32 CRC-32 of the header,
// u64 its size, the header (JSON), then the sections, each at a multiple of 64
// bytes, and 64 zero bytes. The header's "sections" lists name, offset, bytes
// and CRC-32 of each; the columns are arrays of i32, i64 and f32, and lists of
// texts come as their bytes and where each ends.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_EVENTFILE_H
#define ORCINUS_LIB_GRAPH_EVENTFILE_H

#include "orcinus/Graph/Loader.h"

#include <string>

namespace orcinus {

/// Whether there is a file at `path` that begins as writeEventFile() makes them
/// begin.
bool isEventFile(const std::string &path);

/// Maps the file: its columns are borrowed from it, so that they take memory
/// only as long as they are read. Of its labels it takes those that `options`
/// name. Errors: it is of another version, truncated, altered, or holds what no
/// stream is; options of what was settled when it was made.
StatusOr<LoadedStream> loadEventFile(const std::string &path,
                                     const LoadOptions &options);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_EVENTFILE_H
