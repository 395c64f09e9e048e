//===- OperatorProgram.h - A linked program of an operator ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORPROGRAM_H
#define ORCINUS_RUNTIME_JIT_OPERATORPROGRAM_H

#include "runtime/Device/Device.h"
#include "runtime/Jit/Executable.h"

#include <memory>
#include <string>

namespace orcinus {

/// A linked program of an operator, its kernels loaded.
class OperatorProgram {
public:
  /// Links `object` and finds `function` in it, which runs on `device`; the
  /// device must outlive the program. Errors: an object that cannot be linked,
  /// those of the device.
  static StatusOr<std::unique_ptr<OperatorProgram>>
  load(const std::string &object, const std::string &function, Device &device);
  ~OperatorProgram();

  Executable::PackedFunction function() const { return entry; }

  /// What packs the weights among the arguments, to be called once on the same
  /// arguments before `function`; null where nothing is to be packed.
  Executable::PackedFunction preparation() const { return prepare; }

private:
  explicit OperatorProgram(Device &device) : device(device) {}

  Device &device;
  std::unique_ptr<Executable> executable;
  Executable::PackedFunction entry = nullptr, prepare = nullptr;
  DeviceModule *kernels = nullptr;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORPROGRAM_H
