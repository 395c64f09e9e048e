//===- CallTimer.h - How long calls take on a device ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_CALLTIMER_H
#define ORCINUS_RUNTIME_JIT_CALLTIMER_H

#include "runtime/Device/Device.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>

namespace orcinus {

/// Times calls: on the host by its clocks, on any other device by events around
/// them.
class CallTimer {
public:
  /// For calls that divide their work among `threads` of the host. The device
  /// must outlive the timer. Errors: of the device.
  static StatusOr<std::unique_ptr<CallTimer>> create(Device &device,
                                                     int threads);
  ~CallTimer();

  /// Microseconds of a call, those of the fastest round: other work only ever
  /// slows a round down. It goes on for `totalMicroseconds` at least, but where
  /// a call takes a multiple of `enoughMicroseconds`, which 0 leaves open, it
  /// is too slow to matter, and timed no further. On a device, calls give work
  /// to its own stream, and do not wait for it. Errors: of the device.
  StatusOr<double> fastestMicroseconds(llvm::function_ref<void()> call,
                                       double totalMicroseconds,
                                       double enoughMicroseconds);

private:
  CallTimer(Device &device, int threads) : device(device), threads(threads) {}
  StatusOr<double> microsecondsOf(llvm::function_ref<void()> call, int calls);
  double microsecondsByClock(llvm::function_ref<void()> call, int calls) const;

  Device &device;
  int threads;
  /// Null for the host.
  DeviceEvent *begin = nullptr, *end = nullptr;
};

/// The time of a fixed loop of the host, or of a fixed copy on another device:
/// how fast it is at this moment. Errors: of the device.
StatusOr<double> measureBaseline(Device &device);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_CALLTIMER_H
