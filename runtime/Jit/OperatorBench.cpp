//===- OperatorBench.cpp - Time the programs of an operator --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorBench.h"

#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/OperatorProgram.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

/// How long a candidate is timed, at least.
static constexpr double candidateMicroseconds = 20000;

StatusOr<std::unique_ptr<OperatorBench>>
OperatorBench::create(OperatorCompiler &compiler, llvm::StringRef module,
                      Device &device, int threads) {
  StatusOr<OperatorSignature> signature = compiler.signature(module);
  if (!signature.ok())
    return signature.status();
  TensorValues inputs = drawArguments(*signature);
  StatusOr<OperatorReference> reference =
      OperatorReference::compute(compiler, module, *signature, inputs);
  if (!reference.ok())
    return reference.status();
  StatusOr<OperatorTensors> tensors =
      OperatorTensors::allocate(device, *signature);
  if (!tensors.ok())
    return tensors.status();
  StatusOr<std::unique_ptr<CallTimer>> timer =
      CallTimer::create(device, threads);
  if (!timer.ok())
    return timer.status();
  std::unique_ptr<OperatorBench> bench(
      new OperatorBench(device, std::move(*tensors), std::move(*reference),
                        std::move(*timer), threads));
  bench->function = signature->function;
  bench->inputs = std::move(inputs);
  return bench;
}

//===----------------------------------------------------------------------===//
// A candidate
//===----------------------------------------------------------------------===//

/// What is wrong with the results; empty where they are right.
std::string OperatorBench::compareResults() const {
  std::vector<std::span<const float>> results;
  for (size_t number = 0; number < tensors.resultCount(); ++number) {
    if (tensors.wroteBeside(number))
      return llvm::formatv("writes beside result {0}", number);
    if (std::optional<size_t> element = tensors.firstUnwritten(number))
      return llvm::formatv("element {0} of result {1} is never initialised",
                           *element, number);
    results.push_back(tensors.result(number));
  }
  return reference.compare(results);
}

static Measurement failure(MeasureStatus status, std::string message) {
  Measurement measurement;
  measurement.status = status;
  measurement.message = std::move(message);
  return measurement;
}

/// What becomes of a candidate at which something failed.
Measurement OperatorBench::failed(const Status &error) const {
  // After a fault in a kernel, a GPU refuses whatever comes next.
  if (!device.synchronize().ok())
    return failure(MeasureStatus::Crash, error.message());
  return failure(error.code() == StatusCode::OutOfMemory
                     ? MeasureStatus::Memory
                     : MeasureStatus::Rejected,
                 error.message());
}

/// Runs `program` on the inputs once; nothing where its results are right.
std::optional<Measurement>
OperatorBench::check(Executable::PackedFunction program) {
  if (Status status = tensors.prepare(inputs); !status.ok())
    return failed(status);
  program(tensors.descriptors());
  if (Status status = device.takeError(); !status.ok())
    return failed(status);
  if (Status status = tensors.readResults(); !status.ok())
    return failed(status);
  if (std::string wrong = compareResults(); !wrong.empty())
    return failure(MeasureStatus::WrongResult, std::move(wrong));
  return std::nullopt;
}

Measurement OperatorBench::measure(Executable::PackedFunction program,
                                   double enoughMicroseconds) {
  DeviceScope scope(&device, device.ownStream());
  // The first call also warms up what the timed ones use.
  if (std::optional<Measurement> wrong = check(program))
    return std::move(*wrong);
  StatusOr<double> microseconds =
      timer->fastestMicroseconds([&] { program(tensors.descriptors()); },
                                 candidateMicroseconds, enoughMicroseconds);
  if (!microseconds.ok())
    return failed(microseconds.status());
  // Once more: threads that race may be right the first time.
  if (std::optional<Measurement> wrong = check(program))
    return std::move(*wrong);
  Measurement measurement;
  measurement.microseconds = *microseconds;
  return measurement;
}

Measurement OperatorBench::measure(const std::string &object,
                                   double enoughMicroseconds) {
  auto program = OperatorProgram::load(object, function, device);
  if (!program.ok())
    return failed(program.status());
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  if (Executable::PackedFunction prepare = (*program)->preparation()) {
    if (Status status = tensors.prepare(inputs); !status.ok())
      return failed(status);
    prepare(tensors.descriptors());
  }
  return measure((*program)->function(), enoughMicroseconds);
}
