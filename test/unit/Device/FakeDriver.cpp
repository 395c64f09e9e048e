//===- FakeDriver.cpp - A GPU driver for tests ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

using namespace fake;

static thread_local bool isCurrent = false;
static std::map<void *, size_t> blocks;
static std::set<Stream *> streams;
static char scaleFunction;

fake::Control *fakeControl() { return &control(); }

Control &fake::control() {
  static Control values;
  return values;
}

void fake::makeCurrent() { isCurrent = true; }

int fake::guarded(const std::function<int()> &call) {
  int code = isCurrent ? call() : invalidContext;
  return control().faultCode ? control().faultCode : code;
}

static void runOne(Stream *stream) {
  std::function<void()> work = std::move(stream->work.front());
  stream->work.pop_front();
  work();
}

static void drain(Stream *stream) {
  while (!stream->work.empty())
    runOne(stream);
}

static void drain(Event *event) {
  while (event->stream && !event->passed && !event->stream->work.empty())
    runOne(event->stream);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

int fake::memoryInformation(size_t *free, size_t *total) {
  return guarded([=] {
    *total = control().memoryBytes;
    *free = *total - control().usedBytes;
    return success;
  });
}

int fake::allocate(void **block, size_t bytes) {
  return guarded([=] {
    if (bytes > control().memoryBytes - control().usedBytes)
      return outOfMemory;
    *block = std::malloc(bytes);
    blocks[*block] = bytes;
    control().usedBytes += bytes;
    return success;
  });
}

int fake::release(void *block) {
  return guarded([=] {
    auto found = blocks.find(block);
    if (found == blocks.end())
      return invalidValue;
    synchronize();
    control().usedBytes -= found->second;
    blocks.erase(found);
    std::free(block);
    return success;
  });
}

int fake::copy(void *to, const void *from, size_t bytes, Stream *stream) {
  return guarded([=] {
    stream->work.push_back([=] { std::memmove(to, from, bytes); });
    return success;
  });
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

int fake::synchronize() {
  return guarded([] {
    for (Stream *stream : streams)
      drain(stream);
    return success;
  });
}

int fake::createStream(Stream **stream) {
  return guarded([=] {
    streams.insert(*stream = new Stream);
    ++control().liveStreams;
    return success;
  });
}

int fake::destroyStream(Stream *stream) {
  return guarded([=] {
    if (!streams.erase(stream))
      return invalidValue;
    drain(stream);
    delete stream;
    --control().liveStreams;
    return success;
  });
}

int fake::synchronizeStream(Stream *stream) {
  return guarded([=] {
    drain(stream);
    return control().synchronizeCode;
  });
}

int fake::waitForEvent(Stream *stream, Event *event) {
  return guarded([=] {
    stream->work.push_back([=] { drain(event); });
    return success;
  });
}

int fake::createEvent(Event **event) {
  return guarded([=] {
    *event = new Event;
    return success;
  });
}

int fake::destroyEvent(Event *event) {
  return guarded([=] {
    drain(event);
    delete event;
    return success;
  });
}

int fake::recordEvent(Event *event, Stream *stream) {
  return guarded([=] {
    event->stream = stream;
    event->passed = false;
    stream->work.push_back([=] {
      event->passed = true;
      event->milliseconds =
          std::chrono::duration<double, std::milli>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count();
    });
    return success;
  });
}

int fake::synchronizeEvent(Event *event) {
  return guarded([=] {
    drain(event);
    return success;
  });
}

int fake::elapsedTime(float *milliseconds, Event *first, Event *second) {
  return guarded([=] {
    if (!first->passed || !second->passed)
      return invalidValue;
    *milliseconds =
        static_cast<float>(second->milliseconds - first->milliseconds);
    return success;
  });
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

int fake::loadModule(Module **module, const std::string &code,
                     const std::string &architecture) {
  return guarded([&] {
    if (code.find("mistake") != code.npos)
      return invalidText;
    if (code.find(architecture) == code.npos)
      return noCodeForDevice;
    *module = new Module{code};
    return success;
  });
}

int fake::unloadModule(Module *module) {
  return guarded([=] {
    delete module;
    return success;
  });
}

int fake::findFunction(void **function, Module *module,
                       const std::string &name) {
  return guarded([&] {
    if (name != "scale" || module->code.find(name) == std::string::npos)
      return notFound;
    *function = &scaleFunction;
    return success;
  });
}

int fake::launch(void *function, int64_t threads, Stream *stream,
                 void **parameters) {
  return guarded([=] {
    if (function != &scaleFunction)
      return invalidValue;
    // Arguments are taken at once, as a driver does.
    auto *values = *static_cast<float **>(parameters[0]);
    float factor = *static_cast<float *>(parameters[1]);
    auto count = *static_cast<uint64_t *>(parameters[2]);
    stream->work.push_back([=] {
      if (!values && count) {
        control().faultCode = illegalAddress;
        return;
      }
      for (uint64_t each = 0; each < std::min<uint64_t>(count, threads); ++each)
        values[each] *= factor;
    });
    return control().launchCode;
  });
}

const char *fake::codeName(int code) {
  return code == outOfMemory       ? "FAKE_OUT_OF_MEMORY"
         : code == noCodeForDevice ? "FAKE_NO_CODE"
                                   : "FAKE_OTHER";
}

const char *fake::codeText(int code) {
  return code == outOfMemory       ? "out of memory"
         : code == noCodeForDevice ? "no code for the device"
                                   : "something else";
}
