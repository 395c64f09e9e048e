//===- Device.h - What executes kernels, and its memory ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_DEVICE_H
#define RUNTIME_DEVICE_DEVICE_H

#include "orcinus/Runtime/Device.h"
#include "orcinus/Support/Status.h"
#include "runtime/Device/CachingAllocator.h"
#include "runtime/Simulator/SimulatorOptions.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

// Handles, each of the device that made it. They are never complete: a driver
// knows what they point to.
struct DeviceStream;
struct DeviceEvent;
struct DeviceModule;
struct DeviceFunction;

/// Blocks of a grid, or threads of a block, along x, y and z.
using LaunchSize = std::array<int64_t, 3>;

/// What a device is.
struct DeviceIdentity {
  DeviceKind kind = DeviceKind::Host;
  std::string name;
  std::string architecture;
};

/// A processor with memory of its own. All work is asynchronous and ordered by
/// streams; a null stream is the device's own one. A failure of the device is a
/// status; thread safe but for work on one stream.
class Device {
public:
  virtual ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  DeviceKind kind() const { return identity.kind; }
  /// What its maker calls it.
  const std::string &name() const { return identity.name; }
  /// What code is compiled for: "sm_90", "gfx942".
  const std::string &architecture() const { return identity.architecture; }

  /// Makes it the calling thread's device for its vendor's other libraries.
  /// Errors: what the driver says.
  virtual Status makeCurrent() { return Status(); }

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  /// Where its blocks come from, with what is used and free.
  const CachingAllocator &memory() const { return allocator; }

  /// A block of at least `bytes` bytes, for use on the device alone; its
  /// contents are not defined. Errors: out of memory.
  virtual StatusOr<void *> allocate(size_t bytes);
  /// Takes a block back. Errors: not a block in use of this device.
  Status release(void *block) { return allocator.release(block); }

  /// Copies `bytes` bytes. Host memory may be changed or read once the stream
  /// was waited for. Errors: a range on the device that is not within a block.
  Status copyToDevice(void *to, const void *from, size_t bytes,
                      DeviceStream *stream = nullptr);
  Status copyToHost(void *to, const void *from, size_t bytes,
                    DeviceStream *stream = nullptr);
  Status copyOnDevice(void *to, const void *from, size_t bytes,
                      DeviceStream *stream = nullptr);
  /// The same where each side may be anywhere.
  virtual Status copy(void *to, const void *from, size_t bytes,
                      DeviceStream *stream) = 0;

  /// Fills `count` elements. Errors: as of copying.
  Status fill16(void *to, uint16_t value, size_t count,
                DeviceStream *stream = nullptr);
  Status fill32(void *to, uint32_t value, size_t count,
                DeviceStream *stream = nullptr);

  //===--------------------------------------------------------------------===//
  // Order
  //===--------------------------------------------------------------------===//

  virtual DeviceStream *ownStream() = 0;
  virtual StatusOr<DeviceStream *> createStream() = 0;
  virtual Status destroyStream(DeviceStream *stream) = 0;
  /// A stream of a program, used again by those after it: a program ends some
  /// of its streams by letting others wait for them, and does not say so.
  StatusOr<DeviceStream *> borrowStream();
  /// Takes back all that were borrowed, whose work must be done.
  void returnStreams();
  /// Waits for the work of a stream, or of all.
  virtual Status synchronize(DeviceStream *stream) = 0;
  virtual Status synchronize() = 0;

  virtual StatusOr<DeviceEvent *> createEvent() = 0;
  virtual Status destroyEvent(DeviceEvent *event) = 0;
  /// The event comes after what the stream was given so far.
  virtual Status record(DeviceEvent *event, DeviceStream *stream) = 0;
  /// The stream goes on after the event.
  virtual Status wait(DeviceStream *stream, DeviceEvent *event) = 0;
  virtual Status synchronize(DeviceEvent *event) = 0;
  /// The time between two events that have passed.
  virtual StatusOr<double> secondsBetween(DeviceEvent *first,
                                          DeviceEvent *second) = 0;

