//===- OperatorTensors.h - What an operator's programs run on ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORTENSORS_H
#define ORCINUS_RUNTIME_JIT_OPERATORTENSORS_H

#include "runtime/Device/DeviceMirror.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Jit/OperatorCompiler.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// Elements of tensors, one vector a tensor.
using TensorValues = std::vector<std::vector<float>>;

/// Arguments for an operator, the same each time.
TensorValues drawArguments(const OperatorSignature &signature);

/// The arguments and results of an operator, in the memory of a device. The
/// results lie between elements that a right program leaves alone.
class OperatorTensors {
public:
  /// Errors: out of memory. The device must outlive the tensors.
  static StatusOr<OperatorTensors> allocate(Device &device,
                                            const OperatorSignature &signature);

  /// Sets the arguments, for an operator that adds to one of them may do so in
  /// place, and fills results with what no right program computes, so that
  /// elements which are never written show.
  Status prepare(const TensorValues &arguments);

  /// What a packed function takes: a descriptor for each argument and result, a
  /// number for each scalar.
  void **descriptors() { return pointers.data(); }

  /// Brings the results to the host. Errors: of the device.
  Status readResults();
  /// What was read.
  size_t resultCount() const { return results.size(); }
  std::span<const float> result(size_t number) const;
  /// The first element that is what `prepare` has left there, or was summed
  /// onto it; nothing where there is none.
  std::optional<size_t> firstUnwritten(size_t number) const;
  /// Whether elements around the result were changed.
  bool wroteBeside(size_t number) const;

private:
  struct Tensor {
    DeviceBlock block;
    size_t size = 0;
    /// A result with what is around it, on the host; a scalar argument.
    std::vector<float> image;
    float *data() const;
  };

  explicit OperatorTensors(Device &device) : device(&device) {}
  StatusOr<Tensor> append(const std::vector<int64_t> &shape);

  Device *device;
  std::vector<Tensor> arguments, results;
  /// Which arguments are passed by value.
  std::vector<bool> isScalar;
  std::vector<MemRef> memrefs;
  std::vector<void *> pointers;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORTENSORS_H
