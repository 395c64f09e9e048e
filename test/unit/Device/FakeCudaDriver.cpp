//===- FakeCudaDriver.cpp - A libcuda for tests ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <cstring>
#include <elf.h>

// The functions of CUDA's driver that the runtime looks up, by the prototypes
// that NVIDIA documents. The one GPU is an sm_90.

static const char deviceName[] = "Fake H100";

template <typename T>
static T *pointerTo(uintptr_t address) {
  return reinterpret_cast<T *>(address);
}

/// The bytes of PTX, or of an ELF file of headers alone.
static std::string moduleText(const char *code) {
  if (std::strncmp(code,
                   "\x7f"
                   "ELF",
                   4) != 0)
    return code;
  Elf64_Ehdr header;
  std::memcpy(&header, code, sizeof(header));
  return std::string(code, header.e_shoff);
}

extern "C" {

int cuInit(unsigned) { return fake::control().initializeCode; }

int cuGetErrorName(int code, const char **name) {
  *name = fake::codeName(code);
  return 0;
}

int cuGetErrorString(int code, const char **text) {
  *text = fake::codeText(code);
  return 0;
}

int cuDeviceGetCount(int *count) {
  *count = fake::control().deviceCount;
  return 0;
}

int cuDeviceGet(int *device, int index) {
  *device = 40 + index;
  return 0;
}

int cuDeviceGetName(char *name, int size, int device) {
  if (device == 40 + fake::control().brokenDevice)
    return fake::invalidValue;
  std::strncpy(name, deviceName, size);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  *value = attribute == 75 ? 9 : 0;
  return 0;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &fake::control();
  return 0;
}

int cuDevicePrimaryCtxRelease_v2(int) { return 0; }

int cuCtxSetCurrent(void *context) {
  if (context != &fake::control())
    return fake::invalidContext;
  fake::makeCurrent();
  return 0;
}

int cuCtxSynchronize() { return fake::synchronize(); }

int cuMemGetInfo_v2(size_t *free, size_t *total) {
  return fake::memoryInformation(free, total);
}

int cuMemAlloc_v2(uintptr_t *block, size_t bytes) {
  return fake::allocate(reinterpret_cast<void **>(block), bytes);
}

int cuMemFree_v2(uintptr_t block) {
  return fake::release(pointerTo<void>(block));
}

int cuMemcpyAsync(uintptr_t to, uintptr_t from, size_t bytes,
                  fake::Stream *stream) {
  return fake::copy(pointerTo<void>(to), pointerTo<void>(from), bytes, stream);
}

int cuMemsetD16Async(uintptr_t to, unsigned short value, size_t count,
                     fake::Stream *stream) {
  return fake::fill(pointerTo<void>(to), value, count, stream);
}

int cuMemsetD32Async(uintptr_t to, unsigned value, size_t count,
                     fake::Stream *stream) {
  return fake::fill(pointerTo<void>(to), value, count, stream);
}

int cuStreamCreate(fake::Stream **stream, unsigned) {
  return fake::createStream(stream);
}

int cuStreamDestroy_v2(fake::Stream *stream) {
  return fake::destroyStream(stream);
}

int cuStreamSynchronize(fake::Stream *stream) {
  return fake::synchronizeStream(stream);
}

int cuStreamWaitEvent(fake::Stream *stream, fake::Event *event, unsigned) {
  return fake::waitForEvent(stream, event);
}

int cuEventCreate(fake::Event **event, unsigned) {
  return fake::createEvent(event);
}

int cuEventDestroy_v2(fake::Event *event) { return fake::destroyEvent(event); }

int cuEventRecord(fake::Event *event, fake::Stream *stream) {
  return fake::recordEvent(event, stream);
}

int cuEventSynchronize(fake::Event *event) {
  return fake::synchronizeEvent(event);
}

int cuEventElapsedTime(float *milliseconds, fake::Event *first,
                       fake::Event *second) {
  return fake::elapsedTime(milliseconds, first, second);
}

int cuModuleLoadDataEx(fake::Module **module, const void *code,
                       unsigned optionCount, int *options, void **values) {
  std::string text = moduleText(static_cast<const char *>(code));
  bool isElf = text.starts_with("\x7f"
                                "ELF");
  // A cubin has its architecture in its flags, PTX in its text.
  if (isElf && text[0x31] != 90)
    return fake::noCodeForDevice;
  int result = fake::loadModule(module, text, isElf ? "" : ".target sm_");
  if (result == fake::invalidText && optionCount && options[0] == 5)
    std::strcpy(static_cast<char *>(values[0]), "line 2: a mistake\nand so on");
  return result;
}

int cuModuleUnload(fake::Module *module) { return fake::unloadModule(module); }

int cuModuleGetFunction(void **function, fake::Module *module,
                        const char *name) {
  return fake::findFunction(function, module, name);
}

int cuFuncSetAttribute(void *, int attribute, int value) {
  return attribute == 8 && value <= 200 << 10 ? 0 : fake::invalidValue;
}

int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                   unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned, fake::Stream *stream,
                   void **parameters, void **) {
  return fake::launch(function,
                      int64_t(gridX) * gridY * gridZ * blockX * blockY * blockZ,
                      stream, parameters);
}
}
