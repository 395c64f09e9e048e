//===- FuzzSupport.h - What the fuzzers share -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_FUZZ_FUZZSUPPORT_H
#define ORCINUS_TEST_FUZZ_FUZZSUPPORT_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What libFuzzer, and StandaloneFuzzMain.cpp without it, call with each input.
/// Keeps nothing from one input to the next. Returns 0, or -1 for an input that
/// is not worth a place in the corpus.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace orcinus::fuzz {

/// Prints the failed check, which is `what`, and aborts: the fuzzer keeps the
/// input. An assertion would not do, for it is off in release builds, which
/// replay the corpus.
void check(bool holds, const char *what);

/// Bytes under a path, without a disk.
class MemoryFile {
public:
  explicit MemoryFile(std::string_view bytes);
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  ~MemoryFile();

  std::string path() const;

private:
  int descriptor;
};

/// An empty folder, in memory where the system has a place for that, for what
/// is read from several files or by a name in a folder.
class MemoryFolder {
public:
  MemoryFolder();
  MemoryFolder(const MemoryFolder &) = delete;
  MemoryFolder &operator=(const MemoryFolder &) = delete;
  ~MemoryFolder();

  const std::string &path() const { return folder; }
  /// Writes the file `name` in the folder.
  void write(const std::string &name, std::string_view bytes) const;

private:
  std::string folder;
};

/// The part of `text` before the first `separator`, which is removed from
/// `text` together with it; all of `text` where there is none.
std::string_view takePart(std::string_view &text, std::string_view separator);

inline std::string_view asText(const uint8_t *data, size_t size) {
  return {reinterpret_cast<const char *>(data), size};
}

} // namespace orcinus::fuzz

#endif // ORCINUS_TEST_FUZZ_FUZZSUPPORT_H
