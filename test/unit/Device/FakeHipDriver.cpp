//===- FakeHipDriver.cpp - A libamdhip64 for tests ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <cstring>
#include <elf.h>

// The functions of HIP's driver that the runtime looks up, by the prototypes
// that AMD documents. The one GPU is a gfx942.

static const char deviceName[] = "Fake MI300X (gfx name)";

extern "C" {

int hipInit(unsigned) { return fake::control().initializeCode; }

const char *hipGetErrorName(int code) { return fake::codeName(code); }

const char *hipGetErrorString(int code) { return fake::codeText(code); }

int hipGetDeviceCount(int *count) {
  *count = fake::control().deviceCount;
  return 0;
}

int hipDeviceGetName(char *name, int size, int device) {
  if (device == fake::control().brokenDevice)
    return fake::invalidValue;
  std::strncpy(name, deviceName, size);
  return 0;
}

int hipGetDeviceProperties(char *properties, int) {
  std::strcpy(properties, deviceName);
  std::strcpy(properties + 396, "gfx942:sramecc+:xnack-");
  return 0;
}

int hipSetDevice(int) {
  fake::makeCurrent();
  return 0;
}

int hipDeviceSynchronize() { return fake::synchronize(); }

int hipMemGetInfo(size_t *free, size_t *total) {
  return fake::memoryInformation(free, total);
}

int hipMalloc(void **block, size_t bytes) {
  return fake::allocate(block, bytes);
}

int hipFree(void *block) { return fake::release(block); }

int hipMemcpyAsync(void *to, const void *from, size_t bytes, int direction,
                   fake::Stream *stream) {
  return direction == 4 ? fake::copy(to, from, bytes, stream)
                        : fake::invalidValue;
}

int hipMemsetD16Async(void *to, unsigned short value, size_t count,
                      fake::Stream *stream) {
  return fake::fill(to, value, count, stream);
}

int hipMemsetD32Async(void *to, int value, size_t count, fake::Stream *stream) {
  return fake::fill(to, value, count, stream);
}

int hipStreamCreateWithFlags(fake::Stream **stream, unsigned) {
  return fake::createStream(stream);
}

int hipStreamDestroy(fake::Stream *stream) {
  return fake::destroyStream(stream);
}

int hipStreamSynchronize(fake::Stream *stream) {
  return fake::synchronizeStream(stream);
}

int hipStreamWaitEvent(fake::Stream *stream, fake::Event *event, unsigned) {
  return fake::waitForEvent(stream, event);
}

int hipEventCreateWithFlags(fake::Event **event, unsigned) {
  return fake::createEvent(event);
}

int hipEventDestroy(fake::Event *event) { return fake::destroyEvent(event); }

int hipEventRecord(fake::Event *event, fake::Stream *stream) {
  return fake::recordEvent(event, stream);
}

int hipEventSynchronize(fake::Event *event) {
  return fake::synchronizeEvent(event);
}

int hipEventElapsedTime(float *milliseconds, fake::Event *first,
                        fake::Event *second) {
  return fake::elapsedTime(milliseconds, first, second);
}

int hipModuleLoadData(fake::Module **module, const void *code) {
  Elf64_Ehdr header;
  std::memcpy(&header, code, sizeof(header));
  return fake::loadModule(
      module, std::string(static_cast<const char *>(code), header.e_shoff),
      "gfx942");
}

int hipModuleUnload(fake::Module *module) { return fake::unloadModule(module); }

int hipModuleGetFunction(void **function, fake::Module *module,
                         const char *name) {
  return fake::findFunction(function, module, name);
}

int hipModuleLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                          unsigned gridZ, unsigned blockX, unsigned blockY,
                          unsigned blockZ, unsigned, fake::Stream *stream,
                          void **parameters, void **) {
  return fake::launch(function,
                      int64_t(gridX) * gridY * gridZ * blockX * blockY * blockZ,
                      stream, parameters);
}
}
