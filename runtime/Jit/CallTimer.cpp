//===- CallTimer.cpp - How long calls take on a device --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/CallTimer.h"

#include "runtime/Device/DeviceMirror.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <vector>

using namespace orcinus;

StatusOr<std::unique_ptr<CallTimer>> CallTimer::create(Device &device,
                                                       int threads) {
  std::unique_ptr<CallTimer> timer(new CallTimer(device, threads));
  if (device.kind() == DeviceKind::Host)
    return timer;
  for (DeviceEvent **event : {&timer->begin, &timer->end}) {
    StatusOr<DeviceEvent *> created = device.createEvent();
    if (!created.ok())
      return created.status();
    *event = *created;
  }
  return timer;
}

CallTimer::~CallTimer() {
  for (DeviceEvent *event : {begin, end})
    if (event)
      (void)device.destroyEvent(event);
}

/// One thread's work is timed by the processor time it takes, which does not
/// count what else the machine does meanwhile; several threads' by the clock.
static double microsecondsNow(int threads) {
  timespec now;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return 1e6 * now.tv_sec + 1e-3 * now.tv_nsec;
}

double CallTimer::microsecondsByClock(llvm::function_ref<void()> call,
                                      int calls) const {
  double start = microsecondsNow(threads);
  for (int turn = 0; turn < calls; ++turn)
    call();
  return microsecondsNow(threads) - start;
}

/// The time that `calls` in a row take.
StatusOr<double> CallTimer::microsecondsOf(llvm::function_ref<void()> call,
                                           int calls) {
  if (device.kind() == DeviceKind::Host)
    return microsecondsByClock(call, calls);
  if (Status status = device.record(begin, device.ownStream()); !status.ok())
    return status;
  for (int turn = 0; turn < calls; ++turn)
    call();
  // What went wrong in a call comes before what follows from it.
  if (Status status = device.takeError(); !status.ok())
    return status;
  if (Status status = device.record(end, device.ownStream()); !status.ok())
    return status;
  if (Status status = device.synchronize(end); !status.ok())
    return status;
  StatusOr<double> seconds = device.secondsBetween(begin, end);
  if (!seconds.ok())
    return seconds;
  return 1e6 * *seconds;
}

StatusOr<double> CallTimer::fastestMicroseconds(llvm::function_ref<void()> call,
                                                double totalMicroseconds,
                                                double enoughMicroseconds) {
  // Longer than the resolution of any clock by far, an event's half a
  // microsecond included, and than what comes before and after the calls.
  constexpr double roundMicroseconds = 500;
  int fewestRounds = 5;
  if (device.kind() == DeviceKind::Simulator) {
    // Its times are long and say nothing.
    fewestRounds = 1;
    totalMicroseconds = 0;
  }
  // Slower than this many times the best one that is known, the candidate is
  // out however it is timed; the first round may be slow for other reasons.
  constexpr double hopeless = 1.5;
  constexpr int roundsToDrop = 2;
  // Slower by this much, it will not be the best, and how slow it is need not
  // be known as well.
  constexpr double slower = 1.1;
  constexpr int roundsToTell = 3;
  double total = 0, best = std::numeric_limits<double>::infinity();
  int calls = 1;
  for (int round = 0; round < fewestRounds || total < totalMicroseconds;
       ++round) {
    StatusOr<double> elapsed = microsecondsOf(call, calls);
    if (!elapsed.ok())
      return elapsed;
    total += *elapsed;
    best = std::min(best, *elapsed / calls);
    // A short round is in large part what comes before and after the calls.
    if (*elapsed < roundMicroseconds)
      calls *= 2;
    else if (enoughMicroseconds > 0 &&
             ((round + 1 >= roundsToDrop &&
               best > hopeless * enoughMicroseconds) ||
              (round + 1 >= roundsToTell && 4 * total >= totalMicroseconds &&
               best > slower * enoughMicroseconds)))
      break;
  }
  return best;
}

/// How long the baseline is timed, at least.
static constexpr double baselineMicroseconds = 5000;

static StatusOr<double> measureHostBaseline(CallTimer &timer) {
  // In the nearest cache: what others do to further ones is not the core's
  // speed.
  constexpr size_t count = 1 << 11;
  static std::vector<float> values(count, 1.0f);
  return timer.fastestMicroseconds(
      [] {
        for (float &value : values)
          value = value * 0.999f + 0.001f;
      },
      baselineMicroseconds, /*enoughMicroseconds=*/0);
}

static StatusOr<double> measureCopyBaseline(Device &device, CallTimer &timer) {
  constexpr size_t bytes = size_t(4) << 20;
  StatusOr<DeviceBlock> from = DeviceBlock::allocate(device, bytes);
  if (!from.ok())
    return from.status();
  StatusOr<DeviceBlock> to = DeviceBlock::allocate(device, bytes);
  if (!to.ok())
    return to.status();
  return timer.fastestMicroseconds(
      [&] {
        if (Status status =
                device.copyOnDevice(to->address(), from->address(), bytes);
            !status.ok())
          device.remember(std::move(status));
      },
      baselineMicroseconds, /*enoughMicroseconds=*/0);
}

StatusOr<double> orcinus::measureBaseline(Device &device) {
  StatusOr<std::unique_ptr<CallTimer>> timer =
      CallTimer::create(device, /*threads=*/1);
  if (!timer.ok())
    return timer.status();
  return device.kind() == DeviceKind::Host
             ? measureHostBaseline(**timer)
             : measureCopyBaseline(device, **timer);
}
