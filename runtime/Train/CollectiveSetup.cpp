//===- CollectiveSetup.cpp - Connecting what shards bring together --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/DeviceCommunicator.h"
#include "runtime/Train/RowExchange.h"
#include "runtime/Train/SumMemory.h"
#include "runtime/Train/TrainerImplementation.h"

#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

using namespace orcinus;

/// Adds the gradients of shards beside the steps, and on the device that makes
/// them.
Status Trainer::Implementation::connectCollectives() {
  if (!collectives)
    return Status();
  auto made = duplicateForBackground();
  if (!made.ok())
    return made.status();
  std::shared_ptr<Communicator> background = std::move(*made);
  if (device)
    if (Status status =
            addOnDevice(background ? background.get() : processes.get());
        !status.ok())
      return status;
  return background ? collectives->sendBeside(std::move(background)) : Status();
}

/// What sums are sent through beside the steps, the same in all processes: null
/// for one alone, and where a library is called by one thread alone, so that
/// steps wait for messages.
StatusOr<std::shared_ptr<Communicator>>
Trainer::Implementation::duplicateForBackground() {
  std::shared_ptr<Communicator> none;
  if (!processes || processes->size() == 1)
    return none;
  auto other = processes->duplicate(Communicator::Waiting::Patient);
  double able = other.ok() ? 1 : 0;
  if (Status status = processes->sum(std::span(&able, 1)); !status.ok())
    return status;
  if (able == 0)
    return none;
  if (able != processes->size())
    return other.ok() ? Status::error("another process of this run cannot send "
                                      "beside its steps, as this one can: "
                                      "start MPI alike in all",
                                      StatusCode::Unavailable)
                      : other.status();
  return std::move(*other);
}

Status Trainer::Implementation::addOnDevice(Communicator *others) {
  int size = others ? others->size() : 1, rank = others ? others->rank() : 0;
  std::shared_ptr<DeviceCommunicator> devices;
  if (size > 1) {
    const char *library = std::getenv("ORCINUS_NCCL");
    auto connected = connectDevices(*device, *others, library ? library : "");
    if (!connected.ok()) {
      hostSumsReason = connected.message();
      return Status();
    }
    devices = std::move(*connected);
  }
  auto memory = deviceSums(*model, *device, devices, rank, size);
  if (!memory.ok())
    return memory.status();
  collectives->addOnDevice(std::move(*memory));
  // Where each process has some rows alone, they are the host's.
  if (state->caches.empty() ||
      (state->exchange && state->exchange->cutsCaches()))
    return Status();
  auto rows =
      DeviceRows::create(*model, *device, *state, std::move(devices), rank);
  if (!rows.ok())
    return rows.status();
  deviceRows = std::move(*rows);
  sharder->storeRowsBy(deviceRows.get());
  return Status();
}

void Trainer::Implementation::noteCollectives(
    TrainingObserver *observer) const {
  if (observer && !hostSumsReason.empty())
    observer->onNote("the gradients of all GPUs are added on the hosts: " +
                     hostSumsReason);
}
