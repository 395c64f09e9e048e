//===- ObjectCache.cpp - Compiled programs on disk ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is a magic number, the checksum of all that follows, and then strings,
// each preceded by its length: the key, the manifest, the objects.
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ObjectCache.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <filesystem>
#include <vector>

using namespace orcinus;
using llvm::StringRef;

static constexpr llvm::StringLiteral magic = "ORCINUS1";
static constexpr size_t headerSize = 16;

/// What files are called after the hash of their key.
static constexpr const char *extension = ".orcinus";

static void appendNumber(std::string &text, uint64_t number) {
  char bytes[8];
  llvm::support::endian::write64le(bytes, number);
  text.append(bytes, sizeof(bytes));
}

static void appendString(std::string &text, StringRef string) {
  appendNumber(text, string.size());
  text.append(string.data(), string.size());
}

/// Takes a string off the front of `text`; false where it is cut short.
static bool takeString(StringRef &text, StringRef &string) {
  if (text.size() < 8)
    return false;
  uint64_t length = llvm::support::endian::read64le(text.data());
  text = text.drop_front(8);
  if (text.size() < length)
    return false;
  string = text.take_front(length);
  text = text.drop_front(length);
  return true;
}

static uint64_t checksum(StringRef text) {
  return llvm::xxh3_64bits(llvm::arrayRefFromStringRef(text));
}

std::string ObjectCache::pathOf(StringRef key) const {
  llvm::SHA256 hash;
  hash.update(key);
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, llvm::toHex(hash.final(), /*LowerCase=*/true) +
                                    extension);
  return path.str().str();
}

std::optional<CompiledProgram> ObjectCache::find(StringRef key) const {
  auto file = llvm::MemoryBuffer::getFile(pathOf(key), /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return std::nullopt;
  StringRef text = (*file)->getBuffer();
  if (text.size() < headerSize || !text.starts_with(magic) ||
      llvm::support::endian::read64le(text.data() + magic.size()) !=
          checksum(text.drop_front(headerSize)))
    return std::nullopt;
  text = text.drop_front(headerSize);

  StringRef storedKey, manifest;
  if (!takeString(text, storedKey) || storedKey != key ||
      !takeString(text, manifest))
    return std::nullopt;
  // What is used is kept; in a folder that may not be written nothing goes.
  std::error_code ignored;
  std::filesystem::last_write_time(
      pathOf(key), std::filesystem::file_time_type::clock::now(), ignored);
  CompiledProgram program;
  program.manifest = manifest.str();
  while (!text.empty()) {
    StringRef object;
    if (!takeString(text, object))
      return std::nullopt;
    program.objects.push_back(object.str());
  }
  return program;
}

/// Writes `text` to a new file beside `path` and moves it there.
static Status replaceFile(StringRef path, StringRef text) {
  int descriptor;
  llvm::SmallString<128> temporary;
  if (std::error_code error = llvm::sys::fs::createUniqueFile(
          path + ".%%%%%%%%", descriptor, temporary))
    return Status::error("cannot write '" + path.str() +
                             "': " + error.message(),
                         StatusCode::InputOutput);
  std::error_code error;
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream << text;
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  if (!error)
    error = llvm::sys::fs::rename(temporary, path);
  if (!error)
    return Status();
  llvm::sys::fs::remove(temporary);
  return Status::error("cannot write '" + path.str() + "': " + error.message(),
                       StatusCode::InputOutput);
}

Status ObjectCache::store(StringRef key, const CompiledProgram &program) const {
  if (std::error_code error = llvm::sys::fs::create_directories(directory))
    return Status::error("cannot create '" + directory +
                             "': " + error.message(),
                         StatusCode::InputOutput);
  std::string payload;
  appendString(payload, key);
  appendString(payload, program.manifest);
  for (const std::string &object : program.objects)
    appendString(payload, object);

  std::string text = magic.str();
  appendNumber(text, checksum(payload));
  Status status = replaceFile(pathOf(key), text + payload);
  if (status.ok())
    evict();
  return status;
}

/// Other processes may remove files, and programs be read from those that are
/// removed, at the same time; what fails is left to the next.
void ObjectCache::evict() const {
  namespace fs = std::filesystem;
  struct Entry {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator file(directory, error), end;
       !error && file != end; file.increment(error)) {
    // What a killed process had begun to write is named after a program, too.
    if (file->path().filename().string().find(extension) == std::string::npos)
      continue;
    std::error_code gone;
    Entry entry{file->last_write_time(gone), file->file_size(gone),
                file->path()};
    if (gone)
      continue;
    total += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry &one, const Entry &other) {
              return one.used < other.used;
            });
  for (size_t oldest = 0; total > mostBytes && oldest + 1 < entries.size();
       ++oldest) {
    fs::remove(entries[oldest].path, error);
    total -= entries[oldest].bytes;
  }
}
