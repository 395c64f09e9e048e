//===- DeviceCommunicatorTest.cpp - Processes with a device each ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/DeviceCommunicator.h"

#include "FakeNccl.h"

#include <gtest/gtest.h>

#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <thread>

using namespace orcinus;

namespace {

fake::NcclControl &ncclControl() {
  void *handle = dlopen(ORCINUS_FAKE_NCCL, RTLD_NOW);
  auto *find = reinterpret_cast<decltype(&fakeNcclControl)>(
      dlsym(handle, "fakeNcclControl"));
  return *find();
}

/// What connects devices: nothing but the processes, or the fake of NCCL.
class DeviceCommunicatorTest : public testing::TestWithParam<const char *> {
protected:
  DeviceCommunicatorTest() { ncclControl() = fake::NcclControl(); }

  /// Calls `work` for each of so many processes, in a thread of its own.
  static void
  forAll(int size, const std::function<void(Device &, Communicator &)> &work) {
    auto members = makeLocalGroup(size);
    std::vector<std::thread> threads;
    for (std::shared_ptr<Communicator> &member : members)
      threads.emplace_back([&work, own = std::move(member)]() mutable {
        auto device = openDevice(DeviceKind::Simulator);
        ASSERT_TRUE(device.ok());
        work(**device, *own);
        own.reset();
      });
    members.clear();
    for (std::thread &thread : threads)
      thread.join();
  }
};

/// Every process with every other one, of several sizes.
TEST_P(DeviceCommunicatorTest, Exchanges) {
  for (int size : {1, 2, 4})
    forAll(size, [&](Device &device, Communicator &processes) {
      auto connected = connectDevices(device, processes, GetParam());
      ASSERT_TRUE(connected.ok()) << connected.message();
      for (size_t count : {1, 1000}) {
        std::vector<int32_t> own(count, processes.rank()), other(count, -1);
        size_t bytes = count * sizeof(int32_t);
        auto sent = device.allocate(bytes), received = device.allocate(bytes);
        ASSERT_TRUE(sent.ok() && received.ok());
        ASSERT_TRUE(device.copyToDevice(*sent, own.data(), bytes).ok());
        for (int distance = 1; distance < size; distance *= 2) {
          int partner = processes.rank() ^ distance;
          Status status =
              (*connected)
                  ->exchange(
                      partner,
                      std::span(static_cast<std::byte *>(*sent), bytes),
                      std::span(static_cast<std::byte *>(*received), bytes),
                      device.ownStream());
          ASSERT_TRUE(status.ok()) << status.message();
          ASSERT_TRUE(device.copyToHost(other.data(), *received, bytes).ok());
          EXPECT_EQ(other, std::vector<int32_t>(count, partner));
        }
        ASSERT_TRUE(device.release(*sent).ok());
        ASSERT_TRUE(device.release(*received).ok());
      }
    });
  EXPECT_EQ(ncclControl().liveMembers, 0);
  // Two sizes, among two and among four.
  EXPECT_EQ(ncclControl().messages, *GetParam() ? 2 * (2 + 8) : 0);
}

INSTANTIATE_TEST_SUITE_P(Libraries, DeviceCommunicatorTest,
                         testing::Values("", ORCINUS_FAKE_NCCL),
                         [](const auto &tested) {
                           return *tested.param ? "Nccl" : "Host";
                         });

class NcclTest : public DeviceCommunicatorTest {};

TEST_F(NcclTest, AllAreToldWhereOneHasNoLibrary) {
  forAll(2, [&](Device &device, Communicator &processes) {
    bool lacksIt = processes.rank() == 1;
    auto connected = connectDevices(
        device, processes, lacksIt ? "/nowhere/libnccl.so" : ORCINUS_FAKE_NCCL);
    ASSERT_FALSE(connected.ok());
    const std::string &message = connected.message();
    EXPECT_NE(message.find(lacksIt ? "/nowhere/libnccl.so"
                                   : "another process cannot connect its GPU"),
              std::string::npos)
        << message;
    // Nobody waits to join: the processes still hear each other.
    EXPECT_TRUE(processes.meet().ok());
  });
  EXPECT_EQ(ncclControl().liveMembers, 0);
}

TEST_F(NcclTest, AllAreToldWhereOneCannotJoin) {
  ncclControl().refusedRank = 1;
  forAll(2, [&](Device &device, Communicator &processes) {
    auto connected = connectDevices(device, processes, ORCINUS_FAKE_NCCL);
    ASSERT_FALSE(connected.ok());
    EXPECT_NE(connected.message().find(
                  processes.rank() == 1 ? "invalid usage" : "another process"),
              std::string::npos)
        << connected.message();
  });
  EXPECT_EQ(ncclControl().liveMembers, 0);
}

TEST_F(NcclTest, ALibraryThatIsNotNcclIsNamed) {
  forAll(1, [&](Device &device, Communicator &processes) {
    auto connected = connectDevices(device, processes, "libc.so.6");
    ASSERT_FALSE(connected.ok());
    EXPECT_EQ(connected.message(), "libc.so.6 has no ncclGetErrorString");
  });
}

TEST_F(NcclTest, AFailedExchangeIsAnError) {
  forAll(2, [&](Device &device, Communicator &processes) {
    auto connected = connectDevices(device, processes, ORCINUS_FAKE_NCCL);
    ASSERT_TRUE(connected.ok()) << connected.message();
    ASSERT_TRUE(processes.meet().ok());
    if (processes.rank() == 0)
      ncclControl().failsToExchange = true;
    ASSERT_TRUE(processes.meet().ok());
    float value = 1, other = 0;
    Status status = (*connected)
                        ->exchange(1 - processes.rank(),
                                   std::as_bytes(std::span(&value, 1)),
                                   std::as_writable_bytes(std::span(&other, 1)),
                                   device.ownStream());
    EXPECT_EQ(status.code(), StatusCode::Unavailable);
    EXPECT_NE(status.message().find("network error"), std::string::npos)
        << status.message();
  });
  EXPECT_EQ(ncclControl().liveMembers, 0);
}

/// The fake has what is looked up, and nothing is looked up that it lacks.
TEST_F(NcclTest, AllSymbolsAreThoseOfTheLibrary) {
  void *handle = dlopen(ORCINUS_FAKE_NCCL, RTLD_NOW);
  ASSERT_TRUE(handle);
  EXPECT_FALSE(ncclSymbolNames().empty());
  for (const std::string &name : ncclSymbolNames())
    EXPECT_TRUE(dlsym(handle, name.c_str())) << name;
}

} // namespace
