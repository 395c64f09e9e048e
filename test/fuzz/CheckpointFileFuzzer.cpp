//===- CheckpointFileFuzzer.cpp - The file format of checkpoints ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is the header's text and, behind a zero byte, the sections. It is
// read as a file that has the right magic number, lengths and checksum of the
// header, which no mutation would find, and once more as a file by itself.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/CheckpointFile.h"

#include <cstring>
#include <vector>
#include <zlib.h>

using namespace orcinus;
using namespace orcinus::fuzz;

template <typename T>
static void append(std::string &text, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  text.append(bytes, sizeof(T));
}

/// The file of a checkpoint with `header` and `sections`, whatever they hold.
static std::string makeFile(std::string_view header,
                            std::string_view sections) {
  std::string file(checkpointKind.magic);
  append<uint32_t>(file, checkpointKind.version);
  append<uint32_t>(file, static_cast<uint32_t>(crc32_z(
                             0, reinterpret_cast<const Bytef *>(header.data()),
                             header.size())));
  append<uint64_t>(file, header.size());
  file += header;
  file += sections;
  return file;
}

static void readAll(std::string_view bytes) {
  MemoryFolder folder;
  folder.write("checkpoint", bytes);
  (void)readCheckpoint(folder.path());
  StatusOr<SectionFile> file = openCheckpointFile(folder.path());
  if (!file.ok())
    return;
  for (size_t size = 0; size <= bytes.size(); ++size) {
    if (!file->has("index:pending_events", size))
      continue;
    std::vector<std::byte> content(size);
    check(file->read("index:pending_events", content).ok(),
          "what a checkpoint has can be read");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view rest = asText(data, size);
  std::string_view header = takePart(rest, std::string_view("\0", 1));
  readAll(makeFile(header, rest));
  readAll(asText(data, size));
  return 0;
}
