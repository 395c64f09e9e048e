//===- InputFile.cpp - The bytes of an input file -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"

#include "GzipFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace orcinus;

namespace {

/// Closes a file descriptor when it goes out of scope.
class FileDescriptor {
public:
  explicit FileDescriptor(int descriptor) : descriptor(descriptor) {}
  FileDescriptor(const FileDescriptor &) = delete;
  FileDescriptor &operator=(const FileDescriptor &) = delete;
  ~FileDescriptor() {
    if (descriptor >= 0)
      close(descriptor);
  }
  int get() const { return descriptor; }

private:
  int descriptor;
};

} // namespace

void ByteBuffer::reserve(size_t capacity) {
  if (capacity <= available)
    return;
  std::unique_ptr<char[]> larger =
      std::make_unique_for_overwrite<char[]>(capacity);
  if (used > 0)
    std::memcpy(larger.get(), storage.get(), used);
  storage = std::move(larger);
  available = capacity;
}

/// Reads `descriptor` to its end. `expected` is a guess of the size.
static int readAll(int descriptor, size_t expected, ByteBuffer &bytes) {
  // One byte more than expected lets the last read find the end.
  bytes.reserve(expected + 1);
  while (true) {
    if (bytes.size() == bytes.capacity())
      bytes.reserve(2 * bytes.capacity());
    ssize_t count = ::read(descriptor, bytes.data() + bytes.size(),
                           bytes.capacity() - bytes.size());
    if (count == 0)
      return 0;
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes.setSize(bytes.size() + static_cast<size_t>(count));
  }
}

StatusOr<InputFile> InputFile::read(const std::string &path) {
  FileDescriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0)
    return Status::error("cannot open '" + path + "': " + std::strerror(errno) +
                             "; check the path and its permissions",
                         StatusCode::InputOutput);
  struct stat information;
  if (fstat(descriptor.get(), &information) != 0)
    return Status::error("cannot read '" + path + "': " + std::strerror(errno),
                         StatusCode::InputOutput);
  if (S_ISDIR(information.st_mode))
    return Status::error("'" + path +
                         "' is a folder; name a file of events in it");

  InputFile file;
  file.path = path;
  size_t expected = S_ISREG(information.st_mode)
                        ? static_cast<size_t>(information.st_size)
                        : 1 << 16;
  if (int error = readAll(descriptor.get(), expected, file.bytes))
    return Status::error("cannot read '" + path + "': " + std::strerror(error),
                         StatusCode::InputOutput);
  if (isGzip(file.bytes.view())) {
    StatusOr<ByteBuffer> text = decompressGzip(file.bytes.view(), path);
    if (!text.ok())
      return text.status();
    file.bytes = std::move(*text);
    file.gzipped = true;
  }
  if (file.bytes.size() == 0)
    return Status::error("'" + path + "' is empty; copy or write it again");
  return file;
}

bool orcinus::fileExists(const std::string &path) {
  return access(path.c_str(), F_OK) == 0;
}
