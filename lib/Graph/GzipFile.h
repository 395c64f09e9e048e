//===- GzipFile.h - Decompression of gzip files -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_GZIPFILE_H
#define ORCINUS_LIB_GRAPH_GZIPFILE_H

#include "InputFile.h"

namespace orcinus {

/// Whether `bytes` start as a gzip file does.
bool isGzip(std::string_view bytes);

/// Decompresses all members of the gzip file `bytes`; `path` is for messages.
/// Errors: a truncated file, a corrupt one, bytes after the last member.
StatusOr<ByteBuffer> decompressGzip(std::string_view bytes,
                                    const std::string &path);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_GZIPFILE_H
