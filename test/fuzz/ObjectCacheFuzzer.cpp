//===- ObjectCacheFuzzer.cpp - Entries of the object cache ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is read as the payload of an entry that has the right magic number
// and checksum, which no mutation would find, and once more as a whole entry.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "runtime/Jit/ObjectCache.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace orcinus;
using namespace orcinus::fuzz;

static constexpr llvm::StringLiteral key = "key";

static std::optional<CompiledProgram> findEntry(std::string_view bytes) {
  MemoryFolder folder;
  ObjectCache cache(folder.path());
  folder.write(llvm::sys::path::filename(cache.pathOf(key)).str(), bytes);
  return cache.find(key);
}

/// What is found in an entry comes back when it is stored.
static void storeAndFind(const CompiledProgram &program) {
  MemoryFolder folder;
  ObjectCache cache(folder.path());
  check(cache.store(key, program).ok(), "an entry can be stored");
  std::optional<CompiledProgram> found = cache.find(key);
  check(found && found->objects == program.objects &&
            found->manifest == program.manifest,
        "what was stored is found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string entry = "ORCINUS1";
  char checksum[8];
  llvm::support::endian::write64le(
      checksum, llvm::xxh3_64bits(llvm::ArrayRef(data, size)));
  entry.append(checksum, sizeof(checksum));
  entry += asText(data, size);
  if (std::optional<CompiledProgram> program = findEntry(entry))
    storeAndFind(*program);
  findEntry(asText(data, size));
  return 0;
}