  //===--------------------------------------------------------------------===//
  // Code
  //===--------------------------------------------------------------------===//

  /// Loads machine code, or PTX, which the driver compiles. Errors: code for
  /// another architecture, or none at all.
  virtual StatusOr<DeviceModule *> loadModule(std::string_view code) = 0;
  virtual Status unloadModule(DeviceModule *module) = 0;
  virtual StatusOr<DeviceFunction *> findFunction(DeviceModule *module,
                                                  const std::string &name) = 0;

  /// Runs a kernel of `grid` blocks of `block` threads with `sharedBytes` of
  /// dynamic shared memory; `parameters` point to its arguments. A grid without
  /// a block does nothing.
  Status launch(DeviceFunction *function, const LaunchSize &grid,
                const LaunchSize &block, int64_t sharedBytes,
                DeviceStream *stream, void **parameters);

  //===--------------------------------------------------------------------===//
  // Errors of compiled programs
  //===--------------------------------------------------------------------===//

  /// Keeps an error until it is taken: the first one, as the others follow
  /// from it.
  void remember(Status error);
  /// Whether one is kept.
  bool failed() const;
  /// The error that was kept, which is forgotten.
  Status takeError();

  /// The device of programs on the calling thread; null without a DeviceScope.
  static Device *current();
  /// The stream that is all that programs on the calling thread have; null
  /// where each borrows its own.
  static DeviceStream *currentStream();

protected:
  /// Destroys the streams that were lent; for destructors of devices whose
  /// driver does not do so itself.
  void destroyLentStreams();

  Device(DeviceIdentity identity, std::unique_ptr<MemorySource> source,
         size_t memoryLimit);

  virtual Status fillPattern16(void *to, uint16_t value, size_t count,
                               DeviceStream *stream) = 0;
  virtual Status fillPattern32(void *to, uint32_t value, size_t count,
                               DeviceStream *stream) = 0;
  /// Shapes are positive.
  virtual Status launchKernel(DeviceFunction *function, const LaunchSize &grid,
                              const LaunchSize &block, int64_t sharedBytes,
                              DeviceStream *stream, void **parameters) = 0;

private:
  Status checkRange(const void *address, size_t bytes,
                    const char *purpose) const;

  DeviceIdentity identity;
  CachingAllocator allocator;
  mutable std::mutex errorMutex;
  Status firstError;
  std::mutex streamMutex;
  std::vector<DeviceStream *> borrowedStreams, idleStreams;
};

/// Makes a device current on the calling thread for its own lifetime. With a
/// `stream`, programs do all their work on that, in the order in which they ask
/// for it, and return before it is done: several calls in a row keep the device
/// busy, and events around them time them.
class DeviceScope {
public:
  explicit DeviceScope(Device *device, DeviceStream *stream = nullptr);
  ~DeviceScope();
  DeviceScope(const DeviceScope &) = delete;
  DeviceScope &operator=(const DeviceScope &) = delete;

private:
  Device *previous;
  DeviceStream *previousStream;
};

/// A kernel as the program lays it out for the simulator
/// (runtime/Simulator/SimulatedKernel.h).
struct SimulatedKernel;

/// Runs a kernel to its end.
using SimulatedLauncher = std::function<Status(
    const SimulatedKernel &kernel, const LaunchSize &grid,
    const LaunchSize &block, int64_t sharedBytes, void **parameters)>;

/// How a device is opened.
struct DeviceOptions {
  /// Which of several of its kind.
  int index = 0;
  /// The bytes that may be taken at most; 0 for all there is.
  size_t memoryLimit = 0;
  /// The driver's library, in place of the one that the system finds.
  std::string driverLibrary;
  /// How the simulator runs kernels, and what runs them in its place.
  SimulatorOptions simulator;
  SimulatedLauncher simulatedLauncher;
};

/// Opens a device. Errors: no driver, one that is too old, no device, a device
/// that cannot be used.
StatusOr<std::shared_ptr<Device>> openDevice(DeviceKind kind,
                                             const DeviceOptions &options = {});

} // namespace orcinus

#endif // RUNTIME_DEVICE_DEVICE_H
