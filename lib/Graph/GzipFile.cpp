//===- GzipFile.cpp - Decompression of gzip files -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GzipFile.h"

#include <algorithm>
#include <limits>
#include <zlib.h>

using namespace orcinus;

namespace {

/// Owns the state of a zlib decompression.
class Inflater {
public:
  Inflater() {
    // 16 asks zlib for the gzip wrapper, 15 for the largest window.
    ready = inflateInit2(&stream, 15 + 16) == Z_OK;
  }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;
  ~Inflater() {
    if (ready)
      inflateEnd(&stream);
  }

  bool ready = false;
  z_stream stream{};
};

} // namespace

bool orcinus::isGzip(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

/// zlib counts in 32 bits: the part of `size` that one call may see.
static uInt clampToZlib(size_t size) {
  return static_cast<uInt>(
      std::min<size_t>(size, std::numeric_limits<uInt>::max()));
}

/// Inflates the member at the start of `input` behind what `text` holds and
/// removes it from `input`. Returns zlib's code; Z_STREAM_END is success.
static int inflateMember(Inflater &inflater, std::string_view &input,
                         ByteBuffer &text) {
  z_stream &stream = inflater.stream;
  int code = inflateReset(&stream);
  while (code == Z_OK) {
    if (text.size() == text.capacity())
      text.reserve(2 * text.capacity());
    uInt inputSize = clampToZlib(input.size());
    uInt room = clampToZlib(text.capacity() - text.size());
    stream.next_in =
        reinterpret_cast<Bytef *>(const_cast<char *>(input.data()));
    stream.avail_in = inputSize;
    stream.next_out = reinterpret_cast<Bytef *>(text.data() + text.size());
    stream.avail_out = room;
    code = inflate(&stream, Z_NO_FLUSH);
    input.remove_prefix(inputSize - stream.avail_in);
    text.setSize(text.size() + room - stream.avail_out);
    if (code == Z_OK && input.empty() && stream.avail_out > 0)
      return Z_BUF_ERROR;
  }
  return code;
}

StatusOr<ByteBuffer> orcinus::decompressGzip(std::string_view bytes,
                                             const std::string &path) {
  Inflater inflater;
  if (!inflater.ready)
    return Status::error("cannot decompress '" + path +
                             "': zlib could not be started",
                         StatusCode::OutOfMemory);
  ByteBuffer text;
  text.reserve(4 * bytes.size() + 64);
  while (!bytes.empty()) {
    int code = inflateMember(inflater, bytes, text);
    if (code == Z_BUF_ERROR)
      return Status::error("'" + path +
                           "' is a truncated gzip file: it ends after " +
                           std::to_string(text.size()) +
                           " decompressed bytes; copy or download it again");
    if (code != Z_STREAM_END)
      return Status::error(
          "'" + path + "' is a corrupt gzip file (" +
          (inflater.stream.msg ? inflater.stream.msg : "no detail") +
          "); copy or download it again");
    // Tapes and some tools pad a file with zeros behind its last member.
    if (bytes.find_first_not_of('\0') == std::string_view::npos)
      break;
  }
  return text;
}
