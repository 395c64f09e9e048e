//===- NcclCommunicator.cpp - GPUs that NCCL or RCCL connects -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The libraries are opened at run time, so that one build runs with and without
// them. What is declared here is the binary interface that NCCL 2 documents,
// which RCCL has under the same names; both have sent and received since 2.7.
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/DeviceCommunicator.h"
#include "runtime/Device/DynamicLibrary.h"

#include <array>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

using namespace orcinus;

namespace {

/// ncclComm.
struct NcclGroup;

/// ncclUniqueId, which is passed by value.
struct NcclId {
  std::array<char, 128> bytes;
};

/// ncclInt8: what is sent is bytes.
constexpr int byteType = 0;
/// ncclInProgress: work that is not done yet is no failure.
constexpr int inProgress = 7;

struct NcclFunctions {
  const char *(*errorText)(int code);
  int (*uniqueId)(NcclId *id);
  int (*initialize)(NcclGroup **group, int size, NcclId id, int rank);
  int (*destroy)(NcclGroup *group);
  int (*abort)(NcclGroup *group);
  int (*beginGroup)();
  int (*endGroup)();
  int (*send)(const void *data, size_t count, int type, int partner,
              NcclGroup *group, DeviceStream *stream);
  int (*receive)(void *data, size_t count, int type, int partner,
                 NcclGroup *group, DeviceStream *stream);

  template <typename Visit>
  void forEach(Visit visit) {
    visit(errorText, "ncclGetErrorString");
    visit(uniqueId, "ncclGetUniqueId");
    visit(initialize, "ncclCommInitRank");
    visit(destroy, "ncclCommDestroy");
    visit(abort, "ncclCommAbort");
    visit(beginGroup, "ncclGroupStart");
    visit(endGroup, "ncclGroupEnd");
    visit(send, "ncclSend");
    visit(receive, "ncclRecv");
  }
};

const char *libraryName(DeviceKind kind) {
  return kind == DeviceKind::Hip ? "RCCL" : "NCCL";
}

class NcclCommunicator : public DeviceCommunicator {
public:
  NcclCommunicator(const NcclFunctions &nccl, NcclGroup *group, Device &device)
      : nccl(nccl), group(group), device(device) {}
  ~NcclCommunicator() override {
    // It frees memory of the device, which must be current.
    if (!device.makeCurrent().ok())
      return;
    if (hasFailed)
      nccl.abort(group);
    else
      nccl.destroy(group);
  }

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received,
                  DeviceStream *stream) override {
    if (Status status = device.makeCurrent(); !status.ok())
      return status;
    int code = nccl.beginGroup();
    if (code == 0)
      code =
          nccl.send(sent.data(), sent.size(), byteType, partner, group, stream);
    if (code == 0)
      code = nccl.receive(received.data(), received.size(), byteType, partner,
                          group, stream);
    // A group that was begun is ended, whatever came of it.
    int ended = nccl.endGroup();
    if (code == 0)
      code = ended;
    if (code == 0 || code == inProgress)
      return Status();
    hasFailed = true;
    return Status::error("another process's GPU cannot be reached: " +
                             std::string(libraryName(device.kind())) + ": " +
                             nccl.errorText(code),
                         StatusCode::Unavailable);
  }

private:
  NcclFunctions nccl;
  NcclGroup *group;
  Device &device;
  bool hasFailed = false;
};

StatusOr<NcclFunctions> loadNccl(DeviceKind kind, const std::string &library) {
  std::vector<std::string> names;
  if (!library.empty())
    names = {library};
  else if (kind == DeviceKind::Hip)
    names = {"librccl.so.1", "librccl.so"};
  else
    names = {"libnccl.so.2", "libnccl.so"};
  StatusOr<DynamicLibrary> opened = DynamicLibrary::open(names);
  if (!opened.ok())
    return Status::error(std::string("cannot open ") + libraryName(kind) +
                             ": " + opened.message(),
                         StatusCode::Unavailable);
  NcclFunctions functions = {};
  const char *missing = nullptr;
  functions.forEach([&](auto &pointer, const char *symbol) {
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(
        opened->find(symbol));
    if (!pointer && !missing)
      missing = symbol;
  });
  if (missing)
    return Status::error(names.front() + " has no " + missing,
                         StatusCode::Unavailable);
  return functions;
}

/// The first failure of any process, so that all do the same afterwards.
Status agreeOn(const Status &own, Communicator &processes) {
  double failures = own.ok() ? 0 : 1;
  if (Status status = processes.sum(std::span(&failures, 1)); !status.ok())
    return status;
  if (!own.ok() || failures == 0)
    return own;
  return Status::error("another process cannot connect its GPU",
                       StatusCode::Unavailable);
}

} // namespace

std::vector<std::string> orcinus::ncclSymbolNames() {
  std::vector<std::string> names;
  NcclFunctions().forEach(
      [&](auto &, const char *symbol) { names.emplace_back(symbol); });
  return names;
}

StatusOr<std::unique_ptr<DeviceCommunicator>>
orcinus::connectByNccl(Device &device, Communicator &processes,
                       const std::string &library) {
  StatusOr<NcclFunctions> nccl = loadNccl(device.kind(), library);
  auto failureOf = [&](int code, const char *what) {
    return code == 0 ? Status()
                     : Status::error(std::string(libraryName(device.kind())) +
                                         " cannot " + what + ": " +
                                         nccl->errorText(code),
                                     StatusCode::Unavailable);
  };
  // Who joins waits for all: none does where one cannot.
  Status status = nccl.status();
  if (status.ok())
    status = device.makeCurrent();
  NcclId id = {};
  if (status.ok() && processes.rank() == 0)
    status = failureOf(nccl->uniqueId(&id), "begin");
  status = agreeOn(status, processes);
  if (!status.ok())
    return status;
  status = processes.broadcast(std::as_writable_bytes(std::span(id.bytes)));
  if (!status.ok())
    return status;
  NcclGroup *group = nullptr;
  status = failureOf(
      nccl->initialize(&group, processes.size(), id, processes.rank()),
      "connect the GPUs of the processes");
  std::unique_ptr<DeviceCommunicator> connected;
  if (status.ok())
    connected = std::make_unique<NcclCommunicator>(*nccl, group, device);
  status = agreeOn(status, processes);
  if (!status.ok())
    return status;
  return connected;
}
