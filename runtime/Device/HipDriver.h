//===- HipDriver.h - AMD's driver -------------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_HIPDRIVER_H
#define RUNTIME_DEVICE_HIPDRIVER_H

#include "runtime/Device/GpuDriver.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// libamdhip64, opened at run time: no header and no library of a toolkit is
/// needed to build.
class HipDriver : public GpuDriver {
public:
  /// Opens GPU `index` by `library`, or where that is empty by the driver that
  /// the system has. Errors: no driver, one that is too old, no such GPU.
  static StatusOr<std::unique_ptr<GpuDriver>> open(const std::string &library,
                                                   int index);

  /// How many GPUs the driver has, at least one, without opening one. Errors:
  /// no driver, one that is too old, no GPU.
  static StatusOr<int> count(const std::string &library);

  /// What is looked up in the library.
  static std::vector<std::string> symbolNames();
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_HIPDRIVER_H
