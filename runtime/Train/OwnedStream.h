//===- OwnedStream.h - A stream for functions of a program ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_OWNEDSTREAM_H
#define RUNTIME_TRAIN_OWNEDSTREAM_H

#include "orcinus/Support/Status.h"
#include "runtime/Device/Device.h"
#include "runtime/Memory/CompiledCall.h"

#include <span>

namespace orcinus {

/// A function of a program, which takes pointers to its arguments.
using StreamFunction = void (*)(void **);

/// A stream of a device, which outlives it.
class OwnedStream {
public:
  explicit OwnedStream(Device &device) : device(device) {}
  ~OwnedStream() {
    if (stream)
      (void)device.destroyStream(stream);
  }
  OwnedStream(const OwnedStream &) = delete;
  OwnedStream &operator=(const OwnedStream &) = delete;

  /// Is to be called first. Errors, here and below: of the device.
  Status create() {
    StatusOr<DeviceStream *> created = device.createStream();
    if (created.ok())
      stream = *created;
    return created.status();
  }
  DeviceStream *get() const { return stream; }

  /// Launches a function of the program on the stream.
  Status call(StreamFunction function, std::span<void *> arguments) {
    DeviceScope scope(&device, stream);
    if (!callCompiled(function, arguments.data()))
      return Status::error("out of memory", StatusCode::OutOfMemory);
    return device.failed() ? device.takeError() : Status();
  }

private:
  Device &device;
  DeviceStream *stream = nullptr;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_OWNEDSTREAM_H
