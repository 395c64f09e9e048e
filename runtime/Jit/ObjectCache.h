//===- ObjectCache.h - Compiled programs on disk ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OBJECTCACHE_H
#define ORCINUS_RUNTIME_JIT_OBJECTCACHE_H

#include "orcinus/Support/Status.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// A program as it is stored: its machine code and what the caller says of it.
struct CompiledProgram {
  /// Relocatable object files that are linked together.
  std::vector<std::string> objects;
  std::string manifest;
};

/// A folder of compiled programs, one file each, named after a hash of its
/// key. Any number of processes may read and write it at the same time. Where
/// its files exceed a size, those that were not used for the longest time go.
class ObjectCache {
public:
  /// Room for some hundred programs of models.
  static constexpr uint64_t defaultBytes = uint64_t(1) << 30;

  explicit ObjectCache(std::string directory, uint64_t mostBytes = defaultBytes)
      : directory(std::move(directory)), mostBytes(mostBytes) {}

  /// The program stored under `key`; nothing where there is none, or where its
  /// file is truncated, damaged, or another key's.
  std::optional<CompiledProgram> find(llvm::StringRef key) const;

  /// Stores `program` under `key`, replacing what is there: readers see the
  /// old file or the new one, never a part. An error leaves the old one. Others
  /// may be removed.
  Status store(llvm::StringRef key, const CompiledProgram &program) const;

  /// The file that holds `key`.
  std::string pathOf(llvm::StringRef key) const;

private:
  void evict() const;

  std::string directory;
  uint64_t mostBytes;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OBJECTCACHE_H
