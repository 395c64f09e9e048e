//===- FakeDriver.h - A GPU driver for tests --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_DEVICE_FAKEDRIVER_H
#define TEST_UNIT_DEVICE_FAKEDRIVER_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

// A driver over host memory, behind both FakeCudaDriver.cpp and
// FakeHipDriver.cpp. It is as asynchronous as can be: work is done when it is
// waited for, and not before. Every call wants the GPU to be current on its
// thread, as a real one does.

namespace fake {

/// What tests say and see of it. A library has one.
struct Control {
  /// What initialising, launching and waiting for a stream return.
  int initializeCode = 0;
  int launchCode = 0;
  int synchronizeCode = 0;
  /// What everything returns after a kernel has made a fault.
  int faultCode = 0;
  int deviceCount = 1;
  /// The number of a device that cannot be asked for its name.
  int brokenDevice = -1;
  size_t memoryBytes = size_t(1) << 24;
  size_t usedBytes = 0;
  int liveStreams = 0;
};

// The codes that CUDA and HIP share.
constexpr int success = 0;
constexpr int invalidValue = 1;
constexpr int outOfMemory = 2;
constexpr int noDevice = 100;
constexpr int invalidContext = 201;
constexpr int noCodeForDevice = 209;
constexpr int invalidText = 218;
constexpr int notFound = 500;
constexpr int illegalAddress = 700;

struct Stream {
  std::deque<std::function<void()>> work;
};
struct Event {
  Stream *stream = nullptr;
  bool passed = false;
  double milliseconds = 0;
};
struct Module {
  std::string code;
};

Control &control();
void makeCurrent();
/// Runs `call` if the GPU is current.
int guarded(const std::function<int()> &call);

int memoryInformation(size_t *free, size_t *total);
int allocate(void **block, size_t bytes);
int release(void *block);
int copy(void *to, const void *from, size_t bytes, Stream *stream);
template <typename T>
int fill(void *to, T value, size_t count, Stream *stream) {
  return guarded([=] {
    stream->work.push_back(
        [=] { std::fill_n(static_cast<T *>(to), count, value); });
    return success;
  });
}
int synchronize();
int createStream(Stream **stream);
int destroyStream(Stream *stream);
int synchronizeStream(Stream *stream);
int waitForEvent(Stream *stream, Event *event);
int createEvent(Event **event);
int destroyEvent(Event *event);
int recordEvent(Event *event, Stream *stream);
int synchronizeEvent(Event *event);
int elapsedTime(float *milliseconds, Event *first, Event *second);
/// Takes code that names `architecture`.
int loadModule(Module **module, const std::string &code,
               const std::string &architecture);
int unloadModule(Module *module);
/// Finds "scale" where the code names it, and nothing else.
int findFunction(void **function, Module *module, const std::string &name);
/// Multiplies n floats: the parameters are their address, the factor, and n. A
/// null address is a fault.
int launch(void *function, int64_t threads, Stream *stream, void **parameters);

const char *codeName(int code);
const char *codeText(int code);

} // namespace fake

extern "C" fake::Control *fakeControl();

#endif // TEST_UNIT_DEVICE_FAKEDRIVER_H
