//===- DeviceTestSupport.cpp - Devices for tests --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceTestSupport.h"

#include "runtime/Device/HostDevice.h"

#include <gtest/gtest.h>

#include <cstring>
#include <dlfcn.h>
#include <elf.h>

using namespace orcinus;

fake::Control &test::resetControl(const char *library) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  auto *find =
      reinterpret_cast<decltype(&fakeControl)>(dlsym(handle, "fakeControl"));
  fake::Control &control = *find();
  size_t used = control.usedBytes;
  int streams = control.liveStreams;
  control = fake::Control();
  control.usedBytes = used;
  control.liveStreams = streams;
  return control;
}

/// Has the host device run the kernel.
static Status launchOnHost(const SimulatedKernel &kernel,
                           const LaunchSize &grid, const LaunchSize &block,
                           int64_t sharedBytes, void **parameters) {
  HostDevice host({});
  auto *function = reinterpret_cast<DeviceFunction *>(
      const_cast<SimulatedKernel *>(&kernel));
  return host.launch(function, grid, block, sharedBytes, nullptr, parameters);
}

DeviceOptions test::simulatorOptions() {
  DeviceOptions options;
  options.simulatedLauncher = launchOnHost;
  return options;
}

const char test::scalePtx[] = R"(
.version 6.4
.target sm_75
.address_size 64
.visible .entry scale(.param .u64 values, .param .f32 factor, .param .u64 count)
{
  .reg .pred %p<2>;
  .reg .b32 %r<5>;
  .reg .f32 %f<4>;
  .reg .b64 %d<7>;
  ld.param.u64 %d1, [values];
  ld.param.f32 %f1, [factor];
  ld.param.u64 %d2, [count];
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mad.lo.s32 %r4, %r1, %r2, %r3;
  cvt.u64.u32 %d3, %r4;
  setp.ge.u64 %p1, %d3, %d2;
  @%p1 bra done;
  cvta.to.global.u64 %d4, %d1;
  shl.b64 %d5, %d3, 2;
  add.s64 %d6, %d4, %d5;
  ld.global.f32 %f2, [%d6];
  mul.f32 %f3, %f2, %f1;
  st.global.f32 [%d6], %f3;
done:
  ret;
}
)";

std::string test::makeElf(uint16_t machine, uint32_t flags,
                          const std::string &text) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_ABIVERSION] = 8;
  header.e_machine = machine;
  header.e_flags = flags;
  header.e_shoff = sizeof(header) + text.size();
  return std::string(reinterpret_cast<char *>(&header), sizeof(header)) + text;
}

std::string test::makeCodeObject(const std::string &architecture) {
  return makeElf(224, 0, "amdgcn-amd-amdhsa--" + architecture + "\nscale\n");
}

std::string test::makeCubin(uint32_t version) {
  return makeElf(190, version << 8, "scale\n");
}

void test::expectError(const Status &status, const char *words) {
  ASSERT_FALSE(status.ok()) << "wanted: " << words;
  EXPECT_NE(status.message().find(words), std::string::npos)
      << status.message();
  EXPECT_EQ(status.message().find('\n'), std::string::npos);
}
